"""Calendars, as the programs that people have read them."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from flask import request_started
from icalendar import Calendar
from sqlalchemy import update

from node.chapter import pauses, publishing, runs
from node.chapter.profile import ProfileInput
from node.chapter.series import edit
from node.database import writing
from node.models import Chapter, HeldDocument, Run

from ...support.calendars import Shown, by_both, by_icalendar, events
from ...support.network import LONDON, PETERBOROUGH, Clock, LocalFederation, LocalNode, a_run
from ...support.taps import cancel, confirm, move
from ...support.web_client import Phone, words

#: A Monday. The clocks of London go back on Sunday 25 October.
AUTUMN = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
OCTOBER = {day: date(2026, 10, day) for day in (15, 22, 29)}
NAME = "Thursday evening run, London"


@pytest.fixture
def clock() -> Clock:
    return Clock(AUTUMN)


@pytest.fixture
def run(london: LocalNode) -> Run:
    return london.announce(a_run(starts_on=date(2026, 10, 15), exdates=(date(2026, 11, 12),)))


def chapter_of(node: LocalNode) -> str:
    with node.session() as session:
        return session.get_one(Chapter, 1).id


def read(node: LocalNode, path: str) -> str:
    answer = Phone(node).get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.text


def series(node: LocalNode, run: Run, of: LocalNode | None = None) -> str:
    return read(node, f"/runs/{chapter_of(of or node)}/{run.id}/calendar.ics")


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def pause(node: LocalNode, run: Run | None, since: date, back_on: date | None) -> None:
    with node.session() as session:
        pauses.pause(session, node.settings, run.id if run else None, since, back_on, "", node.clock.tick(minutes=1))


def sequences(text: str) -> set[int]:
    return {int(event["SEQUENCE"]) for event in events(text)}


def test_two_readers_show_each_date_as_it_is_across_the_night_on_which_the_clocks_change(
    london: LocalNode, run: Run
) -> None:
    cancel(london, run, OCTOBER[22])
    move(london, run, "2026-10-30T19:00", OCTOBER[29])
    confirm(london, run, OCTOBER[15])
    pause(london, run, date(2026, 11, 17), date(2026, 11, 25))
    assert by_both(series(london, run), date(2026, 10, 1), date(2026, 12, 5)) == [
        Shown(utc(OCTOBER[15], 17, 30), 60, NAME),
        Shown(utc(OCTOBER[22], 17, 30), 60, f"Cancelled: {NAME}"),
        Shown(utc(date(2026, 10, 30), 19, 0), 60, f"Moved: {NAME}"),
        Shown(utc(date(2026, 11, 5), 18, 30), 60, NAME),
        # 12 November is a planned gap, 19 November lies in the pause.
        Shown(utc(date(2026, 11, 26), 18, 30), 60, NAME),
        Shown(utc(date(2026, 12, 3), 18, 30), 60, NAME),
    ]


def test_two_readers_show_a_run_in_the_hour_that_the_clocks_skip_one_hour_later(
    london: LocalNode, clock: Clock
) -> None:
    clock.now = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
    night = london.announce(a_run(name="Night", starts_on=date(2026, 3, 22), starts_at=time(1, 30)))
    for day in (date(2026, 3, 29), date(2026, 4, 5)):
        confirm(london, night, day)
    text = series(london, night)
    assert "RECURRENCE-ID;TZID=Europe/London:20260329T013000" in text  # the time of the rule, skipped or not
    assert [one.starts for one in by_icalendar(text, utc(date(2026, 3, 1), 0), utc(date(2026, 4, 13), 0))] == [
        utc(date(2026, 3, 22), 1, 30),
        utc(date(2026, 3, 29), 1, 30),
        utc(date(2026, 4, 5), 0, 30),
        utc(date(2026, 4, 12), 0, 30),
    ]
    by_both(text, date(2026, 3, 1), date(2026, 4, 12))


def test_two_readers_show_a_run_in_brisbane_and_in_sydney_at_its_own_hour(tmp_path: Path, clock: Clock) -> None:
    node = LocalNode(tmp_path / "sydney", clock, 8102)
    node.found_chapter(ProfileInput("Sydney", "Sydney", "AU", "Australia/Sydney"))
    for name, timezone in (("Sydney", "Australia/Sydney"), ("Brisbane", "Australia/Brisbane")):
        node.announce(a_run(name=name, timezone=timezone, starts_on=date(2027, 4, 1), starts_at=time(6, 0)))
    # On 4 April the clocks of Sydney go back. Brisbane leaves its clocks alone.
    every = by_both(read(node, f"/chapters/{chapter_of(node)}/calendar.ics"), date(2027, 3, 30), date(2027, 4, 9))
    assert every == [
        Shown(utc(date(2027, 3, 31), 19), 60, "Sydney, Sydney"),
        Shown(utc(date(2027, 3, 31), 20), 60, "Brisbane, Sydney"),
        Shown(utc(date(2027, 4, 7), 20), 60, "Brisbane, Sydney"),
        Shown(utc(date(2027, 4, 7), 20), 60, "Sydney, Sydney"),
    ]
    node.close()


def test_a_cancelled_date_stays_visible_and_says_so_first(london: LocalNode, run: Run) -> None:
    cancel(london, run, OCTOBER[22])
    text = series(london, run)
    assert "STATUS:CANCELLED" not in text  # a big calendar hides what has it
    [one] = [event for event in events(text) if "RECURRENCE-ID" in event]
    assert str(one["SUMMARY"]).startswith("Cancelled: ")
    assert "It’s because of the weather." in str(one["DESCRIPTION"])
    assert one["TRANSP"] == "TRANSPARENT"


def test_a_cancelled_date_names_the_nearest_run_that_is_on(london: LocalNode, run: Run) -> None:
    other = london.announce(a_run(name="Friday run", starts_on=date(2026, 10, 16)))
    confirm(london, other, date(2026, 10, 16))
    cancel(london, run, OCTOBER[15])
    text = series(london, run)
    assert "Friday run, London, Friday 16 October, 18:30" in str(events(text)[1]["DESCRIPTION"])
    assert "\u00a0" not in text, "pages alone have spaces that end no line"


def test_no_title_promises_a_lead_since_a_calendar_may_be_a_day_old(london: LocalNode, run: Run) -> None:
    confirm(london, run, OCTOBER[15])
    rule, promised = events(series(london, run))
    wait = "Please don’t set off until the page says “A lead will be there”."
    assert wait in str(rule["DESCRIPTION"])
    assert wait not in str(promised["DESCRIPTION"])
    assert (str(rule["SUMMARY"]), rule["STATUS"]) == (NAME, "TENTATIVE")
    assert (str(promised["SUMMARY"]), promised["STATUS"]) == (NAME, "CONFIRMED")
    assert "Calendars can take a day to update" in str(promised["DESCRIPTION"])


def test_the_sequence_rises_with_each_act_and_never_falls(london: LocalNode, run: Run) -> None:
    seen = [sequences(series(london, run))]
    for act in (
        lambda: confirm(london, run, OCTOBER[15]),
        lambda: cancel(london, run, OCTOBER[15]),
        lambda: move(london, run, "2026-10-22T19:00", OCTOBER[22]),
        lambda: pause(london, run, OCTOBER[29], None),
    ):
        act()
        seen.append(sequences(series(london, run)))
    assert all(len(one) == 1 for one in seen)
    numbers = [one for each in seen for one in each]
    assert numbers == sorted(set(numbers))


def test_a_sequence_is_a_number_of_31_bits_whatever_version_a_peer_has_signed(london: LocalNode, run: Run) -> None:
    for version, expected in ((2**52, 2**31 - 1), (1, 0)):
        with london.session() as session, writing(session) as transaction:
            transaction.execute(update(HeldDocument).values(version=version))
        assert sequences(series(london, run)) == {expected}


def test_a_date_that_the_rule_no_longer_has_is_an_event_of_its_own(london: LocalNode, run: Run) -> None:
    cancel(london, run, OCTOBER[22])
    with london.session() as session:
        changed = replace(runs.input_of(runs.get(session, run.id)), starts_on=date(2026, 10, 14), exdates=())
        edit(session, london.settings, run.id, changed, london.clock.tick(minutes=1))
    text = series(london, run)
    [apart] = [event for event in events(text) if f"{run.id}-2026-10-22@" in str(event["UID"])]
    assert "RECURRENCE-ID" not in apart
    assert str(apart["SUMMARY"]).startswith("Cancelled: ")
    assert [one.starts.date() for one in by_both(text, date(2026, 10, 19), date(2026, 11, 1))] == [
        date(2026, 10, 21),
        OCTOBER[22],
        date(2026, 10, 28),
    ]


def test_an_edited_series_has_overrides_at_the_times_of_the_rule_alone(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-10-24T10:00", OCTOBER[22])
    rule, moved = events(series(london, run))
    assert moved["RECURRENCE-ID"].dt.replace(tzinfo=None) == datetime.fromisoformat("2026-10-22T18:30")
    assert moved["DTSTART"].dt.replace(tzinfo=None) == datetime.fromisoformat("2026-10-24T10:00")
    assert str(moved["UID"]) == str(rule["UID"])


def test_a_series_of_gaps_alone_is_a_valid_calendar_without_dates(london: LocalNode) -> None:
    run = london.announce(a_run(starts_on=OCTOBER[15], until=OCTOBER[29]))
    with london.session() as session, writing(session) as transaction:
        # The form refuses that. Another chapter's program may not.
        transaction.get_one(Run, run.id).exdates = [day.isoformat() for day in OCTOBER.values()]
        publishing.publish(transaction, london.settings, london.clock.tick(minutes=1), urgent=False)
    text = series(london, run)
    assert by_both(text, date(2026, 10, 1), date(2026, 12, 1)) == []
    assert Calendar.from_ical(text).walk("VTIMEZONE")


def test_a_pause_without_an_end_ends_the_series_for_now(london: LocalNode, run: Run) -> None:
    pause(london, None, OCTOBER[22], None)
    text = series(london, run)
    assert [one.starts.date() for one in by_both(text, date(2026, 10, 1), date(2027, 12, 1))] == [OCTOBER[15]]
    assert "UNTIL=20261021T225959Z" in text


def test_a_cancelled_date_in_a_pause_stays_visible(london: LocalNode, run: Run) -> None:
    cancel(london, run, OCTOBER[29])
    pause(london, run, OCTOBER[22], None)
    shown = by_both(series(london, run), date(2026, 10, 1), date(2027, 12, 1))
    assert [one.title for one in shown] == [NAME, f"Cancelled: {NAME}"]


def test_one_date_has_a_calendar_of_its_own_which_says_what_becomes_of_it(london: LocalNode, run: Run) -> None:
    path = f"/runs/{chapter_of(london)}/{run.id}/2026-10-22/calendar.ics"
    assert [one.title for one in by_both(read(london, path), date(2026, 10, 1), date(2026, 12, 1))] == [NAME]
    move(london, run, "2026-10-23T07:00", OCTOBER[22])
    assert by_both(read(london, path), date(2026, 10, 1), date(2026, 12, 1)) == [
        Shown(utc(date(2026, 10, 23), 6), 60, f"Moved: {NAME}")
    ]
    pause(london, run, date(2026, 10, 20), date(2026, 10, 30))
    assert [one.title for one in by_both(read(london, path), date(2026, 10, 1), date(2026, 12, 1))] == [
        f"No run: {NAME}"
    ]


def test_the_calendar_of_one_date_keeps_its_event_when_another_takes_its_place(london: LocalNode, run: Run) -> None:
    path = f"/runs/{london.chapter_id}/{run.id}/2026-10-22/calendar.ics"

    def event() -> tuple[str, date]:
        [found] = Calendar.from_ical(Phone(london).get(path).text).walk("VEVENT")
        return str(found["UID"]), found["DTSTART"].dt.date()

    name, day = event()
    with london.session() as session:
        edit(session, london.settings, run.id, a_run(starts_on=date(2026, 10, 23)), london.clock.tick(minutes=1))
    assert (day, event()) == (date(2026, 10, 22), (name, date(2026, 10, 23)))


@pytest.mark.parametrize("day", ["2026-10-23", "0001-01-01", "9999-12-31"])
def test_a_day_without_a_run_is_an_empty_calendar(london: LocalNode, run: Run, day: str) -> None:
    assert events(read(london, f"/runs/{chapter_of(london)}/{run.id}/{day}/calendar.ics")) == []


def test_a_run_that_is_not_listed_any_more_goes_from_peoples_calendars(london: LocalNode, run: Run) -> None:
    assert events(read(london, f"/runs/{chapter_of(london)}/gone/calendar.ics")) == []
    assert Phone(london).get("/chapters/nobody/calendar.ics").status_code == 404


def test_a_run_that_is_held_once_is_one_event(london: LocalNode) -> None:
    once = london.announce(a_run(starts_on=date(2026, 10, 17), repeats="once"))
    cancel(london, once, date(2026, 10, 17))
    [event] = events(series(london, once))
    assert "RRULE" not in event
    assert "RECURRENCE-ID" not in event
    assert str(event["SUMMARY"]).startswith("Cancelled: ")


def test_lines_are_folded_by_octets_and_no_letter_is_cut(london: LocalNode) -> None:
    words = "Łódź 走る 🏃🏾\u200d♀️, ; \\ " * 9
    run = london.announce(a_run(name="走る " * 15, what_happens=words, directions=words * 4, starts_on=OCTOBER[15]))
    body = series(london, run).encode()
    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    assert str(events(body.decode())[0]["LOCATION"]) == "The Monument, Fish Street Hill, London EC3R"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x85", "\u2028"])
def test_no_name_adds_an_event(london: LocalNode, end: str) -> None:
    evil = end.join(["Come", "END:VEVENT", "BEGIN:VEVENT", "UID:evil", "SUMMARY:evil"])
    run = london.announce(a_run(directions=evil, starts_on=OCTOBER[15]))
    text = series(london, run)
    assert len(events(text)) == 1
    assert len(by_both(text, date(2026, 10, 10), date(2026, 10, 16))) == 1


def test_another_node_serves_the_same_calendar(federation: LocalFederation, clock: Clock) -> None:
    home, other = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    run = home.announce(a_run(starts_on=OCTOBER[15]))
    cancel(home, run, OCTOBER[22])
    federation.settle()
    here, there = (series(node, run, of=home) for node in (home, other))
    days = date(2026, 10, 1), date(2026, 12, 1)
    assert by_both(here, *days) == by_both(there, *days)
    assert sequences(here) == sequences(there)
    assert [str(one["UID"]) for one in events(here)] == [str(one["UID"]) for one in events(there)]
    assert f"URL:{other.settings.base_url}/runs/" in there.replace("\r\n ", "")


def test_a_chapter_that_hq_pauses_has_no_dates_from_now_on(federation: LocalFederation, clock: Clock) -> None:
    home, other = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    run = home.announce(a_run(starts_on=OCTOBER[15]))
    federation.settle()
    federation.set_status(home, "paused")
    federation.settle()
    assert by_both(series(other, run, of=home), date(2026, 10, 12), date(2027, 10, 1)) == []


def test_a_calendar_that_has_not_changed_is_answered_by_304(london: LocalNode, run: Run, clock: Clock) -> None:
    path, phone = f"/runs/{chapter_of(london)}/{run.id}/calendar.ics", Phone(london)
    tag = phone.get(path).headers["ETag"]
    clock.tick(hours=3)
    assert phone.get(path, headers={"If-None-Match": tag}).status_code == 304
    cancel(london, run, OCTOBER[15])
    changed = phone.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "Cancelled: " in changed.text


def test_a_calendar_is_kept_for_the_next_who_asks(london: LocalNode, run: Run) -> None:
    path, phone = f"/runs/{chapter_of(london)}/{run.id}/calendar.ics", Phone(london)
    drawn = []
    with request_started.connected_to(lambda *_, **__: drawn.append(1), london.app):
        assert phone.get(path).data == phone.get(path).data
    assert len(drawn) == 1


def test_a_runs_page_offers_the_file_and_a_link_that_calendars_follow(london: LocalNode, run: Run) -> None:
    page = Phone(london).get(f"/runs/{chapter_of(london)}/{run.id}").text
    path = f"/runs/{chapter_of(london)}/{run.id}/calendar.ics"
    assert f'href="{path}"' in page
    assert f'href="webcal://127.0.0.1:{london.settings.port}{path}"' in page
    assert f'href="/runs/{chapter_of(london)}/{run.id}/2026-10-15/calendar.ics"' in page
    assert "Calendars can take a day to update" in page


def test_a_serving_node_loads_only_when_they_are_needed_what_few_visitors_need() -> None:
    seldom = {
        "PIL",
        "dateutil",
        "icalendar",
        "node.mail.smtp",
        "segno",
        "smtplib",
        "web.hq.board",
        "web.letters",
        "webauthn",
    }
    start = f"import sys, deploy.commands.serve; print(sorted({seldom!r} & {{*sys.modules}}))"
    found = subprocess.run([sys.executable, "-c", start], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


def test_a_run_of_one_date_offers_that_date_alone(london: LocalNode) -> None:
    once = london.announce(a_run(starts_on=date(2026, 10, 17), repeats="once"))
    page = words(Phone(london).get(f"/runs/{chapter_of(london)}/{once.id}"))
    assert "Add this date" in page
    assert "all dates" not in page
