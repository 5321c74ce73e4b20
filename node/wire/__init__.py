"""Talking to other nodes: bounded, at permitted addresses, without a database."""
