"""What `rtr demo` shows: real nodes on loopback, what their chapters list, and chapters on paper beside them."""
