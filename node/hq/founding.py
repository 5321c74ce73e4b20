"""How an HQ begins: three offline root keys, of which two sign, and the online keys that its root names."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from federation.documents import HqProfile, HqRoot, most_of
from federation.encodings import network_id, new_listing_id, to_instant
from federation.envelope import Envelope, seal
from federation.keys import SigningKey
from federation.payloads import write_document

from ..config import Settings
from ..database import writing
from ..directory import registry
from ..errors import InvalidInput
from ..input.validation import check_texts, refuse
from ..keys import write_key
from ..models import Chapter, Counter
from .online_keys import BULLETIN
from .registry import sign_registry

ROOT_KEYS = 3
THRESHOLD = 2
ROOT_LIFE = timedelta(days=5 * 365)


@dataclass(frozen=True)
class HqInput:
    """HQ as every node shows it: a name, and one public e-mail address."""

    name: str
    contact: str


def create_hq(session: Session, settings: Settings, hq: HqInput, now: datetime) -> list[SigningKey]:
    """Found an HQ: its root and its empty registry. The root keys are returned, to be taken away, and kept nowhere."""
    _check(hq)
    roots = [SigningKey.generate() for _ in range(ROOT_KEYS)]
    registry_key, bulletin_key = SigningKey.generate(), SigningKey.generate()
    genesis = _genesis(roots, registry_key, bulletin_key, now)
    write_key(settings.signing_key_file, registry_key)
    write_key(settings.signing_key_file.with_name(BULLETIN), bulletin_key)
    hq_id = network_id(genesis.digest)
    with writing(session) as transaction:
        transaction.add_all(
            [
                Counter(row=1, feed=new_listing_id()),
                Chapter(row=1, id=hq_id, name=hq.name.strip(), contact=hq.contact.strip()),
            ]
        )
        registry.pin(transaction, settings.base_url, [genesis], hq_id, genesis.digest)
        transaction.flush()
        sign_registry(transaction, settings, {}, now)
    return roots


def _genesis(roots: list[SigningKey], registry_key: SigningKey, bulletin_key: SigningKey, now: datetime) -> Envelope:
    root = HqRoot(
        version=1,
        root_keys=[key.public for key in roots],
        root_threshold=THRESHOLD,
        registry_keys=[registry_key.public],
        bulletin_keys=[bulletin_key.public],
        expires=to_instant(now + ROOT_LIFE),
    )
    return seal("hq-root", write_document(root), roots[:THRESHOLD])


def _check(hq: HqInput) -> None:
    refuse(check_texts({"name": hq.name}, {"name": most_of(HqProfile, "name")}, frozenset({"name"})))
    try:
        msgspec.convert({"name": hq.name.strip(), "contact": hq.contact.strip()}, HqProfile)
    except msgspec.ValidationError as error:
        raise InvalidInput({"contact": "required"}) from error
