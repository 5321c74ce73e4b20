"""The pages of errors, and what must be the matter with a site for each."""

from collections.abc import Iterator
from contextlib import contextmanager

from node.errors import ChangedMeanwhile

from ...support.full_disk import full_disk
from ...support.web_client import Phone
from ..look import Look, amid, by_lead
from ..trouble import members_key_missing, signing_key_missing
from ..world import World
from . import moves
from .leads import TYPED


@contextmanager
def _broken(world: World) -> Iterator[None]:
    found = world.nodes["brisbane"].app.jinja_env.globals
    kept = found["site"]
    found["site"] = None
    yield
    found["site"] = kept


@contextmanager
def _asked_too_often(world: World) -> Iterator[None]:
    app = world.nodes["brisbane"].app
    app.config["RATELIMIT_ENABLED"] = True
    for _ in range(11):
        Phone(world.nodes["brisbane"]).post("/signin/x")
    yield
    app.config["RATELIMIT_ENABLED"] = False


@contextmanager
def _changed_meanwhile(world: World) -> Iterator[None]:
    """As for a page that says nothing itself of what was changed meanwhile."""

    def refuse() -> None:
        raise ChangedMeanwhile("somebody was quicker")

    views = world.nodes["london"].app.view_functions
    kept = views["board.dismiss_take_over"]
    views["board.dismiss_take_over"] = refuse
    yield
    views["board.dismiss_take_over"] = kept


@contextmanager
def _disk_full(world: World) -> Iterator[None]:
    with full_disk(world.nodes["london"]):
        yield


_CANCEL, _SHUT = "/lead/runs/{quiet}/dates/{day}/cancel", {"reason": "other", "note": "The bridge is shut."}

#: Pages that no address is for.
ERRORS: tuple[Look, ...] = (
    Look("400", "/static/mark.svg", status=416, headers={"Range": "bytes=9999999-"}),
    Look("401", "/lead/runs/new", status=401, sent=TYPED),
    Look("403", "/signin/x", status=403, is_forged=True, sent={}),
    Look("404", "/nothing", status=404),
    Look("404 at HQ", "/nothing", "hq", status=404),
    Look("405", "/help", status=405, sent={}),
    Look("role", "/lead/runs/new", status=403, role="co-lead"),
    amid(_changed_meanwhile, by_lead("409", "/lead/looked", status=409, sent={})),
    by_lead("413", "/lead/runs/new", status=413, sent={"bring": "x" * 300_000}),
    Look("429", "/signin/x", status=429, sent={}, during=_asked_too_often),
    Look("500", "/runs?near=London&when=today", status=500, during=_broken),
    amid(_disk_full, by_lead("503", _CANCEL, status=503, sent=_SHUT)),
    Look("sealed", "/runs/{brisbane}/{dawn}/coming", status=503, sent={"name": "Ada"}, during=members_key_missing),
    amid(signing_key_missing, by_lead("unsigned", _CANCEL, status=503, sent=_SHUT)),
    *moves.ERRORS,
)
