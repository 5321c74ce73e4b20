"""How the server does, in words."""
