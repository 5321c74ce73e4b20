"""Urgent changes on their way to the other nodes."""
