"""Base of this package's errors."""

from federation.errors import FederationError


class NodeError(Exception):
    """Everything that node/ refuses. `code`: its machine-readable name in problem documents."""

    code = "refused"


class Stopping(BaseException):
    """This node ends: whatever waits for another node ends now. Like KeyboardInterrupt it is nobody's trouble."""


class NotFound(NodeError):
    """There is no such run, chapter, listing or document here."""

    code = "not-found"


class ChangedMeanwhile(NodeError):
    """Somebody else was quicker: what was asked for is no answer to how things stand now."""

    code = "changed-meanwhile"


class Busy(NodeError):
    """This node does as much of what was asked for as it does at a time. Another try a little later succeeds."""

    code = "busy"


class NotHeld(NotFound):
    """The chapter is known, but nothing of it is held now."""


class CannotSign(NodeError):
    """What was to be said could not be signed: nothing was changed, and nobody was told. The node's fault, no lead's.

    Its key is missing, unreadable or not the one that its root names, or what it signed would be refused by others.
    """

    code = "cannot-sign"

    @classmethod
    def refused(cls, error: FederationError) -> "CannotSign":
        """Our own reader refuses what we sign, for a key that is not ours, say. No visitor is to blame."""
        return cls(f"what this node signs is refused ({error.code}): {error}")


class KeyUnreadable(CannotSign):
    """The signing key is missing or cannot be read. The message is one line and says the way out."""


class MovedAway(NodeError):
    """The chapter has left this server, and nothing is changed here any more.

    `address`: where it lives. `is_here`: at this very address, on another server.
    """

    code = "moved-away"

    def __init__(self, address: str, *, is_here: bool) -> None:
        where = "another server" if is_here else address
        super().__init__(f"this chapter has moved to {where}: nothing is changed here any more")
        self.address, self.is_here = address, is_here


class CannotUnseal(NodeError):
    """What members told this chapter cannot be read, or nothing more can be kept: the key of it is gone or another one.

    The message is one line and says what to do. Nothing was changed. Runs and their dates go on as ever.
    """

    code = "cannot-unseal"


class InvalidInput(NodeError):
    """What a person typed cannot be kept as it is. `problems`: field name to a code that pages put into words."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in problems.items()))
        self.problems = problems


class NotFounded(NotFound):
    """This node has no chapter yet: somebody is setting it up."""

    code = "not-founded"
