"""Commands that found a chapter, and decide which keys and which address it has."""
