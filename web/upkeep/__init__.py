"""Pages about the server itself, and answers for programs that watch over it."""
