"""Private links of people who said that they come, one for each state of a date; a first-timer letter; a photo."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import select

from node.members import coming, first_time
from node.members.comers import addresses
from node.members.coming import Given
from node.models import Coming

from ..support.network import LocalNode

_LETTER = (
    "From Monument station take the exit to Fish Street Hill; the column is right in front of you.\n\n"
    "Look for the orange cap. We begin with everybody’s first name. You may just listen.\n"
    "The last one sets the pace, and nobody is left behind."
)


def make(node: LocalNode, runs: Mapping[str, str], day: date, off: date, begun: date) -> dict[str, str]:
    """The paths of the links by their names. `runs`: the ids of runs. `off`: a weekly comer's day off."""
    said = {
        "mine": _say(node, runs["quiet"], day, first_time=True),
        "mine_cancelled": _say(node, runs["cancelled"], day),
        "mine_moved": _say(node, runs["moved"], day, name="Kim"),
        "mine_confirmed": _say(node, runs["confirmed"], day, email="ada@example.org", emergency="Jo, 07700 900123"),
        "mine_weekly": _say(node, runs["quiet"], day, name="Aled", every_week=True),
        "mine_paused": _say(node, runs["paused"], date(2026, 6, 11)),
        "mine_here": _say(node, runs["begun"], begun),
    }
    with node.session() as session:
        coming.stay_away(session, node.settings, said["mine_weekly"], off, node.clock())
        with_contact = session.scalars(select(Coming).where(Coming.emergency.is_not(None))).one()
        index = with_contact.email_index or ""
        names = {"comer": with_contact.id, "confirm": f"/confirm/{index}/{addresses.token(node.settings, index)}"}
    _tell_first_timers(node, runs["quiet"])
    return names | {name: f"/c/{token}" for name, token in said.items()}


def _say(node: LocalNode, run_id: str, day: date, **given: Any) -> str:
    with node.session() as session:
        return coming.say(session, node.settings, run_id, day, Given(**given), node.clock())


def _tell_first_timers(node: LocalNode, run_id: str) -> None:
    with node.session() as session:
        first_time.write(session, run_id, _LETTER, node.clock())
        first_time.add_photo(session, run_id, _column(), "The foot of the column, and its steps", node.clock())


def _column() -> bytes:
    """A picture of a column at dusk."""
    picture, file = Image.new("RGB", (640, 400), "#4a4266"), io.BytesIO()
    draw = ImageDraw.Draw(picture)
    draw.rectangle((290, 40, 350, 330), fill="#e6d9c4")
    draw.polygon([(230, 400), (260, 330), (380, 330), (410, 400)], fill="#bfae96")
    picture.save(file, "PNG")
    return file.getvalue()
