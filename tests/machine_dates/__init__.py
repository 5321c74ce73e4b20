"""Leads who tap at random, in whatever order and hour."""
