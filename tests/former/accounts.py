"""Fills the tables of accounts: ways to sign in, invitations, what people agreed to."""

from node.members import consent
from node.members.accounts import codes, invitations, passkeys, recovery_codes
from node.members.accounts.passkeys import Site
from node.models import Person

from ..support.members.authenticator import Authenticator
from ..support.network import LocalNode


def fill(node: LocalNode) -> None:
    """A lead with every way to sign in, who has invited somebody and agreed to letters; a code that waits."""
    ada, settings, now = node.add_lead("Ada"), node.settings, node.clock()
    site = Site("localhost", node.settings.base_url, "London")
    phone = Authenticator(site.origin)
    with node.session() as session:
        codes.ask(session, settings, "robin@example.org", "form", "en", now)
        recovery_codes.make(session, settings, ada.id, now)
        invitations.invite(session, settings, "co-lead", ada.id, "", "form", now)
        options = passkeys.options_to_add(session, settings, site, session.get_one(Person, ada.id), now)
        passkeys.add(session, site, ada.id, phone.make(options), "Firefox on Android", now)
        passkeys.options_to_sign_in(session, site, now)
    with node.handle.writing() as transaction:
        consent.give(transaction, "email", "Send me letters.", now, person_id=ada.id)
