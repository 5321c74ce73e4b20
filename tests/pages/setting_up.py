"""The guided set-up: a node at each stage of it, and its pages."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from federation.keys import SigningKey
from node.input import paper_key
from node.models import SetUp
from node.setup import founding, steps
from node.upkeep.backups import backup_key

from ..support.network import LONDON, Clock, LocalNode
from ..support.set_up import being_set_up
from .look import Form, Look, by_lead

_KEY = "9ef7aa3eeeeceb0fbf21add8bb5803be8f0f0e704414e68ac883d9c1702a1c04"
_LINES = paper_key.lines_of(SigningKey(_KEY))
_PAPER = {"key": _KEY, "numbers": "1-4", "first": _LINES[0], "second": _LINES[3]}
_SECRET = backup_key.make().secret
_BACKUP = {"key": _SECRET, "seen": "age1", "numbers": "1-2", "first": _SECRET[16:20], "second": _SECRET[20:24]}
_MAIL = {"host": "127.0.0.1", "security": "smtp", "port": "1", "sender": "l@example.org", "reader": "a@example.org"}
_TOWN = {"place": "Perth", "asked": ""}
_UNKNOWN = {"place": "Xqzzberg", "asked": "", "name": "The Hill"}


def make(folder: Path, clock: Clock, ports: Iterator[int]) -> dict[str, LocalNode]:
    """Nodes by how far their set-up has come: nothing is typed; the chapter is typed; it is founded; all that cannot
    wait is done.
    """
    names = ("untouched", "typed", "nameless", "set-up")
    nodes = {name: being_set_up(folder / name, clock, port) for name, port in zip(names, ports, strict=False)}
    with nodes["typed"].session() as session:
        founding.keep_profile(session, LONDON)
    for name in ("nameless", "set-up"):
        nodes[name].found_chapter(LONDON)
    with nodes["set-up"].session() as session:
        session.get_one(SetUp, 1).person_id = nodes["set-up"].add_lead("Ada").id
        session.commit()
        for step in steps.OPTIONAL:
            steps.leave(session, step)
    return nodes


def _sent(situation: str, path: str, form: Form, node: str = "typed", status: int = 200) -> Look:
    return by_lead(situation, path, node, status, form)


PUBLIC: Mapping[str, tuple[Look, ...]] = {
    "/setup/begin/<token>": (
        Look("fresh", "{set_up_link}", "untouched"),
        Look("used", "/setup/begin/used", "untouched", status=410),
    ),
}
LEADS: Mapping[str, tuple[Look, ...]] = {
    "/setup": (by_lead("goes on", "/setup", "typed"),),
    "/setup/chapter": (by_lead("empty", "/setup/chapter", "untouched"), by_lead("typed", "/setup/chapter", "typed")),
    "/setup/root-key": (by_lead("explained", "/setup/root-key", "typed"),),
    "/setup/backup-key": (
        by_lead("explained", "/setup/backup-key", "set-up"),
        by_lead("after the set-up", "/setup/backup-key", "london"),
    ),
    "/setup/mail": (by_lead("empty", "/setup/mail", "set-up"), by_lead("after the set-up", "/setup/mail", "london")),
    "/setup/you": (by_lead("no name", "/setup/you", "nameless"), by_lead("named", "/setup/you", "set-up")),
    "/setup/run": (by_lead("explained", "/setup/run", "set-up"),),
    "/setup/hq": (by_lead("empty", "/setup/hq", "set-up"), by_lead("joined", "/setup/hq", "london")),
    "/setup/done": (by_lead("all left", "/setup/done", "set-up"),),
}
FORMS: Mapping[str, tuple[Look, ...]] = {
    "/setup/begin/<token>": (Look("used", "/setup/begin/used", "untouched", status=410, sent={}),),
    "/setup/chapter": (
        _sent("which one", "/setup/chapter", _TOWN),
        _sent("did you mean", "/setup/chapter", {"place": "Edinbrugh", "asked": ""}),
        _sent("unknown", "/setup/chapter", _UNKNOWN, status=422),
    ),
    "/setup/root-key/show": (_sent("the key", "/setup/root-key/show", {"key": _KEY}),),
    "/setup/root-key/check": (_sent("asked", "/setup/root-key/check", {"key": _KEY}),),
    "/setup/root-key": (
        _sent("wrong", "/setup/root-key", _PAPER | {"second": _LINES[2]}, status=422),
        _sent("void", "/setup/root-key", _PAPER, "nameless", 409),
    ),
    "/setup/backup-key/show": (_sent("the key", "/setup/backup-key/show", {}, "set-up"),),
    "/setup/backup-key/check": (_sent("asked", "/setup/backup-key/check", {}, "set-up"),),
    "/setup/backup-key": (
        _sent("void", "/setup/backup-key", _BACKUP, "set-up", 409),
        _sent("no key", "/setup/backup-key", {"key": "x"}, "set-up", 422),
    ),
    "/setup/mail": (_sent("what to change", "/setup/mail", _MAIL, "set-up", 422),),
    "/setup/you": (_sent("no name", "/setup/you", {"first_name": ""}, "nameless", 422),),
    "/setup/later/<step>": (),
    "/setup/done": (),
    "/setup/hq": (_sent("cut off", "/setup/hq", {"invitation": "rtr1.abc"}, "set-up", 422),),
}
#: What a visitor sees of a node without a chapter.
ERRORS: tuple[Look, ...] = (Look("not_founded", "/", "untouched", status=503),)
