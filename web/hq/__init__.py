"""What the people of HQ see and do."""
