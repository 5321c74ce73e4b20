"""This node among the others: whether they answer, and whether what it signs is fresh everywhere."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from ...chapter import rivals
from ...directory import chapters
from ...models import HeldDocument, HeldRegistry, Hq, KnownPeer
from ...sync import restored_folder
from .checks import Found, Ground, broken, look, well

_LONG = timedelta(hours=2)


def peers(ground: Ground) -> Found:
    """Whether any other node has answered lately."""
    session, settings = ground.session, ground.settings
    others = chapters.addresses(session) | {chapters.seed(session, settings) or ""}
    if not others - {"", settings.base_url}:
        return well("there is no other node yet")
    if not settings.poll_seconds:
        return look("this node asks no other one: RTR_POLL_SECONDS is 0", "set it to 900, or leave it out")
    answered = select(func.max(KnownPeer.asked_at)).where(KnownPeer.failures == 0, KnownPeer.asked_at <= ground.now)
    last = session.scalar(answered)
    longest = max(_LONG, timedelta(seconds=4 * settings.poll_seconds))
    if last is None or ground.now - last > longest:
        since = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet"
        fix = "see that the node runs, and that it may open connections to port 443 of others"
        return broken(f"no other node has answered {since}", fix)
    silent = session.scalar(select(func.count()).select_from(KnownPeer).where(KnownPeer.failures > 0)) or 0
    return well(f"another node answered at {last:%H:%M} UTC; {silent} did not the last time they were asked")


def document(ground: Ground) -> Found:
    """Whether what this node signs is fresh. A stale list counts for nothing: other sites show no promise of it."""
    session = ground.session
    if rivals.has_rival(session):
        return broken(
            "two servers speak for this node", 'stop the other one, then tap "Keep this one" on the first page'
        )
    fresh_until = session.scalar(_fresh_until(ground))
    if fresh_until is None:
        return look("nothing is signed yet", "announce a run, or sign in and save the chapter's page")
    says = f"what this node signed is fresh until {fresh_until:%Y-%m-%d %H:%M} UTC"
    if fresh_until <= ground.now:
        why = "no other node has answered what it holds of us: see the check peers"
        fix = why if restored_folder.is_open(session) else "see that the node runs and its signing key can be read"
        return broken(says, fix)
    return well(says)


def registry(ground: Ground) -> Found:
    """Whether HQ's list of chapters is fresh."""
    hq, held = ground.session.get(Hq, 1), ground.session.get(HeldRegistry, 1)
    if hq is None:
        return look(
            "this node has joined no HQ: no other site shows its runs", "join with HQ's invitation: rtr join rtr1.…"
        )
    if held is None:
        return look("HQ's list of chapters has not come yet", "rtr sync")
    says = f"HQ's list of chapters is fresh until {held.fresh_until:%Y-%m-%d}"
    if held.fresh_until <= ground.now:
        return look(says, "tell HQ that its node is silent; known chapters stay listed")
    return well(says)


def _fresh_until(ground: Ground) -> Select[datetime]:
    if ground.settings.is_hq:
        return select(HeldRegistry.fresh_until)
    return select(HeldDocument.fresh_until).where(HeldDocument.chapter == chapters.own_id(ground.session))
