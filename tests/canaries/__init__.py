"""Canaries: a string of its own in each private field, and a search for it wherever it must not be."""
