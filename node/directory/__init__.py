"""What this node holds of every chapter, and how pages and other nodes read it."""
