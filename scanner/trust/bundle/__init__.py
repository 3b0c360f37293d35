"""The trust bundle: a TUF repository, verified offline from whatever folder or address holds it."""
