"""All refusals of the protocol as one exception tree. PROTOCOL.md §12 maps each to an HTTP status."""

#: Characters of what an error says.
MAX_DETAIL = 200


def one_line(text: str) -> str:
    """`text` as it may stand in a log: printable, on one line, at most MAX_DETAIL characters.

    A peer's words may be quoted in `text`: whole feeds, line feeds that forge a line, controls of a terminal.
    """
    shown = text[: MAX_DETAIL + 1]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return shown if len(shown) <= MAX_DETAIL else shown[: MAX_DETAIL - 1] + "…"


class FederationError(Exception):
    """Base of every refusal. `code` is the machine-readable name that problem documents and logs carry.

    `detail` is for people: `one_line` of what is given.
    """

    code = "refused"

    def __init__(self, detail: str) -> None:
        self.detail = one_line(detail)
        super().__init__(self.detail)


class Malformed(FederationError):
    """Not the protocol's JSON, encoding or shape (§2, §3)."""

    code = "malformed"


class UnknownType(Malformed):
    """A payloadType of a later version, or of a kind that this one has not: no fault of its sender (§18)."""

    code = "unknown-type"


class ForbiddenMember(Malformed):
    """A member that would measure or track a person (§3.4)."""

    code = "forbidden-member"


class WeakKey(Malformed):
    """A public key of low order, or not in its one spelling (§4.2)."""

    code = "weak-key"


class TooLarge(FederationError):
    """Over a cap (§2.4)."""

    code = "too-large"


class WrongSignature(FederationError):
    """Fewer distinct authorised keys signed these bytes than the threshold asks (§4.4)."""

    code = "wrong-signature"


class BrokenChain(FederationError):
    """A root that does not follow from the one before it, or does not belong to its id (§5)."""

    code = "broken-chain"


class UnknownChapter(FederationError):
    """No registry entry names this chapter (§6)."""

    code = "unknown-chapter"


class MissingRoot(FederationError):
    """The document cites a root version that is not held (§7.2)."""

    code = "missing-root"


class NotActive(FederationError):
    """The registry has suspended or dropped this chapter (§6.3)."""

    code = "not-active"


class Older(FederationError):
    """The version floor: something newer of this chapter has been held (§8.2)."""

    code = "older"


class OutOfTime(FederationError):
    """Issued in the future, living too long, or past `expires` (§8.1)."""

    code = "out-of-time"


class UnknownCursor(FederationError):
    """A cursor of another feed, or beyond its end: start again from zero (§9.3)."""

    code = "unknown-cursor"
