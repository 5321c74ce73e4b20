"""A chapter with a newer program than ours, which has one more word in each closed list (PROTOCOL.md §18)."""

import json
from typing import Any

import pytest

from federation.documents import Document
from federation.payloads import write_document
from node.chapter import publishing

#: Members of each of its listings that replace or extend what our own program writes.
WORDS: dict[str, Any] = {
    "kind": "wheel",
    "facilities": ["water", "sauna"],
    "audience": "carers",
    "languages": ["en", "gsw-Latn-CH"],
    "photos": "on-request",
    "bank_holidays": "next-day",
    "mood": {"is": "good"},
}


def more_words(payload: str, chapter: str) -> str:
    """A payload of `chapter` as its newer program writes it. Any other payload stays as it is."""
    members = json.loads(payload)
    if members.get("chapter") != chapter or "listings" not in members:
        return payload
    for listing in members["listings"]:
        listing |= WORDS
        for state in listing.get("dates", []):
            if state["state"] == "moved":
                state["state"] = "postponed"
            if state.get("reason") == "other":
                state["reason"] = "heat"
        _schedule_of_tomorrow(listing)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _schedule_of_tomorrow(listing: Any) -> None:
    if "every day" in listing["name"]:
        listing["schedule"]["rrule"] = "FREQ=DAILY;INTERVAL=1"
    if "Mars" in listing["name"]:
        listing["schedule"]["timezone"] = "Mars/Olympus_Mons"


def speaks_tomorrow(monkeypatch: pytest.MonkeyPatch, chapter: str) -> None:
    """Let `chapter` sign with the newer words from now on."""

    def write(document: Document) -> str:
        return more_words(write_document(document), chapter)

    monkeypatch.setattr(publishing, "write_document", write)
