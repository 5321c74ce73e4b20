"""The pages of whoever comes: the form, the private link, the first-timer letter, an emergency contact."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from node.members.comers import emergency

from ..look import Look, by_lead
from ..world import World

_FORM = "/runs/{london}/{quiet}/coming?date={day}"
_LIST = "/lead/runs/{confirmed}/dates/{day}/comers"
_CONTACT = "/lead/runs/{confirmed}/dates/{day}/comers/{comer}/contact"
_TOO_LONG = {"name": "x" * 50, "email": "ada at example", "message": "I walk slowly."}


@contextmanager
def _around_the_run(_: World) -> Iterator[None]:
    """As it is for that day's lead, around the run."""
    kept = emergency.require_may_open
    emergency.require_may_open = lambda *_: None  # type: ignore[assignment]
    yield
    emergency.require_may_open = kept


PUBLIC: Mapping[str, tuple[Look, ...]] = {
    "/runs/<chapter_id>/<run_id>/coming": (
        Look("form", _FORM, "london"),
        Look("cancelled", "/runs/{london}/{cancelled}/coming?date={day}", "london"),
        Look("moved", "/runs/{london}/{moved}/coming?date={day}", "london"),
        Look("no such date", "/runs/{london}/{quiet}/coming?date=2026-06-05", "london", status=404),
    ),
    "/coming/withdrawn": (Look("withdrawn", "/coming/withdrawn", "london"),),
    "/confirm/<index>/<link_token>": (
        Look("asked", "{confirm}", "london"),
        Look("said", "/confirm/x/x?done=confirmed", "london"),
        Look("made up", "/confirm/x/x", "london", status=404),
    ),
    "/c/<token>": (
        Look("just said", "{mine}?done=said", "london"),
        Look("cancelled", "{mine_cancelled}", "london"),
        Look("moved", "{mine_moved}", "london"),
        Look("confirmed, address and contact given", "{mine_confirmed}", "london"),
        Look("each week", "{mine_weekly}?done=away", "london"),
        Look("paused", "{mine_paused}", "london"),
        Look("on the evening", "{mine_here}", "london"),
        Look("over", "{mine}", "london", stage="stale"),
        Look("made up", "/c/x", "london", status=404),
    ),
    "/c/<token>/change": (
        Look("first time", "{mine}/change", "london"),
        Look("all given", "{mine_confirmed}/change", "london"),
    ),
    "/c/<token>/keep": (Look("each week", "{mine_weekly}/keep", "london"),),
    "/c/<token>/withdraw": (
        Look("one date", "{mine}/withdraw", "london"),
        Look("each week", "{mine_weekly}/withdraw", "london"),
    ),
    "/runs/<chapter_id>/<listing_id>/first-time": (
        Look("letter and photo", "/runs/{london}/{quiet}/first-time", "london"),
        Look("nothing written", "/runs/{london}/{moved}/first-time", "london"),
    ),
}

LEADS: Mapping[str, tuple[Look, ...]] = {
    "/lead/runs/<run_id>/first-time": (
        by_lead("letter and photo", "/lead/runs/{quiet}/first-time?done=saved"),
        by_lead("empty", "/lead/runs/{moved}/first-time"),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/comers": (by_lead("somebody", _LIST),),
    "/lead/runs/<run_id>/dates/<day:day>/comers/<coming_id>/contact": (
        by_lead("not that day’s lead", _CONTACT),
        replace(by_lead("that day’s lead", _CONTACT), during=_around_the_run),
    ),
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    "/runs/<chapter_id>/<run_id>/coming": (
        Look("what to change", _FORM, "london", status=422, sent=_TOO_LONG),
        Look("changed meanwhile", _FORM, "london", status=409, sent={"name": "Ada", "seen": "old"}),
    ),
    "/confirm/<index>/<link_token>": (),
    "/c/<token>/change": (Look("what to change", "{mine}/change", "london", status=422, sent=_TOO_LONG),),
    "/c/<token>/days/<day:day>/away": (Look("made up", "/c/x/days/2026-06-04/away", "london", status=404, sent={}),),
    "/c/<token>/days/<day:day>/come": (Look("made up", "/c/x/days/2026-06-04/come", "london", status=404, sent={}),),
    "/c/<token>/days/<day:day>/here": (Look("made up", "/c/x/days/2026-06-04/here", "london", status=404, sent={}),),
    "/c/<token>/days/<day:day>/found": (Look("made up", "/c/x/days/2026-06-04/found", "london", status=404, sent={}),),
    "/c/<token>/keep": (Look("made up", "/c/x/keep", "london", status=404, sent={}),),
    "/c/<token>/again": (Look("made up", "/c/x/again", "london", status=404, sent={}),),
    "/c/<token>/forget": (Look("made up", "/c/x/forget", "london", status=404, sent={}),),
    "/c/<token>/withdraw": (Look("made up", "/c/x/withdraw", "london", status=404, sent={}),),
    "/lead/runs/<run_id>/first-time": (
        by_lead("personal", "/lead/runs/{quiet}/first-time", status=422, sent={"letter": "Ring 07700 900123"}),
        by_lead("changed", "/lead/runs/{quiet}/first-time", status=409, sent={"letter": "By Sam", "seen": "old"}),
    ),
    "/lead/runs/<run_id>/first-time/photos": (
        by_lead("no photo", "/lead/runs/{quiet}/first-time/photos", status=422, sent={"shows": ""}),
    ),
    "/lead/runs/<run_id>/first-time/photos/<photo_id>/remove": (),
    "/lead/runs/<run_id>/dates/<day:day>/comers/clear": (),
    "/lead/runs/<run_id>/dates/<day:day>/comers/<coming_id>/remove": (),
    "/lead/runs/<run_id>/dates/<day:day>/comers/<coming_id>/contact": (
        replace(by_lead("opened", _CONTACT, sent={}), during=_around_the_run),
        by_lead("refused", _CONTACT, status=403, sent={}),
    ),
}
