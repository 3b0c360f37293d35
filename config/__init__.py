"""Settings: one typed tree, its defaults and the files that override them."""
