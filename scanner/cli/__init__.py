"""`checkpoint ...`: one file a command; heavy imports stay inside the commands that need them."""
