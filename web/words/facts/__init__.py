"""What is still true of a chapter and its runs, in words."""
