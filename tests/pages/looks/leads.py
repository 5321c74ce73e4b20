"""The pages of a chapter's leads: the board, runs and their dates, pauses, the chapter, its emails."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from web.letters import KINDS

from ..look import Look, amid, by_lead
from ..trouble import Trouble, members_key_missing
from ..world import World


@contextmanager
def _without_mail(world: World) -> Iterator[None]:
    config = world.nodes["london"].app.config
    kept = config["NODE"]
    config["NODE"] = replace(kept, settings=replace(kept.settings, mail=""))
    yield
    config["NODE"] = kept


def _run_day(name: str, day: str = "{day}", part: str = "") -> str:
    return f"/lead/runs/{{{name}}}/dates/{day}/run-day{part}"


TYPED = {"name": "Sunday stroll, call 07700 900123", "what_happens": "We talk.\nWe walk.", "point": "Peterborough"}
_BEFORE_NOW = {"since": "2020-01-01", "note": "x" * 301}
_BACKWARDS = {"since": "", "back_on": "2026-06-01"}
_RENAMED = {
    "starts_on": "2026-06-04",
    "starts_at": "18:30",
    "point_name": "Canada Water",
    "address": "Surrey Quays Road",
    "point": "51.5101, -0.0860",
}
_PLACED = {"find": "1", "point": "Peterborough", "name": "Sunday stroll"}
_AMERICAN = {"Accept-Language": "en-US"}
_OF_A_TOWN = {"use": "52.5736, -0.2478 ±4040 m", "name": "Sunday stroll"}
_OF_A_DOOR = {"find": "1", "point": "PE1 1XS", "name": "Sunday stroll"}

SIGNED_IN: Mapping[str, tuple[Look, ...]] = {
    "/lead": (
        by_lead("many states", "/lead"),
        by_lead("just cancelled", "/lead?done=cancelled&run={night}&day={day}", "brisbane"),
        by_lead("just moved", "/lead?done=moved&run={night}&day={next}", "brisbane"),
        by_lead("on its way", "/lead?done=confirmed&run={dawn}&day={day}", "brisbane"),
        by_lead("series moved", "/lead?done=series-moved", "brisbane"),
        by_lead("chapter on a break", "/lead?done=paused", "peterborough"),
        by_lead("restored, paused by HQ, long texts", "/lead", "long"),
        by_lead("never joined, no run", "/lead?done=signed-in", "young"),
        by_lead("waiting for HQ", "/lead", "waiting"),
        by_lead("suspended by HQ", "/lead", "suspended"),
        amid(Trouble("brisbane").paused_by_hq, by_lead("paused by HQ", "/lead", "brisbane")),
        amid(Trouble("brisbane").two_servers, by_lead("two servers", "/lead", "brisbane")),
        amid(Trouble("brisbane").nobody_answers, by_lead("put back, nobody answers", "/lead", "brisbane")),
        amid(Trouble("brisbane", timedelta(days=50)).clock, by_lead("clock ahead", "/lead", "brisbane")),
        amid(Trouble("brisbane", timedelta(days=-50)).clock, by_lead("clock behind", "/lead", "brisbane")),
    ),
    "/lead/runs/new": (by_lead("empty", "/lead/runs/new"),),
    "/lead/runs/<run_id>/edit": (
        by_lead("plain", "/lead/runs/{quiet}/edit"),
        by_lead("everything said", "/lead/runs/{everything}/edit"),
        Look("everything said, en-US", "/lead/runs/{everything}/edit", "london", is_lead=True, headers=_AMERICAN),
        by_lead("long texts", "/lead/runs/{longest}/edit", "long"),
        by_lead("unknown", "/lead/runs/nothing/edit", status=404),
    ),
    "/lead/runs/<run_id>/withdraw": (by_lead("sure", "/lead/runs/{quiet}/withdraw"),),
    "/lead/runs/<run_id>/dates/<day:day>/cancel": (
        by_lead("form", "/lead/runs/{quiet}/dates/{day}/cancel"),
        by_lead("no such date", "/lead/runs/{quiet}/dates/2026-06-05/cancel", status=404),
        by_lead("over", "/lead/runs/{quiet}/dates/2026-05-28/cancel", status=422),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/move": (
        by_lead("form", "/lead/runs/{quiet}/dates/{day}/move"),
        by_lead("moved already", "/lead/runs/{moved}/dates/{day}/move"),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day": (
        by_lead("people come", _run_day("confirmed")),
        by_lead("nobody yet", _run_day("quiet")),
        by_lead("moved", _run_day("moved")),
        by_lead("begun, somebody is missing", _run_day("begun", "2026-06-01")),
        amid(members_key_missing, by_lead("key missing", _run_day("dawn"), "brisbane")),
        by_lead("no such date", _run_day("quiet", "2026-06-05"), status=404),
    ),
    "/lead/pause": (by_lead("chapter", "/lead/pause"), by_lead("chapter on a break", "/lead/pause", "peterborough")),
    "/lead/runs/<run_id>/pause": (
        by_lead("run", "/lead/runs/{quiet}/pause"),
        by_lead("run pausing", "/lead/runs/{paused}/pause"),
    ),
    "/lead/me": (by_lead("name", "/lead/me?done=saved"),),
    "/lead/letters": (
        by_lead("letters go", "/lead/letters"),
        amid(_without_mail, by_lead("no mail", "/lead/letters")),
    ),
    "/lead/letters/<kind>": (
        *(by_lead(kind, f"/lead/letters/{kind}") for kind in KINDS),
        by_lead("unknown", "/lead/letters/none", status=404),
    ),
    "/lead/profile": (by_lead("plain", "/lead/profile"), by_lead("long texts", "/lead/profile", "long")),
}

_PROFILE = {
    "name": "London",
    "place": "Southwark",
    "country": "GB",
    "timezone": "Europe/London",
    "about": "By the river.",
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    "/lead/looked": (),
    "/lead/goes-on": (),
    "/lead/runs/new": (
        by_lead("nothing typed", "/lead/runs/new", status=422, sent={"point": ""}),
        by_lead("personal", "/lead/runs/new", status=422, sent=TYPED),
        by_lead("another language", "/lead/runs/new", sent=TYPED | {"add": "1", "new_language": "ar", "shown": "cy"}),
        by_lead("no language chosen", "/lead/runs/new", status=422, sent=TYPED | {"add": "1"}),
        by_lead("places to choose", "/lead/runs/new", sent=_PLACED),
        Look("places, en-US", "/lead/runs/new", "london", is_lead=True, sent=_PLACED, headers=_AMERICAN),
        by_lead("numbers of a town", "/lead/runs/new", sent=_OF_A_TOWN),
        by_lead("numbers of a postcode", "/lead/runs/new", sent=_OF_A_DOOR),
    ),
    "/lead/runs/<run_id>/edit": (by_lead("what to change", "/lead/runs/{everything}/edit", status=422, sent=TYPED),),
    "/lead/runs/<run_id>/undo": (),
    "/lead/runs/<run_id>/drop-later-change": (),
    "/lead/runs/<run_id>/withdraw": (),
    "/lead/runs/<run_id>/reinstate": (),
    "/lead/runs/<run_id>/dates/<day:day>/confirm": (
        by_lead("over", "/lead/runs/{quiet}/dates/2026-05-28/confirm", status=422, sent={}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/cancel": (
        by_lead("no reason", "/lead/runs/{quiet}/dates/{day}/cancel", status=422, sent={"note": "Ring 07700 900123"}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/move": (
        by_lead("nothing typed", "/lead/runs/{quiet}/dates/{day}/move", status=422, sent={"note": "x" * 301}),
        by_lead("places to choose", "/lead/runs/{quiet}/dates/{day}/move", sent=_PLACED),
        by_lead("left of the old place", "/lead/runs/{quiet}/dates/{day}/move", status=422, sent=_RENAMED),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/undo": (),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/heads": (
        by_lead("no number", _run_day("quiet", part="/heads"), status=422, sent={"heads_out": "seven"}),
        by_lead(
            "quicker", _run_day("begun", "2026-06-01", "/heads"), status=409, sent={"heads_out": "9", "seen": "old"}
        ),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/note": (
        by_lead("too long", _run_day("quiet", part="/note"), status=422, sent={"note": "By the steps. " * 20}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/outcome": (
        by_lead("too early", _run_day("quiet", part="/outcome"), status=422, sent={"outcome": "nobody"}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/check-in": (
        by_lead("nothing typed", _run_day("quiet", part="/check-in"), status=422, sent={"feeling": ""}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/check-in/erase": (),
    "/lead/pause": (by_lead("what to change", "/lead/pause", status=422, sent=_BEFORE_NOW),),
    "/lead/runs/<run_id>/pause": (by_lead("what to change", "/lead/runs/{quiet}/pause", status=422, sent=_BACKWARDS),),
    "/lead/resume": (),
    "/lead/runs/<run_id>/resume": (),
    "/lead/me": (by_lead("neither", "/lead/me", status=422, sent={"public_name": "perhaps"}),),
    "/lead/profile": (
        by_lead("what to change", "/lead/profile", status=422, sent={"name": "", "country": "XX"}),
        by_lead("changed", "/lead/profile", status=409, sent=_PROFILE | {"seen": "old"}),
    ),
}
