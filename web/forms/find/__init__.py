"""The form of a search: the place, the days, and what a run must have."""
