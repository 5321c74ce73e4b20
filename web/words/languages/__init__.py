"""Texts that chapters write, in the languages that they are written in."""
