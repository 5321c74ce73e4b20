"""What leads type, one module a noun."""
