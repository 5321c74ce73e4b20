"""The pages on which leads, and the people of HQ, look after their server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete

from node.models import CheckResult, Sample
from node.upkeep import doctor
from node.upkeep.backups import backup, backup_files, backup_key, backup_notes
from node.upkeep.backups.backup_notes import LastRun, LastSending, Rehearsal

from ..look import Look, by_hq, by_lead
from ..world import World

_LEADS, _HQ = "/lead/backups", "/hq/backups"
_SERVER, _SERVER_OF_HQ = "/lead/server", "/hq/server"


@contextmanager
def _backed_up(world: World) -> Iterator[None]:
    """Two backups are there, of which one was tried out; the last one failed, and the storage does not answer."""
    node = world.nodes["london"]
    settings, now, key = node.settings, node.clock(), backup_key.make().recipient
    file = settings.data / "settings.env"
    file.write_text(
        f"RTR_BASE_URL={settings.base_url}\nRTR_NETWORK=loopback\nRTR_PORT={settings.port}\n"
        f"RTR_BACKUP_KEY={key}\nRTR_BACKUP_TO=storage:london\n"
    )
    made = [backup.make(replace(settings, backup_key=key), now - timedelta(days=days)) for days in (1, 2)]
    backup_notes.note_run(settings, LastRun(now, "no-room", "too little room"))
    backup_notes.note_sending(settings, LastSending(now, made[0].path.name, "no answer"))
    backup_notes.note_rehearsal(settings, Rehearsal(now, made[1].made_at))
    yield
    file.unlink()
    for left in backup_files.folder(settings).iterdir():
        left.unlink()


@contextmanager
def _looked_at(world: World) -> Iterator[None]:
    """Two weeks of samples, and a last look that found something broken, something to look at, and the rest well."""
    node = world.nodes["london"]
    now = node.clock()
    with node.handle.writing() as session:
        for hour in range(0, 14 * 24, 2):
            at = now - timedelta(hours=hour)
            fresh, memory = 28 + hour % 20, 84 + hour % 7
            session.add(Sample(at=at, fresh_hours=fresh, heard_minutes=hour % 9, letters_waiting=0, memory_mb=memory))
        for name in doctor.NAMES[4:]:
            state = {"certificate": "broken", "rehearsal": "look"}.get(name, "well")
            fix = "" if state == "well" else "see the log of the web server in front (Caddy)"
            session.add(CheckResult(name=name, state=state, says=f"{name}: as it is", fix=fix, at=now, since=now))
    yield
    with node.handle.writing() as session:
        session.execute(delete(Sample))
        session.execute(delete(CheckResult))


SIGNED_IN: Mapping[str, tuple[Look, ...]] = {
    _LEADS: (
        by_lead("no key", _LEADS),
        replace(by_lead("two and a failure", f"{_LEADS}?done=backup-begun"), during=_backed_up),
    ),
    _HQ: (by_hq("no key", _HQ),),
    _SERVER: (by_lead("not looked yet", _SERVER), replace(by_lead("two weeks", _SERVER), during=_looked_at)),
    _SERVER_OF_HQ: (by_hq("not looked yet", _SERVER_OF_HQ),),
}

FORMS: Mapping[str, tuple[Look, ...]] = {_LEADS: (), _HQ: (), _SERVER: (), _SERVER_OF_HQ: ()}
