"""What letters say: one function a kind. Text and HTML are made from the same blocks (written)."""
