"""Carries sealed datagrams between the gates of a site; it has no key to any of them."""
