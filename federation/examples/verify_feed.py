"""Verify all that a node's feed says, from HQ's pinned root down: python verify_feed.py URL HQ_ROOT_DIGEST

Written from PROTOCOL.md alone: who may say it, is it the newest, is it in time. Not looked at: the shape of documents
(§7), how strictly their JSON is written (§2), and whether a root names a weak key (§4.2). One line a document, those
that were refused last, then a summary; exit status 1 if any was.
"""

# mypy: allow-any-generics
# ruff: noqa: S310 - who runs this names the node
import base64
import hashlib
import json
import re
import sys
from contextlib import suppress
from time import gmtime, strftime, time
from urllib.request import urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def require(fact: bool, otherwise: str) -> None:
    if not fact:
        raise ValueError(otherwise)


def network_id(envelope: dict) -> str:
    return base64.b32encode(hashlib.sha256(envelope["payload"].encode()).digest())[:24].decode().lower()


def opened(envelope: dict, kind: str, keys: list[str], threshold: int = 1) -> dict:
    """The payload, parsed only once `threshold` distinct keys are found to have signed its very bytes (§4.4)."""
    type_, payload = f"application/vnd.runtalkrun.{kind}.v1+json".encode(), envelope["payload"].encode()
    message, signers = b"DSSEv1 %d %b %d %b" % (len(type_), type_, len(payload), payload), set()
    for key, signature in ((key, base64.b64decode(each["sig"])) for key in keys for each in envelope["signatures"]):
        with suppress(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, message)
            signers.add(key)
    require(1 <= threshold <= len(signers), "forged")
    return dict(json.loads(payload))


def follow(chain: list[dict], envelope: dict, kind: str, id_: str) -> None:
    """Append a root that the root before it and itself have signed (§5.2); the first one's digest is the id (§5.1)."""
    before = chain[-1] if chain else json.loads(envelope["payload"])
    root = opened(envelope, f"{kind}-root", before["root_keys"], before["root_threshold"])
    opened(envelope, f"{kind}-root", root["root_keys"], root["root_threshold"])
    require((root[kind] if chain else network_id(envelope), root["version"]) == (id_, len(chain) + 1), "broken-chain")
    chain.append(root | {"digest": hashlib.sha256(envelope["payload"].encode()).hexdigest()})


def check(envelope: dict, chapter: str) -> None:
    """`chapter` is what the envelope claims: it only chooses the keys that can tell (§4.5)."""
    require(entries.get(chapter, {}).get("status") in ("active", "paused"), "unregistered")
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
node, lines, refused = f"{sys.argv[1]}/fed/v1", list[dict]([{"cursor": "", "more": True}]), list[str]()
hq, roots = base64.b32encode(bytes.fromhex(sys.argv[2]))[:24].decode().lower(), list[dict]()
for number in range(1, json.load(urlopen(f"{node}/status"))["hq_root"]["version"] + 1):
    follow(roots, json.load(urlopen(f"{node}/hq/{hq}/root/{number}")), "hq", hq)
refs = opened(json.load(urlopen(f"{node}/hq/{hq}/registry")), "registry", roots[-1]["registry_keys"])["bins"]
# A bin is looked up by the digest that it has: one that the registry does not name is not found.
bins = {hashlib.sha256(raw := urlopen(f"{node}/hq/{hq}/bins/{ref['digest']}").read()).hexdigest(): raw for ref in refs}
entries = {entry["chapter"]: entry for ref in refs for entry in json.loads(bins[ref["digest"]])["chapters"]}
chains, newest = {chapter: list[dict]() for chapter in entries}, dict.fromkeys(entries, 0)
# A block's last line says where the next one begins.
while (end := lines.pop())["more"]:
    lines += map(json.loads, urlopen(f"{node}/changes?after={end['cursor']}"))
# All roots first: a document is judged by the newest root of its chapter (§5.3), wherever its line stands. What a later
# version wrote is passed over (§9.2).
for envelope in sorted(lines, key=lambda envelope: "-root" not in envelope["payloadType"]):
    claims = re.findall(r'"chapter"\s*:\s*"([a-z2-7]{24})"', envelope["payload"]) or [network_id(envelope)]
    try:
        check(envelope, claims[0]) if re.search(r"[.]chapter(-root)?[.]v1[+]json$", envelope["payloadType"]) else None
    except (ValueError, LookupError, TypeError) as error:
        refused.append(f"REFUSED {error} {claims[0]}")
print(*refused, f"{len(newest)} chapters, {len(lines)} lines, {len(refused)} refused", sep="\n")
sys.exit(len(refused) > 0)
