"""What a node takes of what it gets: HQ's registry, and documents by who says them, when, and after what."""

from collections.abc import Iterator
from typing import Any

from federation.encodings import to_instant
from federation.envelope import Envelope
from federation.payloads import MAX_BIN

from ...support.federation_makers import (
    DAY,
    HOUR,
    NOW,
    ChapterMaker,
    HqMaker,
    Members,
    key,
    listing,
    point,
    registry_bin,
    said,
    schedule,
    sealed,
    sha256,
    write,
)
from .vector import PAUSE, PAUSED, Vector, document, vector


def registry() -> Iterator[Vector]:
    """HQ's registry, its bins, and how it follows the held one."""
    hq, london = HqMaker(), ChapterMaker()
    good = registry_bin([london.entry()])

    def case(
        name: str, section: str, expect: str, envelope: Envelope, content: bytes = good, held: Members | None = None
    ) -> Vector:
        return vector(
            name,
            section,
            "registry",
            expect,
            now=to_instant(NOW),
            hq=hq.id,
            roots=[each.to_bytes().decode() for each in hq.roots],
            held=held,
            registry=envelope.to_bytes().decode(),
            bins=[content.decode()],
        )

    def holding(*entries: Members) -> tuple[Envelope, bytes]:
        content = registry_bin(entries)
        return hq.registry([content]), content

    now, version = hq.registry([good]), int(NOW.timestamp())
    yield case("a registry", "6.1", "accept", now)
    yield case("a registry past its fresh_until", "6.1", "accept", hq.registry([good], NOW - 30 * DAY))
    yield case("signed by the bulletin key", "6.1", "wrong-signature", resealed(hq, good, "hq bulletin"))
    yield case("signed by a root key", "6.1", "wrong-signature", resealed(hq, good, "hq root 1"))
    yield case("of another HQ", "6.1", "broken-chain", hq.registry([good], hq="a" * 24))
    yield case("issued 25 hours from now", "6.1", "out-of-time", hq.registry([good], NOW + 25 * HOUR))
    yield case("fresh for 15 days", "6.1", "out-of-time", hq.registry([good], fresh_until="2026-06-16T09:00:00Z"))
    yield case("fresh before issued", "6.1", "malformed", hq.registry([good], fresh_until="2026-05-01T00:00:00Z"))
    yield case("older than the held one", "8.2", "older", now, held={"version": version + 1, "digest": "0" * 64})
    yield case("the held one again", "8.2", "accept", now, held={"version": version, "digest": now.digest})
    yield case("a bin with another digest", "6.2", "malformed", now, registry_bin([london.entry(status="paused")]))
    yield case("a bin with another count", "6.2", "malformed", hq.registry([good], bins=reference(good, count=2)))
    wrong = "a" if london.id[0] != "a" else "b"
    misplaced = hq.registry([good], bins=reference(good, prefix=wrong))
    yield case("a chapter in the wrong bin", "6.2", "malformed", misplaced)
    yield case("a chapter twice", "6.2", "malformed", *holding(london.entry(), london.entry()))
    yield case("an unknown status", "2.7", "accept", *holding(london.entry(status="resting")))
    yield case("a status that is no word", "2.5", "malformed", *holding(london.entry(status="Resting!")))
    yield case("unknown members of an entry", "18.1", "accept", *holding(london.entry(mood={"is": "good"})))
    yield case("a forbidden member in a bin", "3.4", "forbidden-member", *holding(london.entry(rank=1)))
    yield case("no bins", "6.1", "malformed", hq.registry([good], bins=[]))
    large = good + b" " * MAX_BIN
    oversize = case("a bin over 1 MiB", "2.4", "too-large", hq.registry([good], bins=reference(large)))
    yield oversize | {"bins": [], "bin_pieces": [[good.decode(), 1], [" ", MAX_BIN]]}


def resealed(hq: HqMaker, content: bytes, signer: str) -> Envelope:
    """A registry by another key."""
    return sealed("registry", hq.registry_members([content]), key(signer))


def reference(content: bytes, **changes: Any) -> list[Members]:
    """The table of one bin."""
    return [{"prefix": "", "digest": sha256(content), "count": 1} | changes]


