"""The pages that anybody reads: homes, the search, runs and chapters, what is printed, signing in."""

from collections.abc import Mapping

from ..look import Look
from . import moves


def _of_london(name: str, query: str = "") -> str:
    return f"/runs/{{london}}/{{{name}}}{query}"


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
        *moves.HOME,
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
        Look("in a country", "/runs?near=United Kingdom", "london"),
        Look("in a country, with a slip", "/runs?near=Austrailia&when=today"),
        Look("a country without a run", "/runs?near=Fiji"),
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
        Look("printed list of a search in a country", "/runs/print?near=Australia"),
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
        *moves.CHAPTERS,
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
        *moves.CHAPTER,
    ),
    "/signin": (Look("how", "/signin"), Look("signed out", "/signin?done=signed-out")),
    "/signin/<token>": (Look("link", "{link}", "london"), Look("used", "/signin/used", status=410)),
    "/stop/<index>/<token>": (
        Look("letters go", "{stop}", "london"),
        Look("stopped", "{stopped}", "london"),
        Look("unknown", "/stop/no/letter", status=404),
    ),
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    "/signin/<token>": (Look("used", "/signin/used", status=410, sent={}),),
    "/stop/<index>/<token>": (Look("one click", "{stop}", "london", sent={"List-Unsubscribe": "One-Click"}),),
}
