"""What is signed, and by which keys: envelopes, their payloads, roots."""

import base64
from collections.abc import Iterator
from typing import Any

from federation.envelope import MAX_ENVELOPE, MAX_PAYLOAD, Envelope, digest, pae, payload_type
from federation.strict_json import FORBIDDEN_MEMBERS

from ...support.federation_makers import ChapterMaker, HqMaker, Members, envelope_bytes, key, sealed, write
from .vector import Vector, document, vector

PRIME = 2**255 - 19


def signing() -> Iterator[Vector]:
    """From a seed and a payload to an envelope, each step as it must come out."""
    for kind, payload in (("chapter", "{}"), ("registry", '{"name":"Läufer 🏃"}')):
        made = sealed("chapter", {}, key("vector"))
        made = Envelope(kind, payload, ((key("vector").id, key("vector").sign(pae(kind, payload))),))  # type: ignore[arg-type]
        yield vector(
            f"a {kind} is signed",
            "4.3",
            "signing",
            "accept",
            seed=key("vector").seed_hex(),
            public_key=key("vector").public,
            keyid=key("vector").id,
            payload=payload,
            payloadType=payload_type(made.kind),
            pae=pae(made.kind, payload).hex(),
            digest=digest(payload),
            envelope=made.to_bytes().decode(),
        )


def envelopes() -> Iterator[Vector]:
    """Bytes that are, or are not, an envelope. `pieces`: texts and how often each stands, one after another."""

    def case(name: str, section: str, expect: str, data: bytes) -> Vector:
        return vector(name, section, "envelope", expect, data=data.decode())

    type_ = payload_type("chapter")
    made = sealed("chapter", {}, key("vector")).signatures[0]
    good = {"keyid": made[0], "sig": base64.b64encode(made[1]).decode()}
    yield case("an envelope", "3.1", "accept", envelope_bytes(type_, "{}", [good]))
    yield case("unknown members are passed over", "3.1", "accept", envelope_bytes(type_, "{}", [good | {"x": 1}]))
    yield case("no object", "2.1", "malformed", b"[]")
    yield case("text after the object", "2.1", "malformed", envelope_bytes(type_, "{}", [good]) + b"{}")
    yield vector("not UTF-8", "2.1", "envelope", "malformed", data_hex=b'{"payload":"\xff"}'.hex())
    twice = envelope_bytes(type_, "{}", [good]).replace(b'{"payload"', b'{"payload":"{}","payload"', 1)
    yield case("a member twice", "2.1", "malformed", twice)
    yield case("payload is an object", "3.1", "malformed", envelope_bytes(type_, {}, [good]))
    unknown = payload_type("x")  # type: ignore[arg-type]
    yield case("an unknown kind", "18.1", "unknown-type", envelope_bytes(unknown, "{}", [good]))
    later = type_.replace(".v1+", ".v2+")
    yield case("a kind of version 2", "18.2", "unknown-type", envelope_bytes(later, "{}", [good]))
    yield case("a payloadType that is none", "3.1", "malformed", envelope_bytes("application/json", "{}", [good]))
    yield case("no signature", "3.1", "malformed", envelope_bytes(type_, "{}", []))
    yield case("nine signatures", "3.1", "malformed", envelope_bytes(type_, "{}", [good] * 9))
    yield case("a key id of 15 digits", "3.1", "malformed", envelope_bytes(type_, "{}", [good | {"keyid": "0" * 15}]))
    yield from spellings(type_, good)
    head, tail = envelope_bytes(type_, "@", [good]).decode().split("@")
    yield vector("a payload of 64 KiB", "2.4", "envelope", "accept", pieces=[[head, 1], ["x", MAX_PAYLOAD], [tail, 1]])
    over = [[head, 1], ["x", MAX_PAYLOAD - 1], ["é", 1], [tail, 1]]
    yield vector("a payload over 64 KiB of UTF-8", "2.4", "envelope", "too-large", pieces=over)
    ascii_over = [[head, 1], ["x", MAX_PAYLOAD + 1], [tail, 1]]
    yield vector("a payload over 64 KiB of ASCII", "2.4", "envelope", "too-large", pieces=ascii_over)
    noted = envelope_bytes(type_, "{}", [good | {"note": "@"}]).decode().split("@")
    long = [[noted[0], 1], ["x", 8193], [noted[1], 1]]
    yield vector("another text of 8,193 characters in an envelope", "2.4", "envelope", "malformed", pieces=long)
    yield vector("an envelope over 128 KiB", "2.4", "envelope", "too-large", pieces=[[" ", MAX_ENVELOPE + 1]])


