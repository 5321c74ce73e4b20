"""Upgrades of an installed node: real programs and databases, and a small stand-in for systemd."""
