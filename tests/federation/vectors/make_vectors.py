"""Write federation/vectors: what any implementation of PROTOCOL.md must accept or refuse (§17).

Run as `python -m tests.federation.vectors.make_vectors`. Fixed keys, fixed times: it writes the same bytes every time.
"""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from federation.encodings import to_instant
from federation.envelope import MAX_ENVELOPE, MAX_PAYLOAD, Envelope, digest, pae, payload_type
from federation.invitation import Invitation
from federation.payloads import MAX_BIN
from federation.strict_json import FORBIDDEN_MEMBERS
from federation.text import MOST_LINES, MOST_MARKS

from ...support.federation_makers import (
    DAY,
    HOUR,
    NOW,
    ChapterMaker,
    HqMaker,
    Members,
    envelope_bytes,
    key,
    listing,
    point,
    registry_bin,
    said,
    schedule,
    sealed,
    sha256,
    without,
    write,
)

FOLDER = Path(__file__).parents[3] / "federation" / "vectors"
PRIME = 2**255 - 19
DIGITS = str.maketrans("0123456789", "abcdefghij")
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


def everything() -> dict[str, list[Vector]]:
    """File name to vectors."""
    return {
        "signing": list(signing()),
        "envelopes": list(envelopes()),
        "keys": list(keys()),
        "roots": list(roots()),
        "registry": list(registry()),
        "payloads": list(payloads()),
        "documents": list(documents()),
        "readings": list(readings()),
        "texts": list(texts()),
        "acceptance": list(acceptance()),
        "urgency": list(urgency()),
        "feed": list(feed()),
        "invitations": list(invitations()),
        "addresses": list(addresses()),
    }


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


def documents() -> Iterator[Vector]:
    """Shapes and bounds of chapter documents and listings."""
    maker = ChapterMaker()

    def case(name: str, section: str, expect: str, **changes: Any) -> Vector:
        return document(name, section, expect, maker, sealed("chapter", maker.members() | changes, maker.signing_key))

    def one(**changes: Any) -> Members:
        return {"listings": [listing(**changes)]}

    cancelled = said("2026-06-04", "cancelled", reason="weather", note="Ice on the steps.")
    moved = said("2026-06-11", "moved", starts="2026-06-11T19:00", meeting_point=point(name="Tower Hill"))
    yield case("a full listing", "7.3", "accept", **one(dates=[cancelled, moved], lead_first_name="Sam"))
    yield case("an empty list of listings", "7.1", "accept", listings=[])
    for name in maker.members():
        members = without(maker.members(), name)
        yield document(f"no {name}", "7.1", "malformed", maker, sealed("chapter", members, maker.signing_key))
    yield case("a version of 0", "7.1", "malformed", version=0)
    yield case("a version that is true", "7.1", "malformed", version=True)
    many = [listing(id=f"{n:07}a".translate(DIGITS)) for n in range(51)]
    yield case("50 listings", "2.4", "accept", listings=many[:50])
    yield case("51 listings", "2.4", "malformed", listings=many)
    yield case("a listing id twice", "7.1", "malformed", listings=[listing()] * 2)
    yield case("a country in lower case", "7.1", "malformed", profile={"name": "x", "place": "x", "country": "gb"})
    yield case("an issued day that is none", "2.5", "malformed", issued="2026-02-30T09:00:00Z")
    yield case("an instant with an offset", "2.5", "malformed", issued="2026-06-01T09:00:00+00:00")
    yield case("an instant in other digits", "2.5", "malformed", issued="\uff12026-06-01T09:00:00Z")
    yield case("fresh for more than 48 hours", "8.1", "malformed", fresh_until="2026-06-03T09:00:01Z")
    yield case("living more than 14 days", "8.1", "malformed", expires="2026-06-15T09:00:01Z")
    yield case("expires before fresh_until", "8.1", "malformed", expires="2026-06-03T08:59:59Z")
    yield case("a kind that is no word", "2.5", "malformed", **one(kind="Bike ride"))
    yield case("a name of 81 characters", "7.3", "malformed", **one(name="x" * 81))
    for name in ("\u200b\u2060", "\u3164", " \u00a0", "\u0301\u0301"):
        spelled = name.encode("unicode_escape").decode()
        yield case(f"a name of {spelled}", "2.3", "malformed", **one(name=name))
        yield case(f"a place named {spelled}", "2.3", "malformed", **one(meeting_point=point(name=name)))
    yield case("a stack of marks on a name", "2.3", "accept", **one(name="Z" + "\u0301" * 60))
    yield case("a thousand line feeds", "2.3", "accept", **one(what_happens="\n" * 1000))
    yield case("51 km", "7.3", "malformed", **one(distance_m=51_000))
    yield case("north of the pole", "7.3", "malformed", **one(meeting_point=point(lat_e4=900_001)))
    for metres, expect in ((1, "accept"), (100_000, "accept"), (0, "malformed"), (100_001, "malformed")):
        yield case(f"a point to {metres} m", "7.3", expect, **one(meeting_point=point(precision_m=metres)))
    daily, reordered = "FREQ=DAILY;INTERVAL=1;BYDAY=TH", "FREQ=WEEKLY;BYDAY=TH;INTERVAL=1"
    for rule in (daily, reordered, "FREQ=WEEKLY;INTERVAL=13;BYDAY=TH"):
        yield case(f"the rule {rule}", "2.6", "accept", **one(schedule=schedule(rrule=rule)))
    for rule in ("freq=weekly", "FREQ=WEEKLY INTERVAL=1", "", "F" + "X" * 200):
        yield case(f"the rule {rule[:22]!r}", "2.6", "malformed", **one(schedule=schedule(rrule=rule)))
    yield case("a start with seconds", "2.5", "malformed", **one(schedule=schedule(dtstart="2026-06-04T18:30:00")))
    yield case("a zone that is a path", "7.3", "malformed", **one(schedule=schedule(timezone="../../etc/passwd")))
    yield case("checked on a day", "7.3", "accept", **one(checked_on="2026-03-04"))
    yield case("checked on a day that is none", "2.5", "malformed", **one(checked_on="2026-02-30"))
    yield case("a date twice", "7.4", "malformed", **one(dates=[said("2026-06-04"), cancelled]))
    yield case("21 dates", "7.4", "malformed", **one(dates=[said(f"2026-07-{day:02}") for day in range(1, 22)]))
    yield case("an unknown state", "2.7", "accept", **one(dates=[said("2026-06-04", "postponed")]))
    yield case("an unknown reason", "2.7", "accept", **one(dates=[cancelled | {"reason": "heat"}]))
    yield case("a state that is no word", "2.5", "malformed", **one(dates=[said("2026-06-04", "Is on")]))
    yield from described(case, one)
    yield from ways(case, one)
    yield from languages(case, one)


