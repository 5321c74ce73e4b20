"""What the leads were asked about their runs, and what they have answered."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from node.chapter.runs import get, input_of
from node.database import writing
from node.facts import checks, later_changes, notices
from node.facts.notices import NoticeInput
from node.models import Person, Run

from ...support.network import LocalNode


def fill(node: LocalNode, runs: Mapping[str, str]) -> dict[str, str]:
    """Two runs of which the leads were asked; one has an answer, and a change for later. The links by their names."""
    lead, today = node.add_lead("Cleo"), date(2026, 6, 1)
    with node.session() as session, writing(session) as transaction:
        transaction.get_one(Run, runs["everything"]).checked_on = date(2026, 2, 1)
    said = {
        None: "On Saturday 13 June the half-marathon closes Lower Thames Street.",
        runs["everything"]: "The park’s east gate is closed. Please use the north gate.",
    }
    with node.session() as session:
        for run_id, text in said.items():
            shut = NoticeInput(text, date(2026, 6, 1), date(2026, 6, 14))
            notices.add(session, node.settings, run_id, shut, node.clock())
    with node.session() as session:
        run = get(session, runs["quiet"])
        darker = replace(input_of(run), bring="A head torch")
        later_changes.plan(session, run.id, darker, date(2026, 10, 1), node.clock())
    asked = {"check_open": runs["everything"], "check_done": runs["quiet"]}
    return {name: _link(node, lead, run, today) for name, run in asked.items()}


def _link(node: LocalNode, lead: Person, run_id: str, day: date) -> str:
    token = checks.token(node.settings, lead.id, lead.added_at, run_id, day)
    return f"/check/{lead.id}/{run_id}/{day}/{token}"
