"""The guards of a site: their roster, their PINs and its file."""
