"""Which pages there are, and how each is reached in each situation. Keys are the rules of the URL map.

A rule that stands in no table fails a test by its name: a page that nobody looks at is not finished.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta

from node.errors import ChangedMeanwhile
from web.letters import KINDS

from ..support.full_disk import full_disk
from ..support.web_client import Phone
from . import accounts, comers, leading, setting_up
from .facts import looks as facts
from .inbox import looks as inbox
from .look import Look
from .look import by_hq as _hq
from .look import by_lead as _lead
from .trouble import Trouble
from .upkeep import looks as upkeep
from .world import LATER, World


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


@contextmanager
def _key_missing(world: World) -> Iterator[None]:
    file = world.nodes["london"].settings.signing_key_file
    elsewhere = file.rename(file.with_suffix(".elsewhere"))
    yield
    elsewhere.rename(file)


@contextmanager
def _members_key_missing(world: World) -> Iterator[None]:
    file = world.nodes["brisbane"].settings.members_key_file
    elsewhere = file.rename(file.with_suffix(".elsewhere"))
    yield
    elsewhere.rename(file)


@contextmanager
def _without_mail(world: World) -> Iterator[None]:
    config = world.nodes["london"].app.config
    kept = config["NODE"]
    config["NODE"] = replace(kept, settings=replace(kept.settings, mail=""))
    yield
    config["NODE"] = kept


def _amid(act: Callable[[World], AbstractContextManager[None]], look: Look) -> Look:
    return replace(look, during=act)


def _of_london(name: str, query: str = "") -> str:
    return f"/runs/{{london}}/{{{name}}}{query}"


def _run_day(name: str, day: str = "{day}", part: str = "") -> str:
    return f"/lead/runs/{{{name}}}/dates/{day}/run-day{part}"


PUBLIC: Mapping[str, tuple[Look, ...]] = {
    "/": (
        Look("own run", "/"),
        Look("many states", "/", "london"),
        Look("chapter on a break", "/", "peterborough"),
        Look("long texts", "/", "long"),
        Look("no run", "/", "young"),
        Look("not heard of HQ", "/", stage="stale"),
        Look("HQ", "/", "hq"),
        Look("HQ without chapters", "/", "young-hq"),
        Look("HQ of many chapters", "/", "wide"),
    ),
    "/help": (
        Look("own country", "/help"),
        Look("United States", "/help?country=US"),
        Look("unknown country", "/help?country=ZZ"),
        Look("HQ", "/help", "hq"),
    ),
    "/privacy": (Look("chapter", "/privacy"), Look("HQ", "/privacy", "hq")),
    "/runs": (
        Look("everywhere", "/runs"),
        Look("near London", "/runs?near=London"),
        Look("words of tomorrow", "/runs?near=Bristol, England&within=20"),
        Look("own", "/runs?near=London&within=5&unit=mi", "london"),
        Look("which Peterborough", "/runs?near=Peterborough&when=week"),
        Look("unknown place", "/runs?near=Xqzzberg"),
        Look("did you mean, at home", "/runs?near=Peterbrouhg&within=20", "london"),
        Look("did you mean, abroad", "/runs?near=Lodnon"),
        Look("did you mean one of these", "/runs?near=Peterborugh"),
        Look("home first", "/runs?near=Perth", "peterborough"),
        Look("a word left out", "/runs?near=London, Blankshire"),
        Look("near me", "/runs?near=near me"),
        Look("nothing near", "/runs?near=Reykjavik&within=10"),
        Look("what to change", "/runs?near=London&within=x&from=2026-06-09&to=2026-06-03"),
        Look("filtered", "/runs?near=London&kind=run-walk&day=TH&with=toilets", "london"),
        Look("filtered out", "/runs?near=London&with=sign-language", "london"),
        Look("tonight, nowhere", "/runs?near=tonight", "london"),
        Look("days", "/runs?when=days&from=2026-06-04&to=2026-07-12"),
        Look("empty", "/runs", "young"),
        Look("empty near London", "/runs?near=London", "young"),
        Look("HQ", "/runs?near=London", "hq"),
        Look("stale", "/runs?near=London", stage="stale"),
        Look("expired", "/runs?near=London", stage="expired"),
    ),
    "/runs/<chapter_id>/<listing_id>": (
        *(Look(name, _of_london(name)) for name in ("quiet", "confirmed", "cancelled", "moved", "confirmed_there")),
        *(Look(name, _of_london(name)) for name in ("changed", "paused", "gap", "begun", "once", "everything")),
        *(
            Look(f"everything, {tag}", _of_london("everything"), headers={"Accept-Language": tag})
            for tag in ("cy", "ar")
        ),
        Look("not asked yet", _of_london("tonight")),
        Look("asked", _of_london("tonight")),
        Look("withdrawn, still known", _of_london("ending")),
        Look("withdrawn", _of_london("gone"), status=410),
        Look("long texts, paused by HQ", "/runs/{long}/{longest}"),
        Look("chapter on a break", "/runs/{peterborough}/{river}"),
        Look("own", "/runs/{brisbane}/{dawn}"),
        Look("own, with a first-timer letter", _of_london("quiet"), "london"),
        Look("later date", _of_london("quiet", "?date=2026-06-11")),
        Look("no such date", _of_london("quiet", "?date=2026-06-05")),
        Look("no date", _of_london("quiet", "?date=soon")),
        Look("unknown", "/runs/{london}x/nothing", status=404),
        Look("unlisted", "/runs/{suspended}/nothing", status=404),
        Look("words of tomorrow", "/runs/{tomorrow}/{theirs}"),
        Look("words of tomorrow, no dates", "/runs/{tomorrow}/{daily}"),
        Look("stale", _of_london("confirmed"), stage="stale"),
        Look("stale, cancelled", _of_london("cancelled", "?date=2026-06-11"), stage="stale"),
        Look("expired", _of_london("confirmed"), status=404, stage="expired"),
    ),
    "/runs/print": (
        Look("printed list near London", "/runs/print?near=London"),
        Look("printed list of a country", "/runs/print?country=GB&paper=a5"),
        Look("printed list of a country without runs", "/runs/print?country=IS"),
    ),
    "/runs/<chapter_id>/<listing_id>/saved": (
        Look("saved for the way", _of_london("confirmed", "/saved?date=2026-06-04")),
        Look("saved, a date that is off", _of_london("confirmed", "/saved?date=2026-06-05"), status=404),
    ),
    "/runs/<chapter_id>/<listing_id>/poster": (
        Look("poster", _of_london("confirmed", "/poster")),
        Look("poster of a run that is on a break", _of_london("paused", "/poster")),
        Look("poster, long texts", "/runs/{long}/{longest}/poster"),
    ),
    "/runs/<chapter_id>/<listing_id>/cards": (
        Look("cards", _of_london("confirmed", "/cards")),
        Look("cards of a run that is on a break", _of_london("paused", "/cards")),
    ),
    "/chapters": (
        Look("all", "/chapters"),
        Look("empty", "/chapters", "young"),
        Look("HQ", "/chapters", "hq"),
        Look("many", "/chapters", "wide"),
        Look("later ones of many", "/chapters?text=chapter&after={fiftieth}", "wide"),
        Look("by country", "/chapters?text=ireland", "wide"),
        Look("none found", "/chapters?text=nowhere"),
        Look("stale", "/chapters", stage="stale"),
        Look("expired", "/chapters", stage="expired"),
    ),
    "/chapters/<chapter_id>": (
        Look("many states", "/chapters/{london}"),
        Look("own", "/chapters/{brisbane}"),
        Look("on a break", "/chapters/{peterborough}"),
        Look("of the same name", "/chapters/{namesake}"),
        Look("words of tomorrow", "/chapters/{tomorrow}"),
        Look("long texts, paused by HQ", "/chapters/{long}"),
        Look("unknown", "/chapters/{london}x", status=404),
        Look("unlisted", "/chapters/{suspended}", status=404),
        Look("stale", "/chapters/{london}", stage="stale"),
        Look("expired", "/chapters/{london}", stage="expired"),
    ),
    "/signin": (Look("how", "/signin"), Look("signed out", "/signin?done=signed-out")),
    "/signin/<token>": (Look("link", "{link}", "london"), Look("used", "/signin/used", status=410)),
    **accounts.PUBLIC,
    **comers.PUBLIC,
    **inbox.PUBLIC,
    **leading.PUBLIC,
    **facts.PUBLIC,
    **setting_up.PUBLIC,
    "/stop/<index>/<token>": (
        Look("letters go", "{stop}", "london"),
        Look("stopped", "{stopped}", "london"),
        Look("unknown", "/stop/no/letter", status=404),
    ),
}

_TYPED = {"name": "Sunday stroll, call 07700 900123", "what_happens": "We talk.\nWe walk.", "point": "Peterborough"}
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
_OF_A_TOWN = {"use": "52.5736, -0.2478 ±4040 m", "name": "Sunday stroll"}
_OF_A_DOOR = {"find": "1", "point": "PE1 1XS", "name": "Sunday stroll"}

LEADS: Mapping[str, tuple[Look, ...]] = {
    "/lead": (
        _lead("many states", "/lead"),
        _lead("just cancelled", "/lead?done=cancelled&run={night}&day={day}", "brisbane"),
        _lead("just moved", "/lead?done=moved&run={night}&day={next}", "brisbane"),
        _lead("on its way", "/lead?done=confirmed&run={dawn}&day={day}", "brisbane"),
        _lead("series moved", "/lead?done=series-moved", "brisbane"),
        _lead("chapter on a break", "/lead?done=paused", "peterborough"),
        _lead("restored, paused by HQ, long texts", "/lead", "long"),
        _lead("never joined, no run", "/lead?done=signed-in", "young"),
        _lead("waiting for HQ", "/lead", "waiting"),
        _lead("suspended by HQ", "/lead", "suspended"),
        _amid(Trouble("brisbane").paused_by_hq, _lead("paused by HQ", "/lead", "brisbane")),
        _amid(Trouble("brisbane").two_servers, _lead("two servers", "/lead", "brisbane")),
        _amid(Trouble("brisbane").nobody_answers, _lead("put back, nobody answers", "/lead", "brisbane")),
        _amid(Trouble("brisbane", timedelta(days=50)).clock, _lead("clock ahead", "/lead", "brisbane")),
        _amid(Trouble("brisbane", timedelta(days=-50)).clock, _lead("clock behind", "/lead", "brisbane")),
    ),
    "/lead/runs/new": (_lead("empty", "/lead/runs/new"),),
    "/lead/runs/<run_id>/edit": (
        _lead("plain", "/lead/runs/{quiet}/edit"),
        _lead("everything said", "/lead/runs/{everything}/edit"),
        _lead("long texts", "/lead/runs/{longest}/edit", "long"),
        _lead("unknown", "/lead/runs/nothing/edit", status=404),
    ),
    "/lead/runs/<run_id>/withdraw": (_lead("sure", "/lead/runs/{quiet}/withdraw"),),
    "/lead/runs/<run_id>/dates/<day:day>/cancel": (
        _lead("form", "/lead/runs/{quiet}/dates/{day}/cancel"),
        _lead("no such date", "/lead/runs/{quiet}/dates/2026-06-05/cancel", status=404),
        _lead("over", "/lead/runs/{quiet}/dates/2026-05-28/cancel", status=422),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/move": (
        _lead("form", "/lead/runs/{quiet}/dates/{day}/move"),
        _lead("moved already", "/lead/runs/{moved}/dates/{day}/move"),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day": (
        _lead("people come", _run_day("confirmed")),
        _lead("nobody yet", _run_day("quiet")),
        _lead("moved", _run_day("moved")),
        _lead("begun, somebody is missing", _run_day("begun", "2026-06-01")),
        _amid(_members_key_missing, _lead("key missing", _run_day("dawn"), "brisbane")),
        _lead("no such date", _run_day("quiet", "2026-06-05"), status=404),
    ),
    "/lead/pause": (_lead("chapter", "/lead/pause"), _lead("chapter on a break", "/lead/pause", "peterborough")),
    "/lead/runs/<run_id>/pause": (
        _lead("run", "/lead/runs/{quiet}/pause"),
        _lead("run pausing", "/lead/runs/{paused}/pause"),
    ),
    **accounts.SIGNED_IN,
    **comers.LEADS,
    **inbox.LEADS,
    **leading.SIGNED_IN,
    **facts.SIGNED_IN,
    **upkeep.SIGNED_IN,
    **setting_up.LEADS,
    "/lead/me": (_lead("name", "/lead/me?done=saved"),),
    "/lead/letters": (
        _lead("letters go", "/lead/letters"),
        _amid(_without_mail, _lead("no mail", "/lead/letters")),
    ),
    "/lead/letters/<kind>": (
        *(_lead(kind, f"/lead/letters/{kind}") for kind in KINDS),
        _lead("unknown", "/lead/letters/none", status=404),
    ),
    "/lead/profile": (_lead("plain", "/lead/profile"), _lead("long texts", "/lead/profile", "long")),
}

HQS: Mapping[str, tuple[Look, ...]] = {
    "/hq": (
        _hq("needs attention", "/hq"),
        _hq("alone", "/hq?done=signed-in", "young-hq"),
        replace(_hq("many silent", "/hq", "wide"), stage="stale"),
        _hq("restored, clock in doubt", "/hq", "wide"),
        _amid(Trouble("hq").two_servers, _hq("two servers", "/hq")),
    ),
    "/hq/chapters": (
        _hq("all", "/hq/chapters"),
        _hq("suspended ones", "/hq/chapters?status=suspended"),
        replace(_hq("silent ones", "/hq/chapters?status=silent", "wide"), stage="stale"),
        _hq("none found", "/hq/chapters?text=nowhere"),
        _hq("empty", "/hq/chapters", "young-hq"),
    ),
    "/hq/chapters/<chapter_id>": (
        _hq("active", "/hq/chapters/{london}?done=done"),
        _hq("paused, long texts", "/hq/chapters/{long}"),
        _hq("suspended", "/hq/chapters/{suspended}?done=so-already"),
        _hq("waiting", "/hq/chapters/{waiting}"),
        _hq("unknown", "/hq/chapters/nobody", status=404),
    ),
    "/hq/chapters/<chapter_id>/<act>": (
        *(_hq(act, f"/hq/chapters/{{london}}/{act}") for act in ("pause", "suspend", "left", "replaces")),
        *(_hq(act, f"/hq/chapters/{{waiting}}/{act}") for act in ("admit", "turn-down")),
        _hq("reactivate", "/hq/chapters/{suspended}/reactivate"),
        _hq("unknown", "/hq/chapters/{london}/praise", status=404),
    ),
    **inbox.HQS,
    "/hq/invitations": (_hq("open", "/hq/invitations"), _hq("none", "/hq/invitations", "young-hq")),
    "/hq/invitations/new": (_hq("empty", "/hq/invitations/new"),),
    "/hq/history": (_hq("some", "/hq/history"), _hq("none", "/hq/history", "young-hq")),
    "/hq/people": (_hq("two", "/hq/people?done=person-added"), _hq("one", "/hq/people", "young-hq")),
    "/hq/people/<int(max=999999999):person_id>/remove": (
        _hq("sure", "/hq/people/{person}/remove"),
        _hq("the last", "/hq/people/1/remove", "young-hq"),
        _hq("unknown", "/hq/people/0/remove", status=404),
    ),
    "/hq/phones": (_hq("phones", "/hq/phones"),),
}

_PROFILE = {
    "name": "London",
    "place": "Southwark",
    "country": "GB",
    "timezone": "Europe/London",
    "about": "By the river.",
}

#: What a form that cannot be kept leads to. Nothing: every answer of this rule sends the browser on to another page.
FORMS: Mapping[str, tuple[Look, ...]] = {
    "/signin/<token>": (Look("used", "/signin/used", status=410, sent={}),),
    "/stop/<index>/<token>": (Look("one click", "{stop}", "london", sent={"List-Unsubscribe": "One-Click"}),),
    "/hq/chapters/<chapter_id>/<act>": (
        _hq("no reason", "/hq/chapters/{london}/suspend", status=422, sent={"reason": ""}),
        _hq("unknown former id", "/hq/chapters/{london}/replaces", status=422, sent={"former": "x", "reason": "Lost"}),
        _hq("quicker", "/hq/chapters/{london}/left", status=409, sent={"reason": "They told us", "seen": "old"}),
    ),
    "/hq/invitations/new": (
        _hq("shown", "/hq/invitations/new", sent={"note": "York"}),
        _hq("too long", "/hq/invitations/new", status=422, sent={"note": "x" * 2000}),
    ),
    "/hq/invitations/<invitation>/revoke": (),
    "/hq/people": (_hq("nothing typed", "/hq/people", status=422, sent={"first_name": ""}),),
    "/hq/looked": (),
    "/hq/goes-on": (),
    "/hq/people/<int(max=999999999):person_id>/link": (_hq("shown", "/hq/people/{person}/link", sent={}),),
    "/hq/people/<int(max=999999999):person_id>/remove": (
        _hq("the last", "/hq/people/1/remove", "young-hq", status=422, sent={}),
    ),
    "/hq/phones/sign-out": (),
    "/hq/sign-out": (),
    "/lead/looked": (),
    "/lead/goes-on": (),
    "/lead/runs/new": (
        _lead("nothing typed", "/lead/runs/new", status=422, sent={"point": ""}),
        _lead("personal", "/lead/runs/new", status=422, sent=_TYPED),
        _lead("another language", "/lead/runs/new", sent=_TYPED | {"add": "1", "new_language": "ar", "shown": "cy"}),
        _lead("no language chosen", "/lead/runs/new", status=422, sent=_TYPED | {"add": "1"}),
        _lead("places to choose", "/lead/runs/new", sent=_PLACED),
        _lead("numbers of a town", "/lead/runs/new", sent=_OF_A_TOWN),
        _lead("numbers of a postcode", "/lead/runs/new", sent=_OF_A_DOOR),
    ),
    "/lead/runs/<run_id>/edit": (_lead("what to change", "/lead/runs/{everything}/edit", status=422, sent=_TYPED),),
    "/lead/runs/<run_id>/undo": (),
    "/lead/runs/<run_id>/drop-later-change": (),
    "/lead/runs/<run_id>/withdraw": (),
    "/lead/runs/<run_id>/reinstate": (),
    "/lead/runs/<run_id>/dates/<day:day>/confirm": (
        _lead("over", "/lead/runs/{quiet}/dates/2026-05-28/confirm", status=422, sent={}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/cancel": (
        _lead("no reason", "/lead/runs/{quiet}/dates/{day}/cancel", status=422, sent={"note": "Ring 07700 900123"}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/move": (
        _lead("nothing typed", "/lead/runs/{quiet}/dates/{day}/move", status=422, sent={"note": "x" * 301}),
        _lead("places to choose", "/lead/runs/{quiet}/dates/{day}/move", sent=_PLACED),
        _lead("left of the old place", "/lead/runs/{quiet}/dates/{day}/move", status=422, sent=_RENAMED),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/undo": (),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/heads": (
        _lead("no number", _run_day("quiet", part="/heads"), status=422, sent={"heads_out": "seven"}),
        _lead("quicker", _run_day("begun", "2026-06-01", "/heads"), status=409, sent={"heads_out": "9", "seen": "old"}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/note": (
        _lead("too long", _run_day("quiet", part="/note"), status=422, sent={"note": "By the steps. " * 20}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/outcome": (
        _lead("too early", _run_day("quiet", part="/outcome"), status=422, sent={"outcome": "nobody"}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/check-in": (
        _lead("nothing typed", _run_day("quiet", part="/check-in"), status=422, sent={"feeling": ""}),
    ),
    "/lead/runs/<run_id>/dates/<day:day>/run-day/check-in/erase": (),
    "/lead/pause": (_lead("what to change", "/lead/pause", status=422, sent=_BEFORE_NOW),),
    "/lead/runs/<run_id>/pause": (_lead("what to change", "/lead/runs/{quiet}/pause", status=422, sent=_BACKWARDS),),
    "/lead/resume": (),
    "/lead/runs/<run_id>/resume": (),
    **accounts.FORMS,
    **comers.FORMS,
    **inbox.FORMS,
    **leading.FORMS,
    **facts.FORMS,
    **upkeep.FORMS,
    **setting_up.FORMS,
    "/lead/me": (_lead("neither", "/lead/me", status=422, sent={"public_name": "perhaps"}),),
    "/lead/profile": (
        _lead("what to change", "/lead/profile", status=422, sent={"name": "", "country": "XX"}),
        _lead("changed", "/lead/profile", status=409, sent=_PROFILE | {"seen": "old"}),
    ),
}

_CANCEL, _SHUT = "/lead/runs/{quiet}/dates/{day}/cancel", {"reason": "other", "note": "The bridge is shut."}

#: Pages that no address is for.
ERRORS: tuple[Look, ...] = (
    *setting_up.ERRORS,
    Look("400", "/static/mark.svg", status=416, headers={"Range": "bytes=9999999-"}),
    Look("401", "/lead/runs/new", status=401, sent=_TYPED),
    Look("403", "/signin/x", status=403, is_forged=True, sent={}),
    Look("404", "/nothing", status=404),
    Look("404 at HQ", "/nothing", "hq", status=404),
    Look("405", "/help", status=405, sent={}),
    Look("role", "/lead/runs/new", status=403, role="co-lead"),
    _amid(_changed_meanwhile, _lead("409", "/lead/looked", status=409, sent={})),
    _lead("413", "/lead/runs/new", status=413, sent={"bring": "x" * 300_000}),
    Look("429", "/signin/x", status=429, sent={}, during=_asked_too_often),
    Look("500", "/runs?near=London&when=today", status=500, during=_broken),
    _amid(_disk_full, _lead("503", _CANCEL, status=503, sent=_SHUT)),
    Look("sealed", "/runs/{brisbane}/{dawn}/coming", status=503, sent={"name": "Ada"}, during=_members_key_missing),
    _amid(_key_missing, _lead("unsigned", _CANCEL, status=503, sent=_SHUT)),
)

#: Answers that are no whole page, and the page that they are a part of.
PARTS: Mapping[str, str] = {"/lead/reach": "/lead"}
#: What no person looks at. test_site_files.py, test_calendars.py and test_searches.py of tests/web/public read them, as
#: do tests/web/sharing and tests/web/upkeep.
FILES = frozenset(
    {
        *("/favicon.ico", "/robots.txt", "/sitemap.xml", "/me/export", "/c/<token>/export", "/m/<token>/export"),
        *("/photos/<photo_id>", "/lead/backups/<name>", "/hq/backups/<name>"),
        *("/offline.js", "/manifest.webmanifest", "/picture.png", "/chapters/<chapter_id>/picture.png"),
        *("/runs/<chapter_id>/<listing_id>/picture.png", "/chapters/<chapter_id>/feed.atom"),
        "/runs/<chapter_id>/<listing_id>/calendar.ics",
        "/runs/<chapter_id>/<listing_id>/<day:day>/calendar.ics",
        *("/chapters/<chapter_id>/calendar.ics", "/c/<token>/calendar.ics"),
        *("/runs/calendar.ics", "/runs/feed.atom", "/places"),
    }
)


#: Each public page once, as anybody sees it who types its address.
PLAIN: Mapping[str, Look] = {rule: looks[0] for rule, looks in PUBLIC.items() if looks and looks[0].is_plain}


def all_looks() -> dict[str, Look]:
    """Every look by a name of its own, in the order of the stages."""
    tables = {"": PUBLIC, "lead ": LEADS, "HQ ": HQS, "POST ": FORMS, "error": {"": ERRORS}}
    named = {
        f"{kind}{rule} {look.situation}".strip(): look
        for kind, table in tables.items()
        for rule, looks in table.items()
        for look in looks
    }
    return dict(sorted(named.items(), key=lambda one: LATER[one[1].stage]))
