"""Letters about messages: to the leads that one waits, and to its sender what they answered."""

from sqlalchemy import select

from node.inbox import messages
from node.models import Letter, Message, Run

from ..context import now, session, settings
from ..language import N_, _
from ..site import site
from ..words.members.messages import finding_words
from ..words.texts import isolated
from ..words.times import day_since
from .written import Kind, Link, Words, Written, address, words_of


def _write_waits(letter: Letter) -> Written | None:
    """None once no such message waits any more."""
    kind, run_id = letter.facts["kind"], letter.facts["run"] or None
    waiting = select(Message.id).where(Message.kind == kind, Message.run_id == run_id, Message.answered_at.is_(None))
    if session().scalars(waiting).first() is None:
        return None
    run = session().get(Run, run_id) if run_id else None
    return _waits(run.name if run else "")


def _waits(run: str) -> Written:
    link = Link(_("Read it and answer"), address("lead_inbox.overview"))
    if run:
        said = _("Someone says that something about %(run)s is out of date. Is it?", run=isolated(run))
        return Written(_("Is %(run)s still right?", run=run), (Words(said), link))
    said = _("Someone has asked the leads a question. You can read it and answer it on your site.")
    return Written(_("Someone has a question"), (Words(said), link))


def _write_answered(letter: Letter) -> Written | None:
    """None once the message is erased."""
    row = session().get(Message, letter.facts["message"])
    if row is None or row.answered_at is None:
        return None
    answer, token = messages.answer_of(settings(), row), messages.token_of(settings(), row)
    found = finding_words(row.outcome) if row.outcome else ""
    day = day_since(row.sent_at, now())
    return _answered(day, found, answer, address("message_link.show", token=token))


def _answered(day: str, found: str, answer: str, link: str) -> Written:
    return Written(
        _("An answer from %(site)s", site=site().name),
        (
            Words(_("You wrote to us on %(day)s. This is what the leads say:", day=day)),
            Words(found),
            *words_of(answer),
            Words(_("You can read your message and the answer here. You can delete both there too.")),
            Link(_("Your message"), link),
        ),
    )


KINDS = {
    "message_waits": Kind(
        _write_waits,
        lambda: _waits(_("Thursday evening run")),
        N_("To each lead, when someone asks a question or says that something is out of date: at most a few a day"),
    ),
    "answered": Kind(
        _write_answered,
        lambda: _answered(
            day_since(now(), now()),
            "",
            _("Yes, you can leave your bag at the gym."),
            address("signin.explain"),
        ),
        N_("To someone who has written and left an address, when a lead answers"),
    ),
}
