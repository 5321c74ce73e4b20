"""What `rtr demo` shows: four nodes on loopback, and what their chapters list."""
