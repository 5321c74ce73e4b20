"""A search as a calendar, as a feed, and as places to choose from while somebody types."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from ...support.network import LONDON, Clock, LocalFederation, LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm, move
from ...support.web_client import Phone, words

pytestmark = pytest.mark.usefixtures("gazetteer")


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """A phone on London's site. London has a run on Thursdays, one of them cancelled, and a walk on Fridays."""
    federation = LocalFederation(tmp_path_factory.mktemp("searches"), Clock())
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    cancel(london, run, date(2026, 6, 11))
    london.announce(a_run(name="Friday walk", starts_on=date(2026, 6, 5), starts_at=time(9, 0), kind="walk"))
    federation.settle()
    yield Phone(london)
    federation.close()


def events(phone: Phone, query: str) -> list[tuple[date, str]]:
    answer = phone.get(f"/runs/calendar.ics?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    calendar = Calendar.from_ical(answer.text)
    return sorted((one["DTSTART"].dt.date(), str(one["SUMMARY"])) for one in calendar.walk("VEVENT"))


def test_a_search_is_a_calendar_of_just_its_dates(phone: Phone) -> None:
    found = events(phone, "near=London&within=20&unit=km&day=TH")
    assert [day for day, _ in found][:3] == [date(2026, 6, 4), date(2026, 6, 11), date(2026, 6, 18)]
    assert {day.weekday() for day, _ in found} == {3}
    assert found[1][1].startswith("Cancelled: ")
    assert found[-1][0] >= date(2026, 7, 23)


def test_a_confirmed_date_does_not_leave_a_calendar_of_confirmed_dates_without_a_word(london: LocalNode) -> None:
    phone, run = Phone(london), london.announce(a_run())
    query = "near=London&confirmed=yes"
    assert events(phone, query) == []
    confirm(london, run)
    assert events(phone, query) == [(THURSDAY, "Thursday evening run, London")]
    cancel(london, run)
    assert events(phone, query) == [(THURSDAY, "Cancelled: Thursday evening run, London")]
    assert "Cancelled: " in phone.get(f"/runs/feed.atom?{query}").text
    assert "Thursday evening run" not in words(phone.get(f"/runs?{query}"))


@pytest.mark.parametrize("is_off", [False, True])
def test_who_follows_thursdays_reads_of_a_thursday_that_went_to_friday(london: LocalNode, is_off: bool) -> None:
    phone, run = Phone(london), london.announce(a_run())
    query = "near=London&day=TH&from=2026-06-01&to=2026-06-07"
    move(london, run, "2026-06-05T18:30")
    if is_off:
        cancel(london, run)
    said = "Cancelled: " if is_off else "Moved: "
    assert events(phone, query) == [(date(2026, 6, 5), f"{said}Thursday evening run, London")]
    assert said in phone.get(f"/runs/feed.atom?{query}").text
    assert "Moved from Thursday 4 June." in words(phone.get(f"/runs?{query}"))


def test_who_looks_for_tonight_reads_of_a_run_that_went_to_tomorrow_morning(london: LocalNode) -> None:
    phone, run = Phone(london), london.announce(a_run())
    london.clock.now += timedelta(days=3)
    move(london, run, "2026-06-05T09:30")
    page = words(phone.get("/runs?near=London&when=tonight"))
    assert "Friday 5 June 09:30" in page
    assert "Moved from Thursday 4 June." in page


def test_the_calendar_of_a_search_is_named_after_it_and_asks_again_at_its_own_address(phone: Phone) -> None:
    calendar = Calendar.from_ical(phone.get("/runs/calendar.ics?near=London&kind=walk").text)
    assert calendar["X-WR-CALNAME"] == "Runs near London: A walk"
    assert str(calendar["SOURCE"]).endswith("/runs/calendar.ics?near=London&kind=walk")


@pytest.mark.parametrize("query", ["near=Xqzzberg", "near=Newport&within=-1", "near=London&from=2026-02-31", "near=🏃"])
@pytest.mark.parametrize("form", ["calendar.ics", "feed.atom"])
def test_a_search_that_is_not_clear_is_no_calendar_and_no_feed(phone: Phone, form: str, query: str) -> None:
    answer = phone.get(f"/runs/{form}?{query}")
    assert answer.status_code == 422
    assert "We couldn’t read that address" in answer.text
    assert "save" not in words(answer)


def test_a_search_is_a_feed_that_leads_to_its_page(phone: Phone) -> None:
    answer = phone.get("/runs/feed.atom?near=London&day=TH")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.text)  # noqa: S314 - ours
    links = {one.get("rel"): one.get("href", "") for one in feed.findall("{http://www.w3.org/2005/Atom}link")}
    assert links["alternate"].endswith("/runs?near=London&day=TH")
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 2


def test_the_page_of_a_search_names_its_calendar_and_its_feed(phone: Phone) -> None:
    page = phone.get("/runs?near=London&day=TH").text
    assert 'href="/runs/calendar.ics?near=London&amp;day=TH"' in page
    assert 'type="application/atom+xml"' in page
    assert 'href="webcal://' in page
    assert "calendar.ics" not in phone.get("/runs?near=Xqzzberg").text


def test_places_are_proposed_by_their_first_letters_the_nearest_before_the_larger(phone: Phone) -> None:
    answer = phone.get("/places?q=kingsto")
    labels = [one["label"] for one in answer.json["places"]]
    assert labels.index("Kingston upon Thames, England, United Kingdom") < labels.index("Kingston, Jamaica")
    assert len(labels) <= 8
    assert answer.headers["Cache-Control"] == "private, max-age=3600"


@pytest.mark.parametrize("typed", ["", "x", "%00", "🏃", "x" * 10_000, "شلنش", "' OR 1=1", "near me"])
def test_what_begins_no_place_proposes_nothing_and_breaks_nothing(phone: Phone, typed: str) -> None:
    answer = phone.get("/places", query_string={"q": typed})
    assert answer.status_code == 200
    assert answer.json == {"places": []}


def test_a_proposed_place_is_the_one_that_is_searched(phone: Phone) -> None:
    place = next(one for one in phone.get("/places?q=Hamilton").json["places"] if "Ontario" in one["label"])
    page = phone.get("/runs", query_string={"near": place["label"], "place": place["id"]}).text
    assert f"of {place['label']}" in page


def test_what_somebody_types_is_not_logged(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        phone.get("/places?q=Southwark")
        phone.get("/runs?near=51.51,-0.09")
    assert "outhwark" not in caplog.text
    assert "51.51" not in caplog.text


def test_a_point_is_named_with_its_town(phone: Phone) -> None:
    assert "of 51.51, -0.09 (" in phone.get("/runs?near=51.51,-0.09").text
    assert "of 0, -150," in phone.get("/runs?near=0,-150").text


def test_kingston_is_the_one_near_the_chapter(phone: Phone) -> None:
    assert "of Kingston upon Thames, England" in phone.get("/runs?near=Kingston").text


def test_only_this_site_itself_may_ask_a_phone_where_it_is(phone: Phone) -> None:
    assert "geolocation=(self)" in phone.get("/runs").headers["Permissions-Policy"]
