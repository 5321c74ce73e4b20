"""What the leads of a chapter see and do."""
