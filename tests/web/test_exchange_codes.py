"""A node answers with every code of PROTOCOL.md §12."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import json

from federation.envelope import MAX_ENVELOPE, MAX_PAYLOAD, payload_type

from ..support.federation_makers import envelope_bytes, key
from ..support.network import LONDON, Clock, LocalFederation, LocalNode

TEXT = (Path(__file__).parents[2] / "federation" / "PROTOCOL.md").read_text()
#: Code to status, by the table of §12.
TABLE = {code: int(status) for code, status in re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", TEXT, re.MULTILINE)}
HINT = {"keyid": key("x").id, "sig": "A" * 86 + "=="}
TYPE = payload_type("chapter")


@pytest.fixture
def london(tmp_path: Path) -> Iterator[LocalNode]:
    made = LocalFederation(tmp_path, Clock())
    yield made.add_chapter(LONDON)
    made.close()


CASES = {
    "one byte of ASCII too many": ("too-large", envelope_bytes(TYPE, "x" * (MAX_PAYLOAD + 1), [HINT])),
    "an envelope too large": ("too-large", b" " * (MAX_ENVELOPE + 1)),
    "far too large": ("too-large", b" " * (MAX_ENVELOPE * 4)),
    "no JSON": ("malformed", b"{"),
    "no object": ("malformed", b"[]"),
    "nothing": ("malformed", b""),
    "nine signatures": ("malformed", envelope_bytes(TYPE, "{}", [HINT] * 9)),
    "a later version": ("unknown-type", envelope_bytes(TYPE.replace("v1", "v2"), {}, [])),
    "another's signature": ("wrong-signature", envelope_bytes(TYPE, "{}", [HINT])),
}


@pytest.mark.parametrize("case", CASES)
def test_s12_what_is_put_is_refused_with_the_code_of_the_table(london: LocalNode, case: str) -> None:
    code, body = CASES[case]
    answer = london.app.test_client().put(
        f"/fed/v1/documents/{london.chapter_id}",
        base_url=london.settings.base_url,
        data=body,
        content_type="application/json",
    )
    said = json.loads(answer.data)
    assert (said["code"], answer.status_code) == (code, TABLE[code])
    assert said["status"] == TABLE[code]
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/documents/aaaaaaaaaaaaaaaaaaaaaaaa", "unknown-chapter"),
        ("PUT", "/documents/aaaaaaaaaaaaaaaaaaaaaaaa", "wrong-content-type"),
        ("GET", "/chapters/{own}/root/2", "not-found"),
        ("GET", "/chapters/{own}/root/99999999999999999999", "not-found"),
        ("GET", "/hq/aaaaaaaaaaaaaaaaaaaaaaaa/registry", "not-found"),
        ("GET", "/nothing", "not-found"),
        ("GET", "/changes?after=aaaaaaaa.1", "unknown-cursor"),
        ("GET", "/changes?after=later:1", "malformed"),
        ("POST", "/admissions", "not-active"),
    ],
)
def test_s12_what_is_asked_is_refused_with_the_code_of_the_table(
    london: LocalNode, method: str, path: str, code: str
) -> None:
    url = f"/fed/v1{path.format(own=london.chapter_id)}"
    answer = london.app.test_client().open(url, method=method, base_url=london.settings.base_url)
    assert (json.loads(answer.data)["code"], answer.status_code) == (code, TABLE[code])
