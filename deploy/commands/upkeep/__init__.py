"""Commands that look after a node: its health, its database, its copies."""
