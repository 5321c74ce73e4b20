"""Upgrades of a node that runs on Debian itself: a new version beside the old one, and a way back."""
