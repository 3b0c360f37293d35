"""What an operator's machine makes and gates load."""
