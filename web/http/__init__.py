"""What stands in front of every view."""
