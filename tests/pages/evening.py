"""Whoever comes to two of London's dates, and what its lead has noted of one that has begun."""

from datetime import date
from typing import Any

from node.chapter import leads
from node.members import coming, run_day
from node.members.comers import calls
from node.members.coming import Given

from ..support.network import LocalNode


def fill(node: LocalNode, promised: tuple[str, date], begun: tuple[str, date]) -> None:
    """People come to the run and day `promised`, and to `begun`, where somebody stands and finds nobody."""
    for name, given in (
        ("Zoe", {}),
        ("Ben", {"first_time": True, "look_out": True, "message": "I walk slowly. I have a blue coat."}),
        ("", {}),
        ("Aled", {"emergency": "My sister, 07700 900123", "every_week": True}),
    ):
        _come(node, promised, name=name, **given)
    _come(node, begun, name="Nia", first_time=True)
    lost = _come(node, begun, name="Ben", first_time=True)
    with node.session() as session:
        calls.call(session, node.settings, lost, begun[1], node.clock())
        by = leads.all_leads(session)[0].id
        run_day.say(session, node.settings, *begun, "We stand by the steps; Sam has a red hat.", by, node.clock())
        run_day.count_heads(session, node.settings, *begun, 7, 6, node.clock())
        run_day.finish(session, node.settings, *begun, "held", "6-10", node.clock())


def _come(node: LocalNode, date_: tuple[str, date], **given: Any) -> str:
    with node.session() as session:
        return coming.say(session, node.settings, *date_, Given(**given), node.clock())
