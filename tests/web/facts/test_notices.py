"""A notice has a first and a last day: it is signed, shown in its days on every site, and gone after them."""

from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from federation.documents import Notice
from node.chapter import publishing
from node.directory import chapters
from node.errors import InvalidInput
from node.facts import notices
from node.facts.notices import NoticeInput
from node.models import Chapter, Run

from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

GATE = "The park’s east gate is closed."
#: The clock of the tests begins on Monday 1 June 2026; the run's next date is 4 June.
SHUT = {"text": GATE, "since": "2026-06-03", "until": "2026-06-12", "about": ""}


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def publish(node: LocalNode, run: Run | None, since: date, until: date, text: str = GATE) -> None:
    with node.session() as session:
        given = NoticeInput(text, since, until)
        notices.add(session, node.settings, run.id if run else None, given, node.clock())


def coming(node: LocalNode, run: Run | None = None) -> list[str]:
    with node.session() as session:
        of = session.get_one(Run, run.id) if run else session.get_one(Chapter, 1)
        return [one.text for one in notices.coming(of, node.clock())]


def page(node: LocalNode, run: Run, reader: LocalNode | None = None, part: str = "") -> str:
    with node.session() as session:
        publishing.resign_if_due(session, node.settings, node.clock())
        chapter = chapters.own_id(session)
    return words(Phone(reader or node).get(f"/runs/{chapter}/{run.id}{part}"))


def test_a_notice_stands_with_the_dates_in_its_days_and_is_gone_after(london: LocalNode, run: Run) -> None:
    publish(london, run, date(2026, 6, 3), date(2026, 6, 12))
    said = f"3\u201312 June: {GATE}"
    assert said in page(london, run)
    assert said in page(london, run, part="?date=2026-06-11")
    assert GATE not in page(london, run, part="?date=2026-06-18")
    london.clock.now += timedelta(days=11)
    assert said in page(london, run)
    london.clock.now += timedelta(days=1)
    assert GATE not in page(london, run)


def test_a_notice_for_later_days_is_not_shown_before(london: LocalNode, run: Run) -> None:
    publish(london, run, date(2026, 6, 5), date(2026, 6, 10))
    assert GATE not in page(london, run)


def test_it_leaves_the_signed_document_after_its_days(london: LocalNode, run: Run) -> None:
    publish(london, run, date(2026, 6, 1), date(2026, 6, 2))

    def signed() -> list[Notice]:
        with london.session() as session:
            return publishing.build(session, london.clock()).listings[0].notices

    assert signed() == [Notice(GATE, "2026-06-01", "2026-06-02")]
    london.clock.now += timedelta(days=3)
    assert signed() == []
    assert coming(london, run) == []