def spellings(type_: str, good: Members) -> Iterator[Vector]:
    """The sixteen texts that a lenient base64 reader takes for one signature, and others."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = good["sig"]
    first = letters.index(text[85]) & ~15
    for spare in range(16):
        changed = text[:85] + letters[first + spare] + "=="
        data = envelope_bytes(type_, "{}", [good | {"sig": changed}]).decode()
        expect = "accept" if changed == text else "malformed"
        yield vector(f"spelling {spare} of a signature", "3.2", "envelope", expect, data=data)
    for name, changed in (("no padding", text.rstrip("=")), ("48 bytes", text[:64]), ("a new line", text + "\n")):
        data = envelope_bytes(type_, "{}", [good | {"sig": changed}]).decode()
        yield vector(f"a signature with {name}", "3.2", "envelope", "malformed", data=data)


def keys() -> Iterator[Vector]:
    """Public keys, good and weak."""
    yield vector("a key", "4.2", "key", "accept", public_key=key("vector").public)
    yield vector("upper case", "4.2", "key", "malformed", public_key=key("vector").public.upper())
    yield vector("63 digits", "4.2", "key", "malformed", public_key=key("vector").public[:63])
    order_8 = int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
    )
    for y in (0, 1, order_8, PRIME - order_8, PRIME - 1, PRIME, PRIME + 1, 2**255 - 1):
        for sign in (0, 1):
            text = (y | sign << 255).to_bytes(32, "little").hex()
            name = f"low order, or not canonical: {text[:8]}…{text[-8:]}"
            yield vector(name, "4.2", "key", "weak-key", public_key=text)


def payloads() -> Iterator[Vector]:
    """Signed payloads that the strict reader refuses, whoever signed them."""
    maker = ChapterMaker()
    good = write(maker.members(listings=[]))

    def case(name: str, section: str, expect: str, payload: str) -> Vector:
        envelope = Envelope("chapter", payload, ((key("x").id, maker.signing_key.sign(pae("chapter", payload))),))
        return document(name, section, expect, maker, envelope)

    def plus(text: str) -> str:
        return good[:-1] + "," + text + "}"

    yield case("a payload with white space and a wrong key id", "3.3", "accept", good.replace(",", " ,\n"))
    yield case("an unknown member is kept and passed over", "7.1", "accept", plus('"mood":"good"'))
    yield case("not JSON", "2.1", "malformed", good[:-1])
    yield case("an array", "2.1", "malformed", f"[{good}]")
    yield case("a member twice", "2.1", "malformed", plus('"version":1'))
    yield case("a member twice, once escaped", "2.1", "malformed", plus('"versio\\u006e":1'))
    yield case("a float", "2.2", "malformed", plus('"mood":1.0'))
    yield case("an exponent", "2.2", "malformed", plus('"mood":1e2'))
    yield case("NaN", "2.2", "malformed", plus('"mood":NaN'))
    yield case("infinity", "2.2", "malformed", plus('"mood":-Infinity'))
    yield case("minus zero", "2.2", "malformed", plus('"mood":-0'))
    yield case("2^53", "2.2", "malformed", plus(f'"mood":{2**53}'))
    yield case("2^53 - 1", "2.2", "accept", plus(f'"mood":{2**53 - 1}'))
    yield case("a lone surrogate", "2.3", "malformed", plus('"mood":"\\ud800"'))
    yield case("a lone surrogate in a name", "2.3", "malformed", plus('"\\udc00":1'))
    yield case("a direction override", "2.3", "malformed", plus('"mood":"\\u202e"'))
    yield case("eight levels", "2.4", "accept", plus('"mood":' + "[" * 7 + "]" * 7))
    yield case("nine levels", "2.4", "malformed", plus('"mood":' + "[" * 8 + "]" * 8))
    yield case("a text of 8,193 characters", "2.4", "malformed", plus(f'"mood":"{"x" * 8193}"'))
    for name in sorted(FORBIDDEN_MEMBERS):
        yield case(f"the member {name}", "3.4", "forbidden-member", plus(f'"{name}":0'))
    yield case("a forbidden member, deep and in capitals", "3.4", "forbidden-member", plus('"a":[{"b":{"PACE":0}}]'))
    yield case("a name that resembles a forbidden one", "3.4", "accept", plus('"pace_group":0'))


def roots() -> Iterator[Vector]:
    """Chains of roots, from version 1."""
    maker = ChapterMaker()

    def case(name: str, section: str, expect: str, *chain: Envelope, id_: str = maker.id) -> Vector:
        texts = [envelope.to_bytes().decode() for envelope in chain]
        return vector(name, section, "roots", expect, kind="chapter-root", id=id_, roots=texts)

    def root(version: int, *signers: str, **changes: Any) -> Envelope:
        return sealed("chapter-root", maker.root_members(version) | changes, *[key(name) for name in signers])

    one, mine = maker.roots[0], "london root"
    two = root(2, mine)
    new, both = {"root_keys": [key("new").public]}, {"root_keys": [key(mine).public, key("new").public]}
    yield case("one root", "5.1", "accept", one)
    yield case("two roots", "5.2", "accept", one, two)
    yield case("new root keys, signed by the old and the new", "5.2", "accept", one, root(2, mine, "new", **new))
    yield case("no root", "5.2", "broken-chain")
    yield case("another chapter's", "5.1", "broken-chain", one, id_=ChapterMaker("leeds").id)
    yield case("begins with version 2", "5.1", "broken-chain", two)
    yield case("a version skipped", "5.2", "broken-chain", one, root(3, mine))
    yield case("a version twice", "5.2", "broken-chain", one, two, two)
    yield case("names another chapter", "5.2", "broken-chain", one, root(2, mine, chapter="a" * 24))
    yield case("version 1 not signed by its own key", "5.1", "wrong-signature", root(1, "thief"))
    yield case("not signed by the old key", "5.2", "wrong-signature", one, root(2, "new", **new))
    yield case("not signed by the new key", "5.2", "wrong-signature", one, root(2, mine, **new))
    two_of_two = both | {"root_threshold": 2}
    yield case("one key signing twice", "4.4", "wrong-signature", one, root(2, mine, mine, **two_of_two))
    yield case("both keys signing", "4.4", "accept", one, root(2, mine, "new", **two_of_two))
    yield case("a threshold above the keys", "5.5", "malformed", root(1, mine, root_threshold=2))
    yield case("a threshold of 0", "5.5", "malformed", root(1, mine, root_threshold=0))
    yield case("a root key twice", "5.5", "malformed", root(1, mine, root_keys=[key(mine).public] * 2))
    yield case("a root key that signs documents", "5.5", "malformed", root(1, mine, signing_keys=[key(mine).public]))
    yield case("version 257", "5.2", "malformed", one, root(257, mine))
    yield case("version 1 that names a chapter", "5.1", "malformed", root(1, mine, chapter=maker.id))
    yield case("a weak signing key", "4.2", "weak-key", root(1, mine, signing_keys=["00" * 32]))
    yield case("a forbidden member", "3.4", "forbidden-member", root(1, mine, Rank=1))
    yield case("HQ's root", "4.3", "malformed", HqMaker().roots[0])
    yield from hq_roots()


def hq_roots() -> Iterator[Vector]:
    """HQ's chain: two of three."""
    hq = HqMaker()
    one, two, three = hq.root_keys
    cases = {"one and two": ((one, two), "accept"), "two and three": ((two, three), "accept")}
    cases |= {"two alone": ((two,), "wrong-signature"), "two, twice": ((two, two), "wrong-signature")}
    for name, (signers, expect) in cases.items():
        chain = [hq.roots[0], sealed("hq-root", hq.root_members(2), *signers)]
        texts = [envelope.to_bytes().decode() for envelope in chain]
        title = f"HQ's second root, signed by {name}"
        yield vector(title, "4.4", "roots", expect, kind="hq-root", id=hq.id, roots=texts)
