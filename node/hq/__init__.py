"""What only HQ's seed node does: its keys, its registry, its invitations."""
