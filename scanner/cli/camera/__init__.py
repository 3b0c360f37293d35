"""`checkpoint camera`: which cameras there are, what they deliver, and an aid to aim them."""
