"""federation.envelope: the bytes that are signed, and who signed them (PROTOCOL.md §3, §4)."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import envelope
from federation.envelope import (
    KINDS,
    MAX_ENVELOPE,
    MAX_PAYLOAD,
    Envelope,
    Kind,
    digest,
    open_sealed,
    pae,
    payload_type,
    read,
    seal,
)
from federation.errors import FederationError, Malformed, TooLarge, WrongSignature

from ..support.federation_makers import envelope_bytes, key

TYPE = payload_type("chapter")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def signature(**changes: Any) -> dict[str, Any]:
    made = seal("chapter", "{}", [key("any")]).signatures[0]
    return {"keyid": made[0], "sig": base64.b64encode(made[1]).decode()} | changes


def spellings() -> list[str]:
    """All 16 texts that a lenient base64 reader takes for the same 64 bytes."""
    text = signature()["sig"]
    place = ALPHABET.index(text[85]) & ~15
    return [text[:85] + ALPHABET[place + spare] + "==" for spare in range(16)]


@given(st.sampled_from(KINDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_s3_1_an_envelope_comes_back_as_it_went(kind: Kind, payload: str) -> None:
    sent = seal(kind, payload, [key("one"), key("two")])
    assert read(sent.to_bytes()) == sent


SENT = seal("chapter", '{"a":"\\\\ \\" \\u0001 \u00fc"}', [key("one"), key("two")]).to_bytes()
SPLICES = [
    b"",
    b" ",
    b'"',
    b"\\u0061",
    b"\\ud800",
    b"\\n",
    b"\n",
    b"\x7f",
    b"\xff",
    b"=",
    b"A",
    b'"payload":"",',
    b'"a":1.5,',
]


def outcome(reader: Callable[[bytes], Envelope], data: bytes) -> object:
    """The envelope, or why it is refused."""
    try:
        return reader(data)
    except FederationError as error:
        return type(error), str(error)


@pytest.mark.parametrize("splice", SPLICES)
@pytest.mark.parametrize("cut", [0, 1, 3])
def test_s3_1_what_is_read_in_one_go_is_taken_and_refused_as_what_is_read_member_by_member(
    splice: bytes, cut: int
) -> None:
    for place in range(len(SENT)):
        changed = SENT[:place] + splice + SENT[place + cut :]
        assert outcome(read, changed) == outcome(envelope._strictly, changed)


@given(st.binary(max_size=300))
def test_s3_1_arbitrary_bytes_raise_nothing_but_refusals(data: bytes) -> None:
    try:
        read(data)
    except FederationError:
        return


@pytest.mark.parametrize(
    "data",
    [
        envelope_bytes(TYPE, {"a": 1}, [signature()]),
        envelope_bytes(TYPE, "{}", signature()),
        envelope_bytes(TYPE, "{}", ["text"]),
        envelope_bytes(TYPE, "{}", [signature(keyid="0" * 15)]),
        envelope_bytes(TYPE, "{}", [signature(keyid=None)]),
        envelope_bytes(TYPE, "{}", [signature(sig=7)]),
        b'{"payload":"{}"}',
    ],
)
def test_s3_1_an_envelope_of_another_shape_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


@pytest.mark.parametrize(
    "type_", ["application/json", TYPE + "\n", TYPE.upper(), TYPE.replace("chapter", "bulletin"), None]
)
def test_s3_1_an_unknown_payload_type_is_refused(type_: Any) -> None:
    with pytest.raises(Malformed, match="payloadType"):
        read(envelope_bytes(type_, "{}", [signature()]))


def test_s3_1_unknown_members_of_an_envelope_are_passed_over() -> None:
    data = json.loads(envelope_bytes(TYPE, "{}", [signature(note="x")])) | {"more": 1}
    assert read(json.dumps(data)).payload == "{}"


@pytest.mark.parametrize("count", [0, 9])
def test_s3_1_an_envelope_has_one_to_eight_signatures(count: int) -> None:
    with pytest.raises(Malformed, match="signatures"):
        read(envelope_bytes(TYPE, "{}", [signature()] * count))


def test_s2_4_a_payload_over_64_kib_is_neither_read_nor_sealed() -> None:
    with pytest.raises(TooLarge):
        seal("chapter", "é" * (MAX_PAYLOAD // 2 + 1), [key("any")])
    with pytest.raises(TooLarge):
        read(envelope_bytes(TYPE, "é" * (MAX_PAYLOAD // 2 + 1), [signature()]))


def test_s2_4_an_envelope_over_128_kib_is_refused() -> None:
    with pytest.raises(TooLarge):
        read(b" " * (MAX_ENVELOPE + 1))


def test_s3_2_only_one_of_the_sixteen_spellings_of_a_signature_is_read() -> None:
    taken = []
    for text in spellings():
        assert base64.b64decode(text) == base64.b64decode(signature()["sig"])
        try:
            taken.append(read(envelope_bytes(TYPE, "{}", [signature(sig=text)])))
        except Malformed:
            continue
    assert len(taken) == 1


@pytest.mark.parametrize("change", [lambda s: s.rstrip("="), lambda s: s + "\n", lambda s: s[:-4], lambda s: "é" + s])
def test_s3_2_a_signature_that_is_not_64_bytes_of_padded_base64_is_refused(change: Any) -> None:
    with pytest.raises(Malformed):
        read(envelope_bytes(TYPE, "{}", [signature(sig=change(signature()["sig"]))]))


def test_s3_3_the_digest_is_of_the_payload_whatever_wraps_it() -> None:
    one, two = seal("chapter", "{}", [key("one")]), seal("chapter", "{}", [key("one"), key("two")])
    assert one.digest == two.digest == digest("{}")


def test_s3_3_a_payload_is_kept_letter_for_letter() -> None:
    payload = ' { "b" : 1 ,\n "a" : "\\u00e9é" } '
    assert read(seal("chapter", payload, [key("any")]).to_bytes()).payload == payload


def test_s4_3_the_signed_bytes_are_those_of_dsse() -> None:
    expected = b"DSSEv1 42 application/vnd.runtalkrun.chapter.v1+json 4 \xc3\xa9{}"
    assert pae("chapter", "é{}") == expected.replace(b"42", str(len(TYPE)).encode())


def test_s4_3_a_signature_of_one_kind_of_document_is_none_of_another() -> None:
    made = seal("chapter", "{}", [key("any")])
    relabelled = Envelope("registry", made.payload, made.signatures)
    with pytest.raises(WrongSignature):
        open_sealed(relabelled, "registry", [key("any").public], 1)


def test_s4_3_another_kind_than_the_expected_is_refused() -> None:
    with pytest.raises(Malformed):
        open_sealed(seal("chapter", "{}", [key("any")]), "registry", [key("any").public], 1)


def test_s4_3_a_changed_payload_is_refused() -> None:
    made = seal("chapter", "{}", [key("any")])
    with pytest.raises(WrongSignature):
        open_sealed(Envelope("chapter", "{ }", made.signatures), "chapter", [key("any").public], 1)


def test_s4_1_a_wrong_key_id_changes_nothing() -> None:
    made = seal("chapter", "{}", [key("any")])
    renamed = Envelope("chapter", "{}", (("0" * 16, made.signatures[0][1]),))
    assert open_sealed(renamed, "chapter", [key("any").public], 1) == "{}"


def test_s4_4_one_key_signing_twice_counts_once() -> None:
    made = seal("chapter", "{}", [key("one"), key("one")])
    with pytest.raises(WrongSignature):
        open_sealed(made, "chapter", [key("one").public, key("two").public], 2)


def test_s4_4_one_signature_under_two_key_ids_counts_once() -> None:
    made = seal("chapter", "{}", [key("one")])
    doubled = Envelope("chapter", "{}", (made.signatures[0], (key("two").id, made.signatures[0][1])))
    with pytest.raises(WrongSignature):
        open_sealed(doubled, "chapter", [key("one").public, key("two").public], 2)


def test_s4_4_a_key_that_stands_twice_in_the_list_counts_once() -> None:
    with pytest.raises(WrongSignature):
        open_sealed(seal("chapter", "{}", [key("one")]), "chapter", [key("one").public] * 2, 2)


def test_s4_4_two_keys_of_three_reach_a_threshold_of_two() -> None:
    keys = [key(name).public for name in ("one", "two", "three")]
    assert open_sealed(seal("chapter", "{}", [key("three"), key("one")]), "chapter", keys, 2) == "{}"


def test_s4_4_signatures_of_strangers_neither_help_nor_hurt() -> None:
    made = seal("chapter", "{}", [key("stranger"), key("one")])
    assert open_sealed(made, "chapter", [key("one").public], 1) == "{}"
    with pytest.raises(WrongSignature):
        open_sealed(made, "chapter", [key("one").public, key("two").public], 2)


@pytest.mark.parametrize("threshold", [0, -1])
def test_s4_4_a_threshold_below_one_lets_nothing_through(threshold: int) -> None:
    with pytest.raises(WrongSignature):
        open_sealed(seal("chapter", "{}", [key("one")]), "chapter", [], threshold)
