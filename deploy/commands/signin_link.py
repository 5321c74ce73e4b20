"""`rtr signin-link`: how a lead gets in."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from node.chapter import leads
from node.hq import people
from node.hq.history import COMMAND_LINE
from node.members import sign_in
from node.models import Person

from .folder import at_home


@click.command("signin-link")
@click.argument("lead", required=False)
@click.pass_obj
def command(data: Path, lead: str | None) -> None:
    """Print a sign-in link, good once and for 15 minutes. LEAD: a number or first name of `rtr lead list`."""
    with at_home(data) as node, node.sessions() as session:
        found = find_lead(session, lead)
        if node.settings.is_hq:
            token = people.make_link(session, found.id, COMMAND_LINE, node.clock())
        else:
            token = sign_in.make_link(session, found.id, node.clock())
        click.echo(f"{node.settings.base_url}/signin/{token}")


def find_lead(session: Session, text: str | None) -> Person:
    """The lead whose number or first name is `text`. With None, the only lead."""
    everyone = leads.all_leads(session)
    matching = [one for one in everyone if text is None or text in (str(one.id), one.first_name)]
    if len(matching) == 1:
        return matching[0]
    if not everyone:
        raise click.ClickException("there is no lead yet: run `rtr lead add FIRST-NAME`")
    names = ", ".join(f"{one.id} {one.first_name}" for one in everyone)
    raise click.ClickException(f"which lead? Give one of: {names}")
