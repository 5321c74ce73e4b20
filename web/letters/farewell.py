"""The last letter of a chapter that closes: to everybody of whom it keeps a confirmed address."""

from node.members import export
from node.models import Coming, Letter, Person

from ..context import session, settings
from ..http.downloads import as_text
from ..language import N_, _
from ..site import runs_near, site
from .written import Block, Kind, Link, Words, Written


def farewell(letter: Letter) -> Written:
    """The chapter has closed. All that it keeps of the reader goes along."""
    if letter.person_id is not None:
        kept = export.of_person(session(), settings(), session().get_one(Person, letter.person_id).id)
    else:
        kept = export.of_coming(session(), settings(), session().get_one(Coming, letter.coming_id))
    return _closed(as_text(kept).encode())


def _closed(kept: bytes) -> Written:
    over = _(
        "%(site)s has closed for good. None of its runs take place any more, so please don’t travel to one.",
        site=site().name,
    )
    erased = _(
        "Everything this site keeps is being deleted. What it kept about you is in the file attached to this "
        "email, for you alone. You don’t have to do anything."
    )
    blocks: list[Block] = [Words(over), Words(erased)]
    if site().hq_address:
        near = site().hq_address + runs_near(site().place, site().country)
        blocks.append(Link(_("Find another run nearby"), near))
    blocks.append(Words(_("Thank you for running with us.")))
    return Written(_("%(site)s has closed", site=site().name), tuple(blocks), kept)


KINDS = {
    "farewell": Kind(
        farewell,
        lambda: _closed(b"{}\n"),
        N_("To everyone whose address we know, once, when the chapter closes for good"),
    ),
}
