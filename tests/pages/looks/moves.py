"""The pages of a site that moves, or whose chapter closes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.orm import Session

from node.chapter import series
from node.chapter.home import moving
from node.database import writing
from node.models import Chapter
from node.upkeep import closing

from ..look import Look, by_lead
from ..world import World

_CANCEL, _SHUT = "/lead/runs/{quiet}/dates/{day}/cancel", {"reason": "other", "note": "The bridge is shut."}


def _forget_kept_pages(transaction: Session) -> None:
    """Else what is kept for this minute may be of a moment before: the mark of a move is a file."""
    transaction.execute(update(Chapter).values(name=Chapter.name))


def _moved(address: str = "") -> Callable[[World], AbstractContextManager[None]]:
    @contextmanager
    def during(world: World) -> Iterator[None]:
        node = world.nodes["london"]
        with node.session() as session, writing(session) as transaction:
            moving.leave(transaction, node.settings, address or node.settings.base_url)
            _forget_kept_pages(transaction)
        yield
        moving.come_back(node.settings)
        with node.session() as session, writing(session) as transaction:
            _forget_kept_pages(transaction)

    return during


@contextmanager
def _closed(world: World) -> Iterator[None]:
    """Peterborough has closed, as its lead lets it: its runs have ended, and the other sites have heard so."""
    node, now = world.nodes["peterborough"], world.clock()
    with node.session() as session:
        closing.announce(session, node.settings, "", now)
    _tell(world)
    yield
    with node.session() as session:
        closing.give_up(session, node.settings, now)
        series.reinstate(session, node.settings, world.names["river"], now)
    _tell(world)


def _tell(world: World) -> None:
    """The sites that look at Peterborough read what it says now."""
    for name in ("hq", "london"):
        world.federation.poll(world.nodes[name], only=world.nodes["peterborough"])


_NEW = _moved("http://127.0.0.1:8990")

HOME = (Look("moved", "/", "london", during=_NEW), Look("on its way", "/", "london", during=_moved()))
CHAPTERS = (Look("one has closed", "/chapters", "london", during=_closed),)
CHAPTER = (Look("has closed", "/chapters/{peterborough}", "london", during=_closed),)
BOARD_OF_HQ = (Look("one has closed", "/hq", "hq", is_lead=True, during=_closed),)
ERRORS = (
    replace(by_lead("moved", _CANCEL, status=410, sent=_SHUT), during=_NEW),
    replace(by_lead("moved, a page", "/lead", status=410), during=_NEW),
    replace(by_lead("on its way", _CANCEL, status=410, sent=_SHUT), during=_moved()),
)
