"""federation.errors: what a refusal says, whatever the document said (PROTOCOL.md §12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.documents import ChapterDocument
from federation.envelope import MAX_PAYLOAD, payload_type, read
from federation.errors import FederationError, Malformed, TooLarge
from federation.payloads import read_document

from ..support.federation_makers import ChapterMaker, envelope_bytes, key, listing, write

LONDON = ChapterMaker()
HINT = {"keyid": key("x").id, "sig": "A" * 86 + "=="}


def refusal(payload: str) -> str:
    with pytest.raises(FederationError) as refused:
        read_document(payload, ChapterDocument)
    return str(refused.value)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=500))
def test_s12_a_refusal_is_one_printable_line_whatever_it_quotes(text: str) -> None:
    said = str(Malformed(text))
    assert said.isprintable()
    assert len(said) <= 200


def test_s12_a_refusal_keeps_what_is_short_and_printable_as_it_is() -> None:
    assert str(Malformed("a root of Läufer, not of abc")) == "a root of Läufer, not of abc"


@pytest.mark.parametrize("hostile", ["9" * 8000, "\u200b\n2026-06-01 ERROR", "\u2028" * 300])
@pytest.mark.parametrize("name", ["kind", "audience", "photos", "id"])
def test_s12_no_value_of_a_listing_reaches_a_log_as_it_is(name: str, hostile: str) -> None:
    said = refusal(write(LONDON.members() | {"listings": [listing(**{name: hostile})]}))
    assert said.isprintable()
    assert len(said) <= 200


def test_s2_4_a_payload_of_one_ascii_character_too_many_is_too_large() -> None:
    type_ = payload_type("chapter")
    assert len(read(envelope_bytes(type_, "x" * MAX_PAYLOAD, [HINT])).payload) == MAX_PAYLOAD
    with pytest.raises(TooLarge):
        read(envelope_bytes(type_, "x" * (MAX_PAYLOAD + 1), [HINT]))


def test_s2_4_any_other_text_of_an_envelope_over_its_cap_is_malformed() -> None:
    signature = HINT | {"note": "x" * 8193}
    with pytest.raises(Malformed):
        read(envelope_bytes(payload_type("chapter"), "{}", [signature]))
