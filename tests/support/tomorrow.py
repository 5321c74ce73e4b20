"""A chapter whose program is newer than ours: one more word in each closed list (PROTOCOL.md §18)."""

import json
from typing import Any

import pytest

from federation.documents import Document
from federation.payloads import write_document
from node.chapter import publishing

#: What stands in each of its listings, beside what our own program writes.
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
    """The payload of `chapter` as its program of tomorrow writes it; any other's as it is."""
    members = json.loads(payload)
    if members.get("chapter") != chapter or "listings" not in members:
        return payload
    for listing in members["listings"]:
        listing |= WORDS
        for said in listing.get("dates", []):
            if said["state"] == "moved":
                said["state"] = "postponed"
            if said.get("reason") == "other":
                said["reason"] = "heat"
        _schedule_of_tomorrow(listing)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _schedule_of_tomorrow(listing: Any) -> None:
    if "every day" in listing["name"]:
        listing["schedule"]["rrule"] = "FREQ=DAILY;INTERVAL=1"
    if "Mars" in listing["name"]:
        listing["schedule"]["timezone"] = "Mars/Olympus_Mons"


def speaks_tomorrow(monkeypatch: pytest.MonkeyPatch, chapter: str) -> None:
    """From now on `chapter` signs with the words of tomorrow."""

    def write(document: Document) -> str:
        return more_words(write_document(document), chapter)

    monkeypatch.setattr(publishing, "write_document", write)
