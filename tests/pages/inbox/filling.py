"""Messages that wait and that are answered, wishes at HQ, and how HQ reaches a chapter, for the pages of them."""

from sqlalchemy import select

from node.hq import contacts
from node.hq.contacts import Contact
from node.hq.history import Actor
from node.inbox import answers, contact_form, messages
from node.inbox.messages import Written
from node.models import Message

from ...support.network import LocalNode


def write(london: LocalNode, run_id: str) -> dict[str, str]:
    """Messages to London's leads, one of them answered. The paths of their senders' pages, by their names."""
    settings, now, lead = london.settings, london.clock(), london.add_lead("Nia")
    with london.session() as session:
        contact_form.set_open(session, settings, True, now)
        asked = Written("question", "Is there a place to leave a bag?\nI come by train.", "robin@example.org")
        told = Written("report", "The café by the steps has closed.", run_id=run_id)
        links = {name: messages.send(session, settings, what, now) for name, what in (("asked", asked), ("told", told))}
        rows = {row.kind: row.id for row in session.scalars(select(Message))}
        answers.answer(session, settings, rows["report"], lead.id, "We’ve found another one.", "mended", now)
    ids = {"question": rows["question"], "report": rows["report"]}
    return {name: f"/m/{token}" for name, token in links.items()} | ids


def wish(hq: LocalNode, chapter_id: str) -> dict[str, str]:
    """Wishes at HQ, and how HQ reaches a chapter."""
    settings, now = hq.settings, hq.clock()
    with hq.session() as session:
        for words, email, can_help in (("Leeds", "robin@example.org", True), ("leeds", "", False), ("Århus", "", True)):
            token = messages.send(session, settings, Written("wish", words, email, can_help=can_help), now)
        reached = Contact("Priya, who leads on Thursdays", "priya@example.org", "07700 900123")
        contacts.change(session, settings, chapter_id, reached, Actor("Kim"), now, Contact().mark)
    return {"wished": f"/m/{token}"}
