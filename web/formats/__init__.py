"""Occurrences in, bytes of a standard format out. Pure."""