def ways(case: Callable[..., Vector], one: Callable[..., Members]) -> Iterator[Vector]:
    """How to get to a meeting point; and when a lead last said anything."""
    for day, expect in (("2026-03-04", "accept"), ("4 March", "malformed")):
        spoken = {"name": "x", "place": "x", "country": "GB", "last_word_on": day}
        yield case(f"a last word on {day}", "7.1", expect, profile=spoken)
    shut = {"text": "The east gate is closed.", "since": "2026-05-01", "until": "2026-05-14"}
    yield case("a change entered ahead", "7.3", "accept", **one(changes_on="2026-06-18"))
    kept = said("2026-06-11", "moved", starts="2026-06-11T18:00", as_announced=True)
    yield case("a date that a change entered ahead leaves as it was", "7.4", "accept", **one(dates=[kept]))
    yield case("a date left as it was, as a text", "7.4", "malformed", **one(dates=[kept | {"as_announced": "yes"}]))
    yield case("a change from a day that is none", "2.5", "malformed", **one(changes_on="2026-06-31"))
    yield case("three notices", "7.8", "accept", **one(notices=[shut, shut, shut | {"until": "2026-05-01"}]))
    yield case("four notices", "7.8", "malformed", **one(notices=[shut] * 4))
    for wrong in (
        {"until": "2026-04-30"},
        {"since": "2026-02-30"},
        {"text": ""},
        {"text": "\u3164"},
        {"text": "x" * 301},
    ):
        (member, value), spelled = *wrong.items(), "".join(wrong.values())[:12].encode("unicode_escape").decode()
        yield case(f"a notice with the {member} {spelled!r}", "7.8", "malformed", **one(notices=[shut | wrong]))
    near = {"name": "Monument station", "distance_m": 240, "direction": "south"}
    way = {"public_transport": "Bank station, then five minutes.", "parking": "Bike racks.", "landmark": near}
    yield case("how to get to a point", "7.3", "accept", **one(meeting_point=point(**way)))
    tomorrow = near | {"direction": "up", "colour": "red"}
    yield case("a direction of tomorrow", "2.7", "accept", **one(meeting_point=point(landmark=tomorrow)))
    for wrong in ({"distance_m": 0}, {"distance_m": 5_001}, {"name": "\u200b"}, {"direction": "To the left"}):
        (member, value), broken = *wrong.items(), near | wrong
        spelled = str(value).encode("unicode_escape").decode()
        yield case(
            f"a landmark with the {member} {spelled}", "7.3", "malformed", **one(meeting_point=point(landmark=broken))
        )
    for member in near:
        half = one(meeting_point=point(landmark=without(near, member)))
        yield case(f"a landmark without {member}", "7.3", "malformed", **half)
    for member in ("public_transport", "parking"):
        yield case(f"301 characters of {member}", "7.3", "malformed", **one(meeting_point=point(**{member: "x" * 301})))


