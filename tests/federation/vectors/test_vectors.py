"""federation/vectors: the committed files are what the generator makes, and every vector has its outcome (§17)."""

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from federation import words
from federation.acceptance import (
    Held,
    Verdict,
    judge,
    open_bin,
    open_chapter,
    open_registry,
    require_listed,
    require_root_on_chain,
)
from federation.documents import ChapterDocument, ChapterRoot, HqRoot, RegistryEntry
from federation.encodings import from_instant, is_base_url
from federation.envelope import open_sealed, pae, read
from federation.errors import FederationError, Malformed, MissingRoot
from federation.feed import read_block, read_cursor
from federation.invitation import read_invitation
from federation.keys import SigningKey, check_public_key
from federation.payloads import read_document
from federation.text import is_visible, tidy
from federation.trust import walk
from federation.urgency import is_urgent
from federation.words import is_known_rule

from .make_vectors import FOLDER, everything, written

ALL = [(name, vector) for name, vectors in everything().items() for vector in vectors]


def data_of(vector: dict[str, Any]) -> bytes:
    if "data_hex" in vector:
        return bytes.fromhex(vector["data_hex"])
    return joined(vector["pieces"]) if "pieces" in vector else vector["data"].encode()


def joined(pieces: list[tuple[str, int]]) -> bytes:
    return "".join(text * times for text, times in pieces).encode()


def held_of(vector: dict[str, Any]) -> Held | None:
    return Held(**vector["held"]) if vector["held"] else None


def signing(vector: dict[str, Any]) -> None:
    key = SigningKey(vector["seed"])
    envelope = read(vector["envelope"])
    assert (key.public, key.id) == (vector["public_key"], vector["keyid"])
    assert pae(envelope.kind, vector["payload"]).hex() == vector["pae"]
    assert key.sign(bytes.fromhex(vector["pae"])) == envelope.signatures[0][1]
    assert envelope.digest == vector["digest"]
    open_sealed(envelope, envelope.kind, [key.public], 1)


def roots(vector: dict[str, Any]) -> None:
    type_ = {"chapter-root": ChapterRoot, "hq-root": HqRoot}[vector["kind"]]
    walk(map(read, vector["roots"]), type_, vector["id"])


def registry(vector: dict[str, Any]) -> None:
    chain = walk(map(read, vector["roots"]), HqRoot, vector["hq"])
    envelope = read(vector["registry"])
    found = open_registry(envelope, chain[-1], from_instant(vector["now"]))
    judge(held_of(vector), found.version, envelope.digest)
    bins = [joined(vector["bin_pieces"])] if "bin_pieces" in vector else [text.encode() for text in vector["bins"]]
    for reference, content in zip(found.bins, bins, strict=True):
        if len(open_bin(content, reference.digest, reference.prefix).chapters) != reference.count:
            raise Malformed("another count")


def document(vector: dict[str, Any]) -> None:
    envelope = read(vector["envelope"])
    entry = require_listed(msgspec.convert(vector["entry"], RegistryEntry) if vector["entry"] else None)
    if not vector["roots"]:
        raise MissingRoot("none held")
    chain = walk(map(read, vector["roots"]), ChapterRoot, vector["chapter"])
    require_root_on_chain(chain, entry)
    found = open_chapter(envelope, chain[-1], from_instant(vector["now"]))
    assert judge(held_of(vector), found.version, envelope.digest) is Verdict(vector["verdict"])


def urgency(vector: dict[str, Any]) -> None:
    old = read_document(vector["held"], ChapterDocument) if vector["held"] else None
    assert is_urgent(old, read_document(vector["payload"], ChapterDocument)) is vector["urgent"]


def reading(vector: dict[str, Any]) -> None:
    found = read_document(vector["payload"], ChapterDocument).listings[0]
    can_tell, near = is_known_rule(found.schedule.rrule), found.meeting_point.landmark
    assert vector["reading"] == {
        "kind": found.kind if found.kind in words.RUN_KINDS else None,
        "facilities": words.known(found.facilities, words.FACILITIES),
        "audience": words.read_audience(found.audience),
        "languages": [tag for tag in found.languages if words.is_known_language(tag)],
        "photos": found.photos if found.photos in words.PHOTOS else None,
        "bank_holidays": found.bank_holidays if found.bank_holidays in words.BANK_HOLIDAYS else None,
        "direction": near.direction if near and near.direction in words.DIRECTIONS else None,
        "dates_known": can_tell,
        "dates": [
            [said.date, words.read_state(said.state, can_tell=can_tell), words.read_reason(said.reason)]
            for said in found.dates
        ],
    }


def shown_text(vector: dict[str, Any]) -> None:
    assert tidy(vector["text"]) == vector["shown"]
    assert is_visible(vector["text"]) is vector["visible"]


def base_url(vector: dict[str, Any]) -> None:
    if not is_base_url(vector["text"], vector["network"]):
        raise Malformed("no address")


OPERATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "signing": signing,
    "envelope": lambda vector: read(data_of(vector)),
    "key": lambda vector: check_public_key(vector["public_key"]),
    "roots": roots,
    "registry": registry,
    "document": document,
    "urgency": urgency,
    "reading": reading,
    "text": shown_text,
    "cursor": lambda vector: read_cursor(vector["cursor"], vector["feed"], vector["newest"]),
    "block": lambda vector: read_block(data_of(vector)),
    "invitation": lambda vector: read_invitation(vector["text"]),
    "base_url": base_url,
}


@pytest.mark.parametrize("vector", [pytest.param(vector, id=f"{file}: {vector['name']}") for file, vector in ALL])
def test_s17_each_vector_has_its_outcome(vector: dict[str, Any]) -> None:
    try:
        OPERATIONS[vector["op"]](vector)
    except FederationError as refusal:
        outcome = refusal.code
    else:
        outcome = "accept"
    assert outcome == vector["expect"]


def test_s17_the_committed_files_are_what_the_generator_makes() -> None:
    made = {f"{name}.json": written(vectors) for name, vectors in everything().items()}
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == made


def test_s17_every_refusal_has_a_vector() -> None:
    def all_of(type_: type[FederationError]) -> set[str]:
        return {type_.code}.union(*map(all_of, type_.__subclasses__()))

    assert {vector["expect"] for _, vector in ALL} == (all_of(FederationError) - {"refused"}) | {"accept"}


def test_s17_no_two_vectors_of_a_file_have_one_name() -> None:
    for file, vectors in everything().items():
        names = [vector["name"] for vector in vectors]
        assert len(set(names)) == len(names), file


def test_s17_every_vector_names_a_section() -> None:
    assert all(re.fullmatch(r"\d+\.\d+", vector["section"]) for _, vector in ALL)
    assert json.loads(written([vector for _, vector in ALL]))
