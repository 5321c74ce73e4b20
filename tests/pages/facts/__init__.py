"""The looks at what chapters say of their runs, and what makes them."""
