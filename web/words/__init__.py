"""Codes, numbers and times in words."""
