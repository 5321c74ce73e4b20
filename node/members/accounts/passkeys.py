"""Passkeys (WebAuthn): a phone signs in by its own lock. Offered to people with an account, and never required.

The library is imported where it is used: most processes never need it. Each challenge counts once, also where the
answer to it is refused.
"""

import json
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import sealed_fields
from ...config import Settings
from ...database import Writing, writing
from ...errors import NodeError
from ...models import Challenge, Passkey, Person
from .. import sign_in

_CHALLENGE_LIFE = timedelta(minutes=5)
#: Characters of an authenticator's answer, and of the name of a passkey. Answers have two thousand or so.
_MOST_ANSWER, _MOST_NAME = 20_000, 60
#: Passkeys of one person.
MOST = 10


class PasskeyRefused(NodeError):
    """What the phone answered does not count. Nothing was changed."""

    code = "passkey-refused"


@dataclass(frozen=True)
class Site:
    """This site as a phone knows it. `host`: the name that passkeys are bound to. `origin`: with scheme and port."""

    host: str
    origin: str
    name: str


def options_to_add(session: Session, settings: Settings, site: Site, person: Person, now: datetime) -> str:
    """What the phone of `person` needs to make a passkey, as JSON."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import structs

    known = [structs.PublicKeyCredentialDescriptor(id=one.credential_id) for one in all_of(session, person.id)]
    chosen = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.REQUIRED,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=_handle(settings, person.id),
        user_name=person.first_name or site.name,
        challenge=_new_challenge(session, person.id, now),
        authenticator_selection=chosen,
        exclude_credentials=known,
    )
    return options_to_json(options)


def add(session: Session, site: Site, person_id: int, answer: str, name: str, now: datetime) -> None:
    """Keep the passkey that a phone has made. `name`: the phone in words. Raises PasskeyRefused."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _use_challenge(session, answer, person_id, now)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused("what the phone answered does not count") from error
    with writing(session, is_private=True) as transaction:
        if transaction.get(Passkey, made.credential_id) is not None or len(all_of(transaction, person_id)) >= MOST:
            raise PasskeyRefused("this passkey is known already, or there are too many")
        passkey = Passkey(credential_id=made.credential_id, person_id=person_id, added_at=now, name=name[:_MOST_NAME])
        passkey.public_key, passkey.sign_count = made.credential_public_key, made.sign_count
        transaction.add(passkey)


def options_to_sign_in(session: Session, site: Site, now: datetime) -> str:
    """What any phone needs to sign in, as JSON. It names nobody: the phone knows which passkey is of this site."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=_new_challenge(session, None, now),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def use(session: Session, site: Site, answer: str, device: str, now: datetime) -> str:
    """Begin a session of the person whose passkey it is. The session's token. Raises PasskeyRefused."""
    challenge = _use_challenge(session, answer, None, now)
    passkey = session.get(Passkey, _id_of(answer))
    if passkey is None:
        raise PasskeyRefused("no such passkey")
    count = _verified(site, answer, challenge, passkey)
    with writing(session, is_private=True) as transaction:
        found = transaction.get(Passkey, passkey.credential_id)
        if found is None:
            raise PasskeyRefused("no such passkey")
        found.sign_count, found.used_at = count, now
        return sign_in.begin_session(transaction, found.person_id, device, now)


def all_of(session: Session, person_id: int) -> Sequence[Passkey]:
    """A person's passkeys, the oldest first."""
    return session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.added_at)).all()


def remove(session: Session, person_id: int, credential_id: str) -> None:
    """Delete a passkey, if it is that person's. `credential_id`: in hexadecimal digits."""
    try:
        wanted = bytes.fromhex(credential_id)
    except ValueError:
        return
    with writing(session, is_private=True) as transaction:
        transaction.execute(delete(Passkey).where(Passkey.credential_id == wanted, Passkey.person_id == person_id))


def sweep(session: Writing, now: datetime) -> None:
    """Delete challenges that nobody answered."""
    session.execute(delete(Challenge).where(Challenge.expires_at <= now))


def _verified(site: Site, answer: str, challenge: bytes, passkey: Passkey) -> int:
    """How often the authenticator says that it was used. Raises PasskeyRefused."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        used = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused("what the phone answered does not count") from error
    return used.new_sign_count


def _handle(settings: Settings, person_id: int) -> bytes:
    """What a phone stores of a person, so that a second passkey of theirs replaces the first. It names nobody."""
    return sealed_fields.load(settings).token("passkey", person_id).encode()


def _new_challenge(session: Session, person_id: int | None, now: datetime) -> bytes:
    challenge = secrets.token_bytes(32)
    with writing(session, is_private=True) as transaction:
        sweep(transaction, now)
        transaction.add(Challenge(challenge=challenge, person_id=person_id, expires_at=now + _CHALLENGE_LIFE))
    return challenge


def _use_challenge(session: Session, answer: str, person_id: int | None, now: datetime) -> bytes:
    """The challenge that is answered, which counts no more. Raises PasskeyRefused."""
    challenge = _challenge_in(answer)
    # First without the write lock: nobody takes it by making up an answer.
    if session.get(Challenge, challenge) is None:
        raise PasskeyRefused("nobody was asked this")
    with writing(session, is_private=True) as transaction:
        found = transaction.get(Challenge, challenge)
        if found is None:
            raise PasskeyRefused("this was answered already")
        is_good = now < found.expires_at <= now + _CHALLENGE_LIFE and found.person_id == person_id
        transaction.delete(found)
    if not is_good:
        raise PasskeyRefused("this was asked of somebody else, or too long ago")
    return challenge


def _challenge_in(answer: str) -> bytes:
    """The challenge that an answer names. The library looks later whether it is the one that was given."""
    try:
        response = _members(answer)["response"]
        return _bytes(json.loads(_bytes(response["clientDataJSON"]))["challenge"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PasskeyRefused("this is no answer of a phone") from error


def _id_of(answer: str) -> bytes:
    try:
        return _bytes(_members(answer)["rawId"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PasskeyRefused("this is no answer of a phone") from error


def _members(answer: str) -> Any:
    if len(answer) > _MOST_ANSWER:
        raise ValueError("too long")
    return json.loads(answer)


def _bytes(text: str) -> bytes:
    """The bytes of base64url without its padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
