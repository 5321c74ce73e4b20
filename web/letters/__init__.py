"""What letters say: one function a kind. Text and HTML are made from the same blocks (written)."""

from typing import TYPE_CHECKING

from flask import Flask

from node.handle import Render
from node.models import Coming, Letter, Person

from ..context import node_of, session
from ..language import tag_of
from . import accounts, comers, facts, farewell, inbox, leads, posting, server
from .written import Kind

if TYPE_CHECKING:
    from email.message import EmailMessage

#: Every kind of letter by its name in the outbox. Each module here that writes letters has its part of the table.
KINDS: dict[str, Kind] = {
    **accounts.KINDS,
    **comers.KINDS,
    **inbox.KINDS,
    **leads.KINDS,
    **facts.KINDS,
    **farewell.KINDS,
    **server.KINDS,
}


def renderer(app: Flask) -> Render:
    """Writes letters as `app` writes pages, so that both say the same in the same words."""

    def render(letter_id: int, address: str) -> "EmailMessage | None":
        base_url = node_of(app).settings.base_url
        with app.app_context():
            language = _language_of(session().get_one(Letter, letter_id))
        with app.test_request_context("/", base_url=base_url, headers={"Accept-Language": tag_of(language)}):
            letter = session().get_one(Letter, letter_id)
            written = KINDS[letter.kind].write(letter)
            return posting.message(letter, address, written) if written else None

    return render


def _language_of(letter: Letter) -> str:
    """The language of whoever gets the letter. What was chosen in an account goes for each run that is kept there, too.
    It goes by `facts` where nobody is known yet.
    """
    if letter.person_id is not None:
        return session().get_one(Person, letter.person_id).language
    if letter.coming_id is not None:
        coming = session().get_one(Coming, letter.coming_id)
        person = session().get(Person, coming.person_id) if coming.person_id else None
        return (person.language if person else "") or coming.language
    return str(letter.facts.get("language", ""))