def languages(case: Callable[..., Vector], one: Callable[..., Members]) -> Iterator[Vector]:
    """Texts in several languages."""
    own = {"text_language": "en"}
    point_texts = {"directions": "Wrth droed y golofn.", "public_transport": "Bws 15.", "parking": "Rac beics."}
    texts = {"look_for": "Sgarff felen.", "what_happens": "Cerdded.", "bring": "D\u0175r.", "accessibility": "Ramp."}
    there = point(**own, translations={"cy": point_texts, "zh-Hant": {"directions": "\u5728\u67f1\u4e0b"}})
    run = one(**own, translations={"cy": texts, "ar": {"look_for": "\u0642\u0628\u0639\u0629"}}, meeting_point=there)
    yield case("texts in several languages", "7.9", "accept", **run)
    moved = said("2026-06-11", "moved", meeting_point=there)
    yield case("texts of the point of a moved date", "7.9", "accept", **one(dates=[moved]))
    spoken = {"name": "x", "place": "x", "country": "GB", **own, "translations": {"cy": {"about": "Croeso."}}}
    yield case("a profile in two languages", "7.9", "accept", profile=spoken)
    shut = {"text": "The east gate is closed.", "since": "2026-05-01", "until": "2026-05-14"}
    welsh = shut | own | {"translations": {"cy": {"text": "Mae'r giât ar gau."}}}
    yield case("a notice in two languages", "7.9", "accept", **one(notices=[welsh]))
    for name, expect, translations in (
        ("a language that says nothing", "accept", {"cy": {}}),
        ("a language of tomorrow", "accept", {"gsw-Latn-CH": {"look_for": "x"}}),
        ("a text of tomorrow in another language", "accept", {"cy": {"motto": "x"}}),
        ("the language of the own texts again", "accept", {"en": {"look_for": "x"}}),
        ("8 more languages", "accept", {f"a{letter}": {} for letter in "abcdefgh"}),
        ("9 more languages", "malformed", {f"a{letter}": {} for letter in "abcdefghi"}),
        ("50 more languages", "malformed", {f"{one}{two}": {} for one in "abcde" for two in "abcdefghij"}),
        ("a language that is no tag", "malformed", {"Welsh!": {"look_for": "x"}}),
        ("a language without a name", "malformed", {"": {"look_for": "x"}}),
        ("a language that is a text", "malformed", {"cy": "x"}),
        ("a text that is a number", "malformed", {"cy": {"look_for": 1}}),
        ("a text of 201 characters in another language", "malformed", {"cy": {"look_for": "x" * 201}}),
        ("a control character in another language", "malformed", {"cy": {"look_for": "x\u0007"}}),
        ("a list of languages", "malformed", ["cy"]),
        ("a language with a forbidden name", "forbidden-member", {"Pace": {"look_for": "x"}}),
    ):
        yield case(
            name, "3.4" if expect == "forbidden-member" else "7.9", expect, **one(**own, translations=translations)
        )
    yield case("a text language that is no tag", "7.9", "malformed", **one(text_language="in Welsh"))


