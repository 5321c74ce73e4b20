"""Where a place is, offline: towns, areas, postcodes and distances."""
