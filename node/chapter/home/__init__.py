"""Which keys the chapter signs with, and where it lives."""
