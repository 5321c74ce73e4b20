"""Every page of the URL map, in each situation it can be in. `python -m tests.pages` makes screenshots of all."""
