"""The reference issuer: makes keys and codes for the demo, the tests and pilots."""
