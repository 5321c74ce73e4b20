"""Pages for whoever has an account."""
