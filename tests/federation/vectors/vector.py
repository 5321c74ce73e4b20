"""One vector, and what several kinds of them are made of."""

from datetime import datetime
from typing import Any

from federation.encodings import to_instant
from federation.envelope import Envelope

from ...support.federation_makers import NOW, ChapterMaker, Members

Vector = dict[str, Any]

PAUSE = {"since": "2026-06-04", "back_on": "2026-07-02", "note": "We mend the steps."}
PAUSED = {"name": "London", "place": "London", "country": "GB", "pause": PAUSE}
EVERYTHING = {
    "look_for": "A yellow scarf.",
    "what_happens": "We walk a little, then run.",
    "bring": "Water.",
    "facilities": [
        *("toilets", "water", "changing", "bag-storage", "step-free"),
        *("wheelchair", "pushchair", "dogs", "lit", "indoor-base"),
        *("accessible-toilet", "assistance-dogs", "children", "sign-language"),
    ],
    "accessibility": "A ramp on the left.",
    "audience": "women",
    "minimum_age": 16,
    "younger_accompanied": True,
    "languages": ["en", "cy", "bfi"],
    "photos": "ask-first",
    "bank_holidays": "not-held",
    "free_of_charge": False,
    "warming_up": True,
    "pause": PAUSE,
}


def vector(name: str, section: str, op: str, expect: str, **members: Any) -> Vector:
    """One vector; `expect` is accept, or the code of the refusal."""
    return {"name": name, "section": section, "op": op, **members, "expect": expect}


def document(
    name: str,
    section: str,
    expect: str,
    maker: ChapterMaker,
    envelope: Envelope,
    *,
    now: datetime = NOW,
    held: Members | None = None,
    entry: Members | None = None,
    listed: bool = True,
    roots: list[Envelope] | None = None,
    verdict: str | None = None,
) -> Vector:
    """A chapter's document as it comes to a node that holds `roots`, the registry's `entry` and `held`."""
    return vector(
        name,
        section,
        "document",
        expect,
        now=to_instant(now),
        chapter=maker.id,
        entry=(entry or maker.entry()) if listed else None,
        roots=[root.to_bytes().decode() for root in (maker.roots if roots is None else roots)],
        held=held,
        envelope=envelope.to_bytes().decode(),
        **({"verdict": verdict or "replace"} if expect == "accept" else {}),
    )
