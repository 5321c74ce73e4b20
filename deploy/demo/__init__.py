"""What `rtr demo` starts: real nodes on loopback, their chapters and runs, and chapters without a node."""
