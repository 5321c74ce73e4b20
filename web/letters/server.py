"""Letters to leads about the server itself: something there needs a hand."""

from node.models import Letter, Person
from node.upkeep import watch

from ..context import session
from ..language import N_, _
from ..words.texts import isolated
from ..words.upkeep.server import check_title, check_words
from .written import Kind, Link, Rows, Words, Written, address


def _needs_a_hand(name: str, checks: list[str]) -> Written:
    hello = _("Hello %(name)s, something on your chapter’s server needs a hand.", name=isolated(name))
    lines = tuple(f"{check_title(check)}: {check_words(check, 'broken')}" for check in checks)
    who = _(
        "If someone else looks after the server, please show them that page. "
        "We’ll write again only if it’s still like this in a week."
    )
    return Written(
        _("Your chapter’s server needs a hand"),
        (Words(hello), Rows(lines), Link(_("See what to do"), address("server.show")), Words(who)),
    )


def _write(letter: Letter) -> Written | None:
    """Only what is still so. The letter waits for a mail server, which may be what was broken."""
    reader, told = session().get_one(Person, letter.person_id), set(letter.facts["checks"])
    still = [row.name for row in watch.troubles(session()) if row.name in told]
    return _needs_a_hand(reader.first_name, still) if still else None


KINDS = {
    "server": Kind(
        _write,
        lambda: _needs_a_hand("Sam", ["backup"]),
        N_("To every lead, once, when something on the server needs a hand"),
    ),
}
