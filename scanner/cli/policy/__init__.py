"""`checkpoint policy`: rules of layers on their author's desk, before anybody signs them."""
