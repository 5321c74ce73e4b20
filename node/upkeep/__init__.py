"""What keeps a node alive: its backups, and the way back from one."""
