"""This node's own chapter: its leads, its runs, and the document that it signs."""
