"""The keys on this server, and the end of HQ's root."""

from datetime import timedelta

from federation.encodings import from_instant

from ... import sealed_fields
from ...directory import registry
from ...errors import KeyUnreadable
from ...keys import load_signing_key
from ...models import Upkeep
from .checks import Found, Ground, broken, look, well

_SOON = timedelta(days=60)


def keys(ground: Ground) -> Found:
    """Whether the signing key can be read, and the members' key where anything was sealed with it."""
    try:
        load_signing_key(ground.settings)
    except KeyUnreadable as error:
        return broken(str(error), "put it back from your backup; if it is lost, sign a new root with the paper key")
    upkeep = ground.session.get(Upkeep, 1)
    if upkeep is None or upkeep.key_proof is None:
        return well("the signing key is there; nothing was sealed yet")
    if not sealed_fields.is_readable(ground.session, ground.settings):
        file = ground.settings.members_key_file
        return broken(
            f"{file} is gone, or another one: nobody can read what members told", f"put {file} back from a copy"
        )
    return well("the signing key and the members' key are there")


def root(ground: Ground) -> Found:
    """Whether HQ's root goes on. Past its end nothing stops, but nobody can tell a new key of HQ from a stolen one."""
    chain = registry.chain_of(ground.session)
    if not chain:
        return look("this node knows no HQ", "join with HQ's invitation: rtr join rtr1.…")
    expires = from_instant(chain[-1].document.expires)
    fix = (
        "two of HQ's root keys sign a new root: rtr hq root" if ground.settings.is_hq else "tell HQ to sign a new root"
    )
    if expires <= ground.now:
        return broken(f"HQ's root expired on {expires:%Y-%m-%d}", fix)
    says = f"HQ's root is good until {expires:%Y-%m-%d}"
    return look(says, fix) if expires - ground.now < _SOON else well(says)
