"""What is measured: run with `make bench`. Nothing here passes or fails."""
