"""federation/PROTOCOL.md: what it says is what the code does, and every section that is cited exists."""

import json
import re
from pathlib import Path

import pytest

from federation import documents, envelope, errors, feed, payloads, strict_json, trust
from federation.acceptance import open_chapter
from federation.documents import ChapterRoot
from federation.encodings import from_instant
from federation.trust import walk
from node.relay import queue
from web.errors import status_of

from .vectors.make_vectors import everything

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "federation" / "PROTOCOL.md").read_text()
HEADINGS = set(re.findall(r"^#{2,3} §(\d+(?:\.\d+)?) ", TEXT, re.MULTILINE))

SOURCES = [path for folder in ("federation", "node", "web", "deploy") for path in (ROOT / folder).rglob("*.py")]
# "RFC 5545 §3.3.5" cites somebody else's section.
CITED = {
    (path.relative_to(ROOT).as_posix(), section)
    for path in [*SOURCES, ROOT / "federation" / "PROTOCOL.md"]
    for section in re.findall(r"(?<!RFC \d{4} )§(\d+(?:\.\d+)*)", path.read_text())
}
TESTED = {
    (path.name, section.replace("_", "."))
    for path in (ROOT / "tests").glob("test_*.py")
    for section in re.findall(r"def test_s(\d+(?:_\d+)?)_", path.read_text())
}


@pytest.mark.parametrize(("file", "section"), sorted(CITED | TESTED))
def test_every_section_that_is_cited_exists(file: str, section: str) -> None:
    assert section in HEADINGS, file


def test_every_vector_cites_a_section_that_exists() -> None:
    assert {vector["section"] for vectors in everything().values() for vector in vectors} <= HEADINGS


def test_sections_are_numbered_in_order() -> None:
    numbers = re.findall(r"^## §(\d+) ", TEXT, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 19)]


def all_refusals(type_: type[errors.FederationError]) -> set[type[errors.FederationError]]:
    return {type_}.union(*map(all_refusals, type_.__subclasses__()))


@pytest.mark.parametrize("refusal", sorted(all_refusals(errors.FederationError) - {errors.FederationError}, key=str))
def test_s12_every_refusal_has_the_status_that_the_table_says(refusal: type[errors.FederationError]) -> None:
    assert f"| `{refusal.code}` | {status_of(refusal('x'))} |" in TEXT


@pytest.mark.parametrize(
    "limit",
    [
        envelope.MAX_PAYLOAD,
        envelope.MAX_ENVELOPE,
        payloads.MAX_BIN,
        feed.MAX_LINE,
        strict_json.MAX_TEXT,
    ],
)
def test_s2_4_the_caps_are_those_of_the_code(limit: int) -> None:
    assert re.search(rf"\| {limit:,} (bytes|characters)", TEXT)


def test_s2_4_the_counts_are_those_of_the_code() -> None:
    assert f"| {strict_json.MAX_DEPTH} levels" in TEXT
    assert f"| roots in a chain | {trust.MAX_ROOTS} |" in TEXT
    assert f"| signatures in an envelope | {envelope.MAX_SIGNATURES} |" in TEXT
    assert f"next multiple of {feed.BLOCK}" in TEXT


def test_s3_4_the_forbidden_members_are_those_of_the_code() -> None:
    section = TEXT.split("### §3.4 ")[1].split("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", section)) == strict_json.FORBIDDEN_MEMBERS


def test_s13_2_the_reach_of_the_relay_is_that_of_the_code() -> None:
    assert f"if they are {queue.ALL_UP_TO} or fewer" in TEXT
    assert [queue.wanted_of(others) for others in (0, 1, 12, 13, 50, 500)] == [0, 1, 12, 7, 8, 11]
    assert queue.PASSED_ON_AN_HOUR == 6


@pytest.mark.parametrize(
    "type_", [documents.ChapterDocument, documents.Listing, documents.Schedule, documents.MeetingPoint]
)
def test_s7_1_every_member_of_a_document_is_described(type_: type[documents.Document]) -> None:
    section = TEXT.split("## §7 ")[1].split("\n## §8 ")[0]
    assert [name for name in type_.__struct_fields__ if f"`{name}`" not in section] == []


def test_s7_6_the_worked_example_is_signed_and_is_what_it_says() -> None:
    section = TEXT.split("### §7.7 ")[1].split("\n## ")[0]
    shown, root, line = re.findall(r"```json\n(.*?)\n```", section, re.DOTALL)
    id_, digest = (re.search(pattern, section) for pattern in (r"`([a-z2-7]{24})`", r"`([0-9a-f]{64})`"))
    assert id_ is not None
    assert digest is not None
    chain = walk([envelope.read(root)], ChapterRoot, id_[1])
    sealed = envelope.read(line)
    assert open_chapter(sealed, chain[-1], from_instant("2026-06-01T12:00:00Z")).listings[0].id == "thursday"
    assert sealed.digest == digest[1]
    assert json.loads(shown) == json.loads(sealed.payload)