def acceptance() -> Iterator[Vector]:
    """Who may say it, when, and after what."""
    maker, leeds = ChapterMaker(), ChapterMaker("leeds")
    plain: Members = {"listings": []}
    made = maker.document(**plain)
    version = int(NOW.timestamp())

    def case(name: str, section: str, expect: str, envelope: Envelope = made, **state: Any) -> Vector:
        return document(name, section, expect, maker, envelope, **state)

    def held(version: int, digest: str | None) -> Members:
        return {"version": version, "digest": digest}

    yield case("not in the registry", "6.3", "unknown-chapter", listed=False)
    yield case("paused", "6.3", "accept", entry=maker.entry(status="paused"))
    for status in ("suspended", "dropped", "left"):
        yield case(status, "6.3", "not-active", entry=maker.entry(status=status))
    yield case("no root held", "7.2", "missing-root", roots=[])
    ahead = maker.entry(root_version=2, root_digest="0" * 64)
    yield case("fewer roots held than the registry names", "6.2", "missing-root", entry=ahead)
    yield case("roots that pass the registry's by", "6.2", "broken-chain", entry=maker.entry(root_digest="0" * 64))
    for signer in ("thief", "london root", "hq registry"):
        signed = sealed("chapter", maker.members(**plain), key(signer))
        yield case(f"signed by the key of: {signer}", "7.2", "wrong-signature", signed)
    yield case("a changed letter", "4.3", "wrong-signature", Envelope("chapter", made.payload + " ", made.signatures))
    yield case("a root where a document belongs", "4.3", "malformed", maker.roots[0])
    yield case("signed for another chapter", "7.2", "broken-chain", maker.document(chapter=leeds.id, **plain))
    yield case("a root version not held", "7.2", "missing-root", maker.document(root_version=2, **plain))
    yield case("issued 24 hours from now", "8.1", "accept", maker.document(NOW + DAY, **plain))
    yield case("issued 25 hours from now", "8.1", "out-of-time", maker.document(NOW + 25 * HOUR, **plain))
    yield case("past fresh_until", "8.1", "accept", now=NOW + 3 * DAY)
    yield case("expired this second", "8.1", "out-of-time", now=NOW + 14 * DAY)
    yield case("newer than the held one", "8.2", "accept", held=held(version - 1, "0" * 64))
    yield case("older than the held one", "8.2", "older", held=held(version + 1, "0" * 64))
    yield case("as old as the floor", "8.2", "older", held=held(version, None))
    yield case("newer than the floor", "8.2", "accept", held=held(version - 1, None))
    yield case("the held one", "8.2", "accept", held=held(version, made.digest), verdict="same")
    yield case("a tie that it wins", "8.3", "accept", held=held(version, "f" * 64), verdict="replace-tied")
    yield case("a tie that it loses", "8.3", "accept", held=held(version, "0" * 64), verdict="keep-tied")
    yield from rotated()


def rotated() -> Iterator[Vector]:
    """Before and after a new root."""
    maker = ChapterMaker()
    old = maker.document(listings=[])
    first = list(maker.roots)
    maker.rotate()
    new = maker.document(listings=[])
    yield document("the former key after a rotation", "5.3", "wrong-signature", maker, old)
    yield document("the new key after a rotation", "5.3", "accept", maker, new)
    yield document("the new key before its root came", "7.2", "missing-root", maker, new, roots=first)


def urgency() -> Iterator[Vector]:
    """Whether a document, against the held one, is passed on at once. `urgent` is what must come out."""

    def case(name: str, urgent: bool, old: list[Members] | None, new: list[Members]) -> Vector:
        texts = [write(ChapterMaker().members(listings=each)) if each is not None else None for each in (old, new)]
        return vector(name, "13.1", "urgency", "accept", held=texts[0], payload=texts[1], urgent=urgent)

    on = said("2026-06-04")
    yield case("a first document", False, None, [listing(dates=[on])])
    yield case("signed again", False, [listing(dates=[on])], [listing(dates=[on | {"at": "2026-06-01T09:00:00Z"}])])
    yield case("a new listing", False, [], [listing()])
    yield case("a listing withdrawn", True, [listing()], [])
    yield case("cancelled", True, [listing(dates=[on])], [listing(dates=[said("2026-06-04", "cancelled")])])
    yield case("confirmed", True, [listing()], [listing(dates=[on])])
    yield case("taken back", True, [listing(dates=[on])], [listing()])
    yield case("another place", True, [listing()], [listing(meeting_point=point(lat_e4=515102))])
    yield case("another time", True, [listing()], [listing(schedule=schedule(dtstart="2026-06-04T18:45"))])
    yield case("another name", False, [listing()], [listing(name="Evening run")])
    yield case("another minimum age", False, [listing()], [listing(minimum_age=18)])
    yield case("a pause begins", True, [listing()], [listing(pause=PAUSE)])
    yield case("a pause is lifted", True, [listing(pause=PAUSE)], [listing()])
    texts = [write(ChapterMaker().members(**members)) for members in ({}, {"profile": PAUSED})]
    name = "the chapter pauses"
    yield vector(name, "13.1", "urgency", "accept", held=texts[0], payload=texts[1], urgent=True)
    yield case("a date that passed", False, [listing(dates=[said("2026-05-30")])], [listing()])
    moved, off = (said("2026-05-25", state, starts="2026-06-01T19:30") for state in ("moved", "cancelled"))
    yield case(
        "cancelled on the later day that it was moved to", True, [listing(dates=[moved])], [listing(dates=[off])]
    )
    yield case("a move to a later day undone", True, [listing(dates=[moved])], [listing()])
    over = said("2026-05-25", "moved", starts="2026-05-30T19:30")
    yield case("a date that passed where it was moved to", False, [listing(dates=[over])], [listing()])
    yield case("taken back where it is still yesterday", True, [listing(dates=[said("2026-05-31")])], [listing()])
    late = [listing(dates=[said("2026-05-31", "cancelled")])]
    yield case("cancelled where it is still yesterday", True, [listing(dates=[said("2026-05-31")])], late)
