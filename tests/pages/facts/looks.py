"""The pages on which leads say whether what their runs say is still true."""

from collections.abc import Mapping

from ..look import Look, by_lead

_CHECK = "/lead/runs/<run_id>/check"
_TAP = "/check/<int:person_id>/<run_id>/<day:day>/<token>"
_NOTICES = "/lead/notices"
_FORGED = "/check/1/x/2026-06-04/x"

PUBLIC: Mapping[str, tuple[Look, ...]] = {
    _TAP: (
        Look("asks", "{check_open}", "london"),
        Look("thanks", "{check_done}", "london"),
        Look("over", _FORGED, "london", status=410),
    ),
}

SIGNED_IN: Mapping[str, tuple[Look, ...]] = {
    _NOTICES: (by_lead("two", f"{_NOTICES}?done=notice-added"), by_lead("none", _NOTICES, "young")),
    _CHECK: (
        by_lead("everything", "/lead/runs/{everything}/check"),
        by_lead("long texts", "/lead/runs/{longest}/check", "long"),
    ),
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    _NOTICES: (by_lead("refused", _NOTICES, status=422, sent={"text": "Call 07700 900123", "until": "2026-05-30"}),),
    f"{_NOTICES}/take-down/<mark>": (),
    _TAP: (
        Look("over", _FORGED, "london", status=410, sent={}),
        Look("an old page", "{check_open}", "london", status=409, sent={"seen": "old"}),
    ),
    _CHECK: (by_lead("an old page", "/lead/runs/{everything}/check", status=409, sent={"seen": "old"}),),
}