def described(case: Callable[..., Vector], one: Callable[..., Members]) -> Iterator[Vector]:
    """What a listing says of itself, and pauses."""
    yield case("everything that can be said", "7.3", "accept", **one(**EVERYTHING))
    closed = {"facilities": ["sauna"], "audience": "carers", "photos": "on-request", "bank_holidays": "next-day"}
    for name, value in ({"kind": "wheel", "languages": ["gsw-Latn-CH"]} | closed).items():
        yield case(f"{name}: {value}", "2.7", "accept", **one(**{name: value}))
        wrong = ["-"] if isinstance(value, list) else "-"
        yield case(f"{name}: {wrong}", "2.5", "malformed", **one(**{name: wrong}))
    yield case("forty facilities", "7.3", "accept", **one(facilities=[f"a{number}" for number in range(40)]))
    yield case("41 facilities", "7.3", "malformed", **one(facilities=[f"a{number}" for number in range(41)]))
    yield case("a facility twice", "7.3", "malformed", **one(facilities=["lit", "lit"]))
    yield case("a language twice", "7.3", "malformed", **one(languages=["en", "en"]))
    yield case("nine languages", "7.3", "malformed", **one(languages=[f"a{letter}" for letter in "abcdefghi"]))
    yield case("an age of 100", "7.3", "malformed", **one(minimum_age=100))
    yield case("free of charge, as a number", "7.3", "malformed", **one(free_of_charge=1))
    yield case("a run that is held once", "7.3", "accept", **one(schedule=without(schedule(), "rrule")))
    yield case("a pause without an end", "7.5", "accept", **one(pause={"since": "2026-06-04"}))
    yield case("a pause of the chapter", "7.5", "accept", profile=PAUSED)
    yield case("back on the first day", "7.5", "malformed", **one(pause=PAUSE | {"back_on": "2026-06-04"}))
    yield case("a pause that begins on no day", "7.5", "malformed", **one(pause=PAUSE | {"since": "2026-02-30"}))
    yield case("a pause that never begins", "7.5", "malformed", **one(pause={"back_on": "2026-07-02"}))


def texts() -> Iterator[Vector]:
    """How text that people wrote is shown: `shown`; `visible`: whether it may be a name."""

    def case(name: str, text: str, shown: str, *, visible: bool = True) -> Vector:
        return vector(name, "2.3", "text", "accept", text=text, shown=shown, visible=visible)

    yield case("as it is", "Läufer, 12-14 Uhr", "Läufer, 12-14 Uhr")
    family = "\U0001f469\u200d\U0001f467 run"
    yield case("a family of emoji keeps its joiners", family, family)
    yield case("invisible characters", "Lon\u200bdon\u2060\ufeff\u00ad", "London")
    yield case("nothing but invisible ones", "\u200b\u2060", "", visible=False)
    yield case("a letter that is drawn as nothing", "\u3164", "\u3164", visible=False)
    yield case("marks on nothing", "\u0301\u0301", "\u0301\u0301", visible=False)
    yield case("direction marks", "a\u200e\u200f\u061cb", "ab")
    yield case("marks in a tower", "Z" + "\u0301" * 60 + "o", "Z" + "\u0301" * MOST_MARKS + "o")
    yield case("vowels and accents of real scripts", "Tiếng Việt, שָׁלוֹם", "Tiếng Việt, שָׁלוֹם")
    yield case("line feeds in a row", "one" + "\n \n" * 500 + "two", "one\n\ntwo")
    yield case("other line ends", "one\u2028two\u0085three", "one\ntwo\nthree")
    lines = [f"line {number}" for number in range(1, 61)]
    shown = "\n".join([*lines[: MOST_LINES - 1], " ".join(lines[MOST_LINES - 1 :])])
    yield case("sixty lines", "\n".join(lines), shown)


TOMORROW: Members = {
    "kind": "wheel",
    "facilities": ["water", "sauna"],
    "meeting_point": point(landmark={"name": "The station", "distance_m": 240, "direction": "up"}),
    "audience": "carers",
    "languages": ["en", "gsw-Latn-CH"],
    "photos": "on-request",
    "bank_holidays": "next-day",
    "mood": {"is": "good"},
    "dates": [
        said("2026-06-04", "cancelled", reason="heat"),
        said("2026-06-11", "postponed", starts="2026-06-11T19:00"),
        said("2026-06-18", "confirmed"),
    ],
}
READ_TODAY: Members = {
    "kind": None,
    "facilities": ["water"],
    "audience": "some",
    "languages": ["en"],
    "photos": None,
    "bank_holidays": None,
    "direction": None,
    "dates_known": True,
    "dates": [["2026-06-04", "cancelled", "other"], ["2026-06-11", "unclear", None], ["2026-06-18", "confirmed", None]],
}


