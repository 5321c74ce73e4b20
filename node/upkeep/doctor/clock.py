"""This machine's clock, by the other nodes'."""

from ...sync import neighbours
from .checks import Found, Ground, broken, look, unknown, well

_FIX = "set it right (on Debian: timedatectl set-ntp true): other nodes refuse what a wrong clock signs"
#: Seconds. Beyond these a machine that keeps its time by the network has lost it.
_NOTICED = 60


def clock(ground: Ground) -> Found:
    """Whether most other nodes find this clock wrong, or whoever looked from outside does."""
    error = neighbours.clock_error(ground.session, ground.now).total_seconds()
    off = ground.seen.clock_off if ground.seen else None
    if error or (off is not None and abs(off) > neighbours.CLOCK_BOUND.total_seconds()):
        return broken(f"this clock is {_words(error or off or 0)} by the other nodes'", _FIX)
    if off is not None and abs(off) > _NOTICED:
        return look(f"this clock is {_words(off)} by another node's", _FIX)
    if off is None and not neighbours.clock_is_vouched_for(ground.session, ground.settings, ground.now):
        return unknown("no other node has told its time within a day")
    return well("the clock is right by the other nodes'")


def _words(seconds: float) -> str:
    size = f"{abs(seconds) / 60:.0f} minutes" if abs(seconds) >= 120 else f"{abs(seconds):.0f} seconds"
    return f"{size} {'ahead' if seconds > 0 else 'behind'}"
