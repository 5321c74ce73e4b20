"""What nodes pass to each other beside documents: feeds, invitations, addresses."""

from collections.abc import Iterator

from federation.invitation import Invitation

from ...support.federation_makers import ChapterMaker, HqMaker
from .vector import Vector, vector


def feed() -> Iterator[Vector]:
    """Cursors, and blocks whole or cut."""

    def cursor(name: str, section: str, expect: str, text: str) -> Vector:
        return vector(name, section, "cursor", expect, cursor=text, feed="abcdefgh", newest=700)

    def block(name: str, expect: str, data: str) -> Vector:
        return vector(name, "9.2", "block", expect, data=data)

    yield cursor("no cursor", "9.1", "accept", "")
    yield cursor("zero", "9.1", "accept", "0")
    yield cursor("the end", "9.1", "accept", "abcdefgh.700")
    yield cursor("no feed", "9.1", "malformed", "700")
    yield cursor("a negative place", "9.1", "malformed", "abcdefgh.-1")
    yield cursor("another feed", "9.3", "unknown-cursor", "hgfedcba.1")
    yield cursor("the future", "9.3", "unknown-cursor", "abcdefgh.701")
    line, last = ChapterMaker().roots[0].to_bytes().decode(), '{"cursor":"abcdefgh.500","more":true}'
    yield block("a block", "accept", f"{line}\n{last}\n")
    yield block("an empty block", "accept", f"{last}\n")
    yield block("nothing", "malformed", "")
    yield block("500 lines", "accept", "{}\n" * 500 + f"{last}\n")
    yield block("a line more than 500", "malformed", "{}\n" * 501 + f"{last}\n")
    yield block("cut within an envelope", "malformed", line[:100])
    yield block("cut before the last line", "malformed", f"{line}\n")
    yield block("cut before the last byte", "malformed", f"{line}\n{last}")
    yield block("a cursor that is none", "malformed", f'{line}\n{{"cursor":500,"more":true}}\n')
    yield block("more that is a number", "malformed", f'{line}\n{{"cursor":"abcdefgh.500","more":1}}\n')


def invitations() -> Iterator[Vector]:
    """One line of text."""
    hq = HqMaker()
    good = str(Invitation("https://hq.example.org", hq.id, hq.roots[0].digest, "0" * 64))
    for name, text, expect in (
        ("an invitation", good, "accept"),
        ("white space around it", f" {good}\n", "accept"),
        ("another mark", good.replace("rtr1.", "rtr2."), "malformed"),
        ("cut", good[:-4], "malformed"),
        ("not base64url", good[:40] + "*" + good[40:], "malformed"),
        ("over 2,000 characters", "rtr1." + "a" * 2000, "malformed"),
    ):
        yield vector(name, "10.1", "invitation", expect, text=text)


def addresses() -> Iterator[Vector]:
    """Base URLs, on the internet and on a development machine."""
    internet = {"https://example.org": True, "https://run.example.co.uk": True}
    wrong = ("http://example.org", "https://example.org/", "https://example.org:443", "https://Example.org")
    wrong += (
        "https://user@example.org",
        "https://127.0.0.1",
        "https://localhost",
        "http://127.0.0.1:8000",
        "https://[::1]",
    )
    loopback = {"http://127.0.0.1:8000": True, "http://127.0.0.1:65536": False, "http://127.0.0.1": False}
    loopback |= {"http://localhost:8000": False, "https://example.org": False}
    for network, cases in (("internet", internet | dict.fromkeys(wrong, False)), ("loopback", loopback)):
        for text, good in cases.items():
            expect = "accept" if good else "malformed"
            yield vector(f"{text} ({network})", "5.4", "base_url", expect, text=text, network=network)
