"""The rooms of this node, and the audience of each. A view in no room is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from flask import Blueprint, Flask

from . import exchange
from .context import node_of
from .facts import checks, notices
from .inbox import lead_inbox, message_link, sending
from .leads import account, board, comers, dates, duties, first_time, letters, pauses, rota, run_day, runs, taps
from .leads import people as leading
from .members import me, passkeys, stop
from .public import calendars, coming, first_visit, home, listings, printed_list, private_link, searches, site_files
from .setup import backup_key, gate
from .setup import mail as mail_settings
from .setup import pages as setup
from .sharing import feeds, pictures, posters, saved
from .signin import codes, links, other_ways, phones
from .upkeep import copies, probes, server_page

Audience = Literal["public", "link", "member", "co-lead", "lead", "hq", "node", "letter"]


@dataclass(frozen=True)
class Room:
    """A blueprint and its audience: anybody (public), whoever has a private link or is about to get one (link), people
    of this chapter from this role up (member, co-lead, lead), the people of HQ, other nodes, or mail programs, which
    act by the link in a letter (letter).

    `prefix`: the first part of its addresses, if the blueprint does not say it. `opened`: views of the room that have
    another audience, by their names.
    """

    blueprint: Blueprint
    audience: Audience
    prefix: str | None = None
    opened: Mapping[str, Audience] = field(default_factory=dict)

    def audiences(self) -> dict[str, Audience]:
        """The audience of the room, by its blueprint's name, and of the views that have another, by their endpoints."""
        name = self.blueprint.name
        return {name: self.audience, **{f"{name}.{view}": audience for view, audience in self.opened.items()}}


_EVERY_NODE = (
    Room(home.bp, "public"),
    Room(listings.bp, "public"),
    Room(calendars.bp, "public"),
    Room(searches.bp, "public"),
    Room(exchange.bp, "node"),
    Room(links.bp, "link", opened={"explain": "public"}),
    Room(site_files.bp, "public"),
    Room(feeds.bp, "public"),
    Room(pictures.bp, "public"),
    Room(posters.bp, "public"),
    Room(saved.bp, "public"),
    Room(printed_list.bp, "public"),
    Room(stop.bp, "letter"),
    Room(sending.bp, "link"),
    Room(message_link.bp, "link"),
    Room(probes.bp, "public"),
)
_CHAPTERS_ONLY = (
    Room(coming.bp, "link"),
    Room(first_visit.bp, "public"),
    Room(private_link.bp, "link"),
    Room(board.bp, "lead", opened={"board": "co-lead", "reach": "co-lead"}),
    Room(runs.bp, "lead"),
    Room(first_time.bp, "lead"),
    Room(dates.bp, "co-lead"),
    Room(run_day.bp, "co-lead"),
    Room(comers.bp, "co-lead"),
    Room(letters.bp, "co-lead"),
    Room(lead_inbox.bp, "co-lead", opened={"set_form": "lead"}),
    Room(duties.bp, "co-lead"),
    Room(rota.bp, "co-lead"),
    Room(taps.bp, "link"),
    Room(checks.bp, "lead"),
    Room(notices.bp, "lead"),
    Room(checks.tap, "link"),
    Room(pauses.bp, "lead"),
    Room(account.bp, "lead", opened={"me": "co-lead", "save_me": "co-lead"}),
    Room(leading.bp, "lead"),
    Room(server_page.bp, "lead"),
    Room(phones.bp, "member", "/me"),
    Room(me.bp, "member"),
    Room(passkeys.bp, "member"),
    Room(copies.bp, "lead", "/lead"),
    Room(codes.bp, "link"),
    Room(other_ways.bp, "link"),
    Room(setup.bp, "lead", opened={"show_link": "link", "use_link": "link"}),
    Room(backup_key.bp, "lead"),
    Room(mail_settings.bp, "lead"),
)


def start(app: Flask) -> None:
    """Open the rooms of this node's role."""
    settings = node_of(app).settings
    rooms = _EVERY_NODE + (_hq_only() if settings.is_hq else _CHAPTERS_ONLY)
    app.config["AUDIENCES"] = {name: audience for room in rooms for name, audience in room.audiences().items()}
    gate.start(app)
    app.url_map.converters["day"] = dates.DayConverter
    for room in rooms:
        app.register_blueprint(room.blueprint, url_prefix=room.prefix or room.blueprint.url_prefix)


def _hq_only() -> tuple[Room, ...]:
    """HQ has no leads and no runs. Its people look after the chapters. Its rooms are in no chapter's memory."""
    from .hq import board as hq_board
    from .hq import chapters, contacts, invitations, people
    from .inbox import hq_wishes

    return (
        Room(hq_board.bp, "hq"),
        Room(chapters.bp, "hq"),
        Room(contacts.bp, "hq"),
        Room(hq_wishes.bp, "hq"),
        Room(invitations.bp, "hq"),
        Room(people.bp, "hq"),
        Room(phones.bp, "hq", "/hq"),
        Room(copies.bp, "hq", "/hq"),
        Room(server_page.bp, "hq", "/hq/server"),
    )
