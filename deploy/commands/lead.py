"""`rtr lead`: who may act for the chapter, or at HQ."""

from pathlib import Path

import click

from node.chapter import leads
from node.hq import people
from node.hq.history import COMMAND_LINE
from node.members import people as members

from .folder import at_home, opened
from .signin_link import find_lead


@click.group("lead")
def command() -> None:
    """Add, list and remove the chapter's leads."""


@command.command("add")
@click.argument("first_name")
@click.pass_obj
def add(data: Path, first_name: str) -> None:
    """Add a lead by first name. The name is public only once that lead says so on their own page."""
    with at_home(data) as node, node.sessions() as session:
        is_hq, now = node.settings.is_hq, node.clock()
        lead = people.add(session, first_name, COMMAND_LINE, now) if is_hq else leads.add(session, first_name, now)
        click.echo(f"lead {lead.id} {lead.first_name}. Next: rtr --data {data} signin-link {lead.id}")


@command.command("list")
@click.pass_obj
def list_(data: Path) -> None:
    """List the leads and co-leads: number and first name."""
    with opened(data) as node, node.sessions() as session:
        for lead in leads.all_leads(session):
            click.echo(f"{lead.id} {lead.first_name}{' (co-lead)' if lead.role == 'co-lead' else ''}")


@command.command("remove")
@click.argument("lead")
@click.pass_obj
def remove(data: Path, lead: str) -> None:
    """Remove a lead: all their phones are signed out at once, and no listing names them. HQ's last one stays."""
    with at_home(data) as node, node.sessions() as session:
        found = find_lead(session, lead)
        name = found.first_name
        if node.settings.is_hq:
            people.remove(session, node.settings, found.id, COMMAND_LINE, node.clock())
        else:
            members.remove(session, node.settings, found.id, node.clock(), may_be_last=True)
        click.echo(f"{name} is no lead any more")
