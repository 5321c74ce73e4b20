"""Verify all that a node's feed says, from HQ's pinned root down: python verify_feed.py URL HQ_ROOT_DIGEST

Written from PROTOCOL.md alone: who may say it, is it the newest, is it in time. The shape of documents (§7) is not
looked at. One line a document, then a summary; exit status 1 if anything was refused.
"""

import base64
import hashlib
import json
import re
import sys
from contextlib import suppress
from time import gmtime, strftime, time
from typing import Any
from urllib.request import urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """Why a root or document is not taken, in one word."""


def get(path: str) -> bytes:
    return bytes(urlopen(f"{sys.argv[1]}/fed/v1{path}", timeout=30).read())  # noqa: S310 - the caller names the node


def require(fact: bool, otherwise: str) -> None:
    if not fact:
        raise Refused(otherwise)


def opened(envelope: Any, kind: str, keys: list[str], threshold: int = 1) -> Any:
    """The payload, parsed only once `threshold` distinct keys are found to have signed its very bytes (§4.4)."""
    type_, payload = f"application/vnd.runtalkrun.{kind}.v1+json".encode(), envelope["payload"].encode()
    message, signers = b"DSSEv1 %d %b %d %b" % (len(type_), type_, len(payload), payload), set()
    for key, signature in ((key, base64.b64decode(each["sig"])) for key in keys for each in envelope["signatures"]):
        with suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, message)
            signers.add(key)
    require(1 <= threshold <= len(signers), "forged")
    return json.loads(payload)


def follow(chain: list[Any], envelope: Any, kind: str, id_: str) -> None:
    """Append a root that the root before it and itself have signed (§5.2); the first one's digest is the id (§5.1)."""
    before = chain[-1] if chain else json.loads(envelope["payload"])
    root = opened(envelope, f"{kind}-root", before["root_keys"], before["root_threshold"])
    opened(envelope, f"{kind}-root", root["root_keys"], root["root_threshold"])
    names = root[kind] if chain else network_id(envelope)
    require((names, root["version"]) == (id_, len(chain) + 1), "broken-chain")
    chain.append(root | {"digest": hashlib.sha256(envelope["payload"].encode()).hexdigest()})


def network_id(envelope: Any) -> str:
    return base64.b32encode(hashlib.sha256(envelope["payload"].encode()).digest())[:24].decode().lower()


def check(envelope: Any, chapter: str) -> None:
    """`chapter` is what the envelope claims: it only chooses the keys that can tell (§4.5)."""
    require(chapter in entries, "unregistered")
    require(entries[chapter]["status"] in ("active", "paused"), "not-active")
    if "chapter-root" in envelope["payloadType"]:
        return follow(chains[chapter], envelope, "chapter", chapter)
    require(entries[chapter]["root_digest"] in [root["digest"] for root in chains[chapter]], "missing-root")
    document = opened(envelope, "chapter", chains[chapter][-1]["signing_keys"])
    require(document["chapter"] == chapter, "forged")
    require(document["version"] >= newest[chapter], "older")
    require(now < document["expires"] and document["issued"] <= tomorrow, "expired")
    newest[chapter] = document["version"]
    print("ok", chapter, document["version"])


now, tomorrow = (strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(time() + wait)) for wait in (0, 86_400))
hq, roots = base64.b32encode(bytes.fromhex(sys.argv[2]))[:24].decode().lower(), list[Any]()
for number in range(1, json.loads(get("/status"))["hq_root"]["version"] + 1):
    follow(roots, json.loads(get(f"/hq/{hq}/root/{number}")), "hq", hq)
registry = opened(json.loads(get(f"/hq/{hq}/registry")), "registry", roots[-1]["registry_keys"])
bins = {ref["digest"]: get(f"/hq/{hq}/bins/{ref['digest']}") for ref in registry["bins"]}
require(all(hashlib.sha256(content).hexdigest() == digest for digest, content in bins.items()), "forged bin")
entries = {entry["chapter"]: entry for content in bins.values() for entry in json.loads(content)["chapters"]}
chains, newest = {chapter: list[Any]() for chapter in entries}, dict.fromkeys(entries, 0)
lines, end, refused = list[Any](), {"cursor": "", "more": True}, 0
while end["more"]:
    *block, end = map(json.loads, get(f"/changes?after={end['cursor']}").splitlines())
    lines += block
# All roots first: a document is judged by the newest root of its chapter (§5.3), wherever its line stands.
for envelope in sorted(lines, key=lambda envelope: "-root" not in envelope["payloadType"]):
    claim = re.search(r'"chapter"\s*:\s*"([a-z2-7]{24})"', envelope["payload"])
    chapter = claim[1] if claim else network_id(envelope)
    try:
        check(envelope, chapter)
    except (Refused, ValueError, LookupError, TypeError) as error:
        refused += 1
        print("REFUSED", error if isinstance(error, Refused) else "malformed", chapter)
print(f"{len(newest)} chapters, {len(lines)} lines, {refused} refused")
sys.exit(refused > 0)
