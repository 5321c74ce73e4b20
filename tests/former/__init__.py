"""Filled databases of each former schema, made by the code of their time (README.md says how)."""