def test_other_sites_show_the_notices_of_the_run_and_of_its_chapter(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    publish(london, run, date(2026, 6, 4), date(2026, 6, 4), "Bring a light.")
    publish(london, None, date(2026, 6, 1), date(2026, 6, 30))
    federation.settle()
    found = page(london, run, federation.hq)
    assert f"1\u201330 June: {GATE}" in found
    assert "4 June: Bring a light." in found
    with london.session() as session:
        chapter = words(Phone(federation.hq).get(f"/chapters/{chapters.own_id(session)}"))
    assert GATE in chapter
    assert "Bring a light." not in chapter


def test_a_calendar_has_the_notices_of_its_dates(london: LocalNode, run: Run) -> None:
    publish(london, run, date(2026, 6, 4), date(2026, 6, 4), "Bring a light.")
    with london.session() as session:
        path = f"/runs/{chapters.own_id(session)}/{run.id}/2026-06-04/calendar.ics"
    calendar = Phone(london).get(path).text.replace("\r\n ", "")
    assert "4 June: Bring a light." in calendar


@pytest.mark.parametrize("of_chapter", [False, True])
def test_calendars_have_a_notice_on_each_of_its_days_alone(london: LocalNode, run: Run, of_chapter: bool) -> None:
    publish(london, None if of_chapter else run, date(2026, 6, 9), date(2026, 6, 18))
    with london.session() as session:
        own = chapters.own_id(session)
    search = "/runs/calendar.ics?near=51.5101,-0.0860"
    for path in (f"/runs/{own}/{run.id}/calendar.ics", f"/chapters/{own}/calendar.ics", search):
        calendar = Calendar.from_ical(Phone(london).get(path).text)
        told = {event["DTSTART"].dt.date() for event in calendar.walk("VEVENT") if GATE in event["DESCRIPTION"]}
        assert told == {date(2026, 6, 11), date(2026, 6, 18)}, path
        words_of_it = [str(event["DESCRIPTION"]) for event in calendar.walk("VEVENT") if GATE in event["DESCRIPTION"]]
        assert all(f"9\u201318 June: {GATE}" in one and "Not confirmed yet" in one for one in words_of_it)


def test_a_lead_publishes_a_notice_and_takes_it_down(london: LocalNode, run: Run, phone: Phone) -> None:
    done = phone.post("/lead/notices", data=SHUT | {"about": run.id}, follow_redirects=True)
    assert f"3\u201312 June: {GATE}" in words(done)
    assert (coming(london), coming(london, run)) == ([], [GATE])
    with london.session() as session:
        (kept,) = notices.coming(session.get_one(Run, run.id), london.clock())
    for _ in range(2):
        gone = phone.post(f"/lead/notices/take-down/{notices.mark_of(kept)}", data={"about": run.id})
        assert gone.status_code == 303
    assert coming(london, run) == []


def test_the_same_notice_twice_is_one(london: LocalNode, phone: Phone) -> None:
    for _ in range(2):
        assert phone.post("/lead/notices", data=SHUT).status_code == 303
    assert coming(london) == [GATE]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": ""}, "Please fill this in."),
        ({"text": "Call 07700 900123"}, "looks like a phone number"),
        ({"text": "x" * 301}, "It can be up to 300 characters"),
        ({"since": "soon"}, "First day: "),
        ({"until": "2026-06-02"}, "The last day can’t be before the first."),
        ({"since": "2026-05-01", "until": "2026-05-30"}, "That time has passed."),
        ({"until": "2028-06-12"}, "Enter a day within a year."),
        ({"until": "9999-12-31"}, "Enter a day within a year."),
        ({"about": "nowhere1"}, "Choose one from the list."),
    ],
)
def test_what_cannot_be_kept_says_so_and_stays(
    london: LocalNode, phone: Phone, changes: dict[str, Any], said: str
) -> None:
    response = phone.post("/lead/notices", data=SHUT | changes)
    assert response.status_code == 422
    assert said in words(response)
    assert coming(london) == []


def test_a_fourth_notice_is_refused(london: LocalNode, phone: Phone) -> None:
    for number in range(3):
        phone.post("/lead/notices", data=SHUT | {"text": f"Gate {number} is closed."})
    refused = phone.post("/lead/notices", data=SHUT)
    assert "There are 3 already. Take one down first." in words(refused)
    assert len(coming(london)) == 3


def test_html_in_a_notice_is_text(london: LocalNode, run: Run) -> None:
    publish(london, run, date(2026, 6, 1), date(2026, 6, 12), "<script>alert(1)</script>")
    with london.session() as session:
        text = Phone(london).get(f"/runs/{chapters.own_id(session)}/{run.id}").text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_a_notice_for_a_run_that_ended_is_refused(london: LocalNode) -> None:
    with pytest.raises(Exception, match="no such run"), london.session() as session:
        notices.add(session, london.settings, "gone2222", NoticeInput(GATE, *[date(2026, 6, 3)] * 2), london.clock())


def test_a_full_list_refuses_a_notice_in_words(london: LocalNode, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "ROOM", 10)
    with pytest.raises(InvalidInput) as refused:
        publish(london, run, date(2026, 6, 3), date(2026, 6, 12))
    assert refused.value.problems == {"text": "full"}
