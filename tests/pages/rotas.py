"""Who leads which of London's dates: promised, handed over, dropped, open; and the links of a letter to a lead."""

from collections.abc import Mapping
from datetime import date, timedelta

from node.chapter import dates
from node.members.leading import promises, rota, tap_links
from node.models import Person, Run

from ..support.network import LocalNode


def fill(node: LocalNode, runs: Mapping[str, str], day: date) -> dict[str, str]:
    """Two leads take turns. The paths of a lead's links by their names."""
    ada, ben = (node.add_lead(name) for name in ("Asha", "Owen"))
    with node.session() as session:
        for lead, which in ((ada, "turns"), (ben, "turns"), (ada, "-1")):
            rota.add_rule(session, runs["quiet"], "lead", lead.id, which)
        rota.add_rule(session, runs["quiet"], "back-marker", ben.id, "1")
    _promise(node, runs["confirmed"], day, ada)
    _promise(node, runs["confirmed"], day, ben, "welcomer")
    later = day + timedelta(days=7)
    _promise(node, runs["gap"], later, ben)
    with node.session() as session:
        given = (runs["gap"], later, "lead", ben.id, ada.id)
        promises.hand_over(session, node.settings, *given, node.clock())
        promises.go_on_holiday(
            session, node.settings, ada.id, day + timedelta(days=20), day + timedelta(days=40), node.clock()
        )
    _promise(node, runs["tonight"], date(2026, 6, 1), ben)
    with node.session() as session:
        line = "My train stands still. Sorry!"
        dropped = (runs["tonight"], date(2026, 6, 1), ben.id, ben.id, line)
        promises.drop_out(session, node.settings, *dropped, node.clock())
    links = {
        "tap_open": (runs["tonight"], date(2026, 6, 1), ada, "there"),
        "tap_mine": (runs["confirmed"], day, ada, "there"),
        "tap_taken": (runs["confirmed"], day, ben, "there"),
        "tap_off": (runs["cancelled"], day, ada, "there"),
        "tap_cannot": (runs["confirmed"], day, ada, "cannot"),
        "tap_dropped": (runs["tonight"], date(2026, 6, 1), ben, "cannot"),
    }
    return {name: _link(node, *about) for name, about in links.items()}


def _promise(node: LocalNode, run_id: str, day: date, lead: Person, duty: str = "lead") -> None:
    with node.session() as session:
        saw = dates.require_date(session, session.get_one(Run, run_id), day, node.clock()).mark
        promises.promise(session, node.settings, run_id, day, lead.id, node.clock(), saw=saw, duty=duty)


def _link(node: LocalNode, run_id: str, day: date, lead: Person, act: str) -> str:
    token = tap_links.token(node.settings, act, lead.id, lead.added_at, run_id, day)
    return f"/tap/{act}/{lead.id}/{run_id}/{day}/{token}"
