"""Whoever comes: how they are reached, what they are told, and what their lead may do for them on the day."""