def readings() -> Iterator[Vector]:
    """How a listing is read: `reading`, member by member; null for what is not shown."""
    maker = ChapterMaker()

    def case(name: str, section: str, reading: Members, **changes: Any) -> Vector:
        payload = write(maker.members(listings=[listing(**changes)]))
        return vector(name, section, "reading", "accept", payload=payload, reading=reading)

    dates = [["2026-06-04", "cancelled", "weather"]]
    said_today = [said("2026-06-04", "cancelled", reason="weather")]
    near = point(landmark={"name": "The station", "distance_m": 240, "direction": "south"})
    names = ("kind", "facilities", "audience", "languages", "photos", "bank_holidays")
    today = {name: EVERYTHING.get(name, "run-walk") for name in names} | {"dates_known": True, "dates": dates}
    today |= {"direction": "south"}
    yield case("words of today", "2.7", today, **EVERYTHING | {"dates": said_today, "meeting_point": near})
    yield case("words of tomorrow", "2.7", READ_TODAY, **TOMORROW)
    daily = schedule(rrule="FREQ=DAILY;INTERVAL=1")
    unread = READ_TODAY | {
        "dates_known": False,
        "dates": [[day, state if state == "cancelled" else "unclear", why] for day, state, why in READ_TODAY["dates"]],
    }
    yield case("a rule of tomorrow", "2.6", unread, **TOMORROW | {"schedule": daily})


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


def feed() -> Iterator[Vector]:
    """Cursors, and blocks whole or cut."""

    def cursor(name: str, section: str, expect: str, text: str) -> Vector:
        return vector(name, section, "cursor", expect, cursor=text, feed="abcdefgh", newest=700)

    def block(name: str, expect: str, data: str) -> Vector:
        return vector(name, "9.2", "block", expect, data=data)

    yield cursor("no cursor", "9.1", "accept", "")
    yield cursor("zero", "9.1", "accept", "0")
    yield cursor("the end", "9.1", "accept", "abcdefgh.700")
    yield cursor("no feed", "9.1", "malformed", "700")
    yield cursor("a negative place", "9.1", "malformed", "abcdefgh.-1")
    yield cursor("another feed", "9.3", "unknown-cursor", "hgfedcba.1")
    yield cursor("the future", "9.3", "unknown-cursor", "abcdefgh.701")
    line, last = ChapterMaker().roots[0].to_bytes().decode(), '{"cursor":"abcdefgh.500","more":true}'
    yield block("a block", "accept", f"{line}\n{last}\n")
    yield block("an empty block", "accept", f"{last}\n")
    yield block("nothing", "malformed", "")
    yield block("500 lines", "accept", "{}\n" * 500 + f"{last}\n")
    yield block("a line more than 500", "malformed", "{}\n" * 501 + f"{last}\n")
    yield block("cut within an envelope", "malformed", line[:100])
    yield block("cut before the last line", "malformed", f"{line}\n")
    yield block("cut before the last byte", "malformed", f"{line}\n{last}")
    yield block("a cursor that is none", "malformed", f'{line}\n{{"cursor":500,"more":true}}\n')
    yield block("more that is a number", "malformed", f'{line}\n{{"cursor":"abcdefgh.500","more":1}}\n')


def invitations() -> Iterator[Vector]:
    """One line of text."""
    hq = HqMaker()
    good = str(Invitation("https://hq.example.org", hq.id, hq.roots[0].digest, "0" * 64))
    for name, text, expect in (
        ("an invitation", good, "accept"),
        ("white space around it", f" {good}\n", "accept"),
        ("another mark", good.replace("rtr1.", "rtr2."), "malformed"),
        ("cut", good[:-4], "malformed"),
        ("not base64url", good[:40] + "*" + good[40:], "malformed"),
        ("over 2,000 characters", "rtr1." + "a" * 2000, "malformed"),
    ):
        yield vector(name, "10.1", "invitation", expect, text=text)


def addresses() -> Iterator[Vector]:
    """Base URLs, on the internet and on a development machine."""
    internet = {"https://example.org": True, "https://run.example.co.uk": True}
    wrong = ("http://example.org", "https://example.org/", "https://example.org:443", "https://Example.org")
    wrong += (
        "https://user@example.org",
        "https://127.0.0.1",
        "https://localhost",
        "http://127.0.0.1:8000",
        "https://[::1]",
    )
    loopback = {"http://127.0.0.1:8000": True, "http://127.0.0.1:65536": False, "http://127.0.0.1": False}
    loopback |= {"http://localhost:8000": False, "https://example.org": False}
    for network, cases in (("internet", internet | dict.fromkeys(wrong, False)), ("loopback", loopback)):
        for text, good in cases.items():
            expect = "accept" if good else "malformed"
            yield vector(f"{text} ({network})", "5.4", "base_url", expect, text=text, network=network)


def written(vectors: list[Vector]) -> str:
    """A file's text."""
    return json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for name, vectors in everything().items():
        (FOLDER / f"{name}.json").write_text(written(vectors))


if __name__ == "__main__":
    main()
