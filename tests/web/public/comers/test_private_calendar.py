"""The calendar of a private link: its own dates, and nothing private."""

from datetime import date

from node.models import Run

from ....support.calendars import by_both, events
from ....support.network import LocalNode
from ....support.taps import cancel
from ....support.web_client import Phone
from ..test_coming import say


def test_a_private_calendar_has_the_one_date_that_somebody_comes_to(london: LocalNode, run: Run) -> None:
    link = say(Phone(london), run, "2026-06-11")
    path = f"{link}/calendar.ics"
    assert "Add to my calendar" in Phone(london).get(link).text
    [one] = events(Phone(london).get(path).text)
    assert one["DTSTART"].dt.date().isoformat() == "2026-06-11"
    cancel(london, run, date(2026, 6, 11))
    assert "Add to my calendar" not in Phone(london).get(link).text
    [one] = events(Phone(london).get(path).text)
    assert str(one["SUMMARY"]).startswith("Cancelled: ")


def test_a_private_calendar_leaves_out_the_days_on_which_a_weekly_comer_stays_away(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run, "2026-06-11", every_week="y")
    phone.post(f"{link}/days/2026-06-18/away")
    text = phone.get(f"{link}/calendar.ics").text
    shown = by_both(text, date(2026, 6, 1), date(2026, 7, 1))
    assert [one.starts.date().isoformat() for one in shown] == ["2026-06-11", "2026-06-25"]


def test_a_private_calendar_repeats_nothing_private(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run, name="Canaria", message="canary", emergency="Canary, 07700 900123")
    answer = phone.get(f"{link}/calendar.ics")
    assert "canar" not in answer.text.casefold()
    assert link.rpartition("/")[2] not in answer.text.replace("\r\n ", "")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_calendar_of_a_link_that_opens_nothing_is_empty_as_that_of_a_made_up_one(
    london: LocalNode, run: Run
) -> None:
    phone = Phone(london)
    link = say(phone, run)
    phone.post(f"{link}/withdraw")
    gone, forged = phone.get(f"{link}/calendar.ics"), phone.get("/c/forged/calendar.ics")
    assert (gone.status_code, gone.data) == (forged.status_code, forged.data) == (200, gone.data)
    assert events(gone.text) == []
