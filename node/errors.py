"""Base of this package's errors."""


class NodeError(Exception):
    """Everything that node/ refuses."""
