"""HQ's pages."""

from collections.abc import Mapping
from dataclasses import replace

from ..look import Look, amid, by_hq
from ..trouble import Trouble
from . import moves

SIGNED_IN: Mapping[str, tuple[Look, ...]] = {
    "/hq": (
        by_hq("needs attention", "/hq"),
        *moves.BOARD_OF_HQ,
        by_hq("alone", "/hq?done=signed-in", "young-hq"),
        replace(by_hq("many silent", "/hq", "wide"), stage="stale"),
        by_hq("restored, clock in doubt", "/hq", "wide"),
        amid(Trouble("hq").two_servers, by_hq("two servers", "/hq")),
    ),
    "/hq/chapters": (
        by_hq("all", "/hq/chapters"),
        by_hq("suspended ones", "/hq/chapters?status=suspended"),
        replace(by_hq("silent ones", "/hq/chapters?status=silent", "wide"), stage="stale"),
        by_hq("none found", "/hq/chapters?text=nowhere"),
        by_hq("empty", "/hq/chapters", "young-hq"),
    ),
    "/hq/chapters/<chapter_id>": (
        by_hq("active", "/hq/chapters/{london}?done=done"),
        by_hq("paused, long texts", "/hq/chapters/{long}"),
        by_hq("suspended", "/hq/chapters/{suspended}?done=so-already"),
        by_hq("waiting", "/hq/chapters/{waiting}"),
        by_hq("unknown", "/hq/chapters/nobody", status=404),
    ),
    "/hq/chapters/<chapter_id>/<act>": (
        *(by_hq(act, f"/hq/chapters/{{london}}/{act}") for act in ("pause", "suspend", "left", "replaces")),
        *(by_hq(act, f"/hq/chapters/{{waiting}}/{act}") for act in ("admit", "turn-down")),
        by_hq("reactivate", "/hq/chapters/{suspended}/reactivate"),
        by_hq("unknown", "/hq/chapters/{london}/praise", status=404),
    ),
    "/hq/invitations": (by_hq("open", "/hq/invitations"), by_hq("none", "/hq/invitations", "young-hq")),
    "/hq/invitations/new": (by_hq("empty", "/hq/invitations/new"),),
    "/hq/history": (by_hq("some", "/hq/history"), by_hq("none", "/hq/history", "young-hq")),
    "/hq/people": (by_hq("two", "/hq/people?done=person-added"), by_hq("one", "/hq/people", "young-hq")),
    "/hq/people/<int(max=999999999):person_id>/remove": (
        by_hq("sure", "/hq/people/{person}/remove"),
        by_hq("the last", "/hq/people/1/remove", "young-hq"),
        by_hq("unknown", "/hq/people/0/remove", status=404),
    ),
    "/hq/phones": (by_hq("phones", "/hq/phones"),),
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    "/hq/chapters/<chapter_id>/<act>": (
        by_hq("no reason", "/hq/chapters/{london}/suspend", status=422, sent={"reason": ""}),
        by_hq(
            "unknown former id", "/hq/chapters/{london}/replaces", status=422, sent={"former": "x", "reason": "Lost"}
        ),
        by_hq("quicker", "/hq/chapters/{london}/left", status=409, sent={"reason": "They told us", "seen": "old"}),
    ),
    "/hq/invitations/new": (
        by_hq("shown", "/hq/invitations/new", sent={"note": "York"}),
        by_hq("too long", "/hq/invitations/new", status=422, sent={"note": "x" * 2000}),
    ),
    "/hq/invitations/<invitation>/revoke": (),
    "/hq/people": (by_hq("nothing typed", "/hq/people", status=422, sent={"first_name": ""}),),
    "/hq/looked": (),
    "/hq/goes-on": (),
    "/hq/people/<int(max=999999999):person_id>/link": (by_hq("shown", "/hq/people/{person}/link", sent={}),),
    "/hq/people/<int(max=999999999):person_id>/remove": (
        by_hq("the last", "/hq/people/1/remove", "young-hq", status=422, sent={}),
    ),
    "/hq/phones/sign-out": (),
    "/hq/sign-out": (),
}
