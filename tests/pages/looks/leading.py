"""The pages of who leads which date: the rota, one date, days off, and the links in letters to leads."""

from collections.abc import Mapping

from ..look import Look, by_lead

_DATE = "/lead/runs/<run_id>/dates/<day:day>/who"
_TAP = "/tap/<act>/<int:person_id>/<run_id>/<day:day>/<token>"
_FORGED = "/tap/there/1/x/2026-06-04/x"


def _who(run: str, day: str = "{day}", part: str = "") -> str:
    return f"/lead/runs/{{{run}}}/dates/{day}/who{part}"


PUBLIC: Mapping[str, tuple[Look, ...]] = {
    _TAP: (
        Look("open, somebody has dropped out", "{tap_open}", "london"),
        Look("mine", "{tap_mine}", "london"),
        Look("another was quicker", "{tap_taken}", "london"),
        Look("cancelled", "{tap_off}", "london"),
        Look("cannot", "{tap_cannot}", "london"),
        Look("dropped out", "{tap_dropped}", "london"),
        Look("over", _FORGED, "london", status=410),
    ),
}

SIGNED_IN: Mapping[str, tuple[Look, ...]] = {
    "/lead/rota": (by_lead("all dates", "/lead/rota"), by_lead("no run", "/lead/rota", "young")),
    "/lead/runs/<run_id>/rota": (
        by_lead("some rules", "/lead/runs/{quiet}/rota?done=rule-added"),
        by_lead("none", "/lead/runs/{moved}/rota"),
    ),
    _DATE: (
        by_lead("promised", _who("confirmed")),
        by_lead("handed over", _who("gap", "{next}") + "?done=handed-over"),
        by_lead("in turns", _who("quiet")),
        by_lead("dropped out tonight", _who("tonight", "2026-06-01") + "?done=dropped-out"),
        by_lead("cancelled", _who("cancelled")),
        by_lead("long texts", _who("longest"), "long"),
        by_lead("no such date", _who("quiet", "2026-06-05"), status=404),
    ),
    "/lead/days-off": (by_lead("none", "/lead/days-off"), by_lead("taken away", "/lead/days-off?done=days-off-over")),
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    _TAP: (
        Look("over", _FORGED, "london", status=410, sent={}),
        Look("too long", "{tap_cannot}", "london", status=422, sent={"line": "So sorry. " * 30}),
        Look("an old page", "{tap_open}", "london", status=409, sent={"seen": "old"}),
    ),
    f"{_DATE}/take": (),
    f"{_DATE}/drop-out": (
        by_lead("too long", _who("quiet", part="/drop-out"), status=422, sent={"line": "So sorry. " * 30}),
    ),
    f"{_DATE}/hand-over": (by_lead("to nobody", _who("quiet", part="/hand-over"), status=404, sent={"to": "0"}),),
    f"{_DATE}/swap": (by_lead("for nothing", _who("quiet", part="/swap"), status=400, sent={}),),
    f"{_DATE}/keep": (),
    "/lead/runs/<run_id>/rota/add": (by_lead("of nobody", "/lead/runs/{quiet}/rota/add", status=422, sent={}),),
    "/lead/runs/<run_id>/rota/everybody": (),
    "/lead/runs/<run_id>/rota/<int:rule_id>/remove": (),
    "/lead/days-off": (by_lead("what to change", "/lead/days-off", status=422, sent={"since": "2020-01-01"}),),
    "/lead/days-off/<int:holiday_id>/end": (),
}
