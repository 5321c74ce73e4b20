"""A change entered ahead is announced on every site, on the board and in calendars until its day has come."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from federation.documents import MeetingPoint
from node.chapter import dates, publishing, runs, series
from node.directory import chapters
from node.members import coming
from node.members.coming import Given
from node.models import Run

from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import cancel, confirm, move
from ...support.web_client import Phone, words

CHANGED = a_run(starts_at=time(18, 0), point_name="Tower Hill", lat_e4=515098, lon_e4=-766)
SAID = "From Thursday 18 June: 18:00, Tower Hill. Every Thursday."


def change(node: LocalNode, run: Run, from_day: date | None = date(2026, 6, 18)) -> None:
    with node.session() as session:
        now = node.clock.tick(minutes=1)
        series.edit(session, node.settings, run.id, CHANGED, now, from_day=from_day)


def address(node: LocalNode, run: Run) -> str:
    with node.session() as session:
        publishing.resign_if_due(session, node.settings, node.clock())
        return f"/runs/{chapters.own_id(session)}/{run.id}"


def paper(node: LocalNode, run: Run, part: str) -> str:
    path = address(node, run)
    return words(Phone(node).get("/runs/print?near=London" if part == "list" else path + part))


def test_every_site_announces_it_and_keeps_the_dates_before(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    change(london, run)
    federation.settle()
    page = words(Phone(federation.hq).get(address(london, run)))
    assert SAID in page
    assert "18:30" in page.partition(SAID)[0]


@pytest.mark.parametrize("is_promised", [False, True])
def test_no_page_calls_a_date_before_it_moved(federation: LocalFederation, is_promised: bool) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    if is_promised:
        confirm(london, run)
    change(london, run)
    federation.settle()
    page = address(london, run)
    here, board = words(Phone(london).get(page)), words(Phone(london).sign_in().get("/lead"))
    for shown in (here, board, words(Phone(federation.hq).get(page))):
        assert "Moved to 18:30" not in shown
        assert "18:30" in shown
    assert ("A lead will be there" in here) == is_promised
    assert "Moved to 18:00" in here


def test_a_calendar_has_each_date_before_it_at_the_hour_that_people_know(london: LocalNode, run: Run) -> None:
    change(london, run)
    with london.session() as session:
        path = f"/runs/{chapters.own_id(session)}/{run.id}/calendar.ics"
    calendar = Phone(london).get(path).text
    assert "DTSTART;TZID=Europe/London:20260604T183000" in calendar
    assert "DTSTART;TZID=Europe/London:20260611T183000" in calendar
    assert "SUMMARY:Moved" not in calendar.partition("20260611T183000")[0]


@pytest.mark.usefixtures("gazetteer")
def test_a_run_that_moves_away_is_found_where_it_is_held_until_then(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    leeds = replace(CHANGED, point_name="Leeds station", lat_e4=537951, lon_e4=-15480)
    with london.session() as session:
        series.edit(session, london.settings, run.id, leeds, london.clock.tick(minutes=1), from_day=date(2026, 6, 11))
    federation.settle()

    def found(near: str) -> list[str]:
        page = Phone(federation.hq).get(f"/runs?near={near}&within=5").text
        return [place for place in ("Monument", "Leeds station") if f'p-location">{place}' in page.replace("The ", "")]

    assert found("Southwark,+UK") == ["Monument", "Leeds station"]
    federation.clock.now += timedelta(days=4)
    address(london, run)  # signs anew
    federation.settle()
    assert found("Southwark,+UK") == []
    assert found("Leeds,+UK") == ["Leeds station"]


def test_it_is_announced_no_more_once_its_day_has_come(london: LocalNode, run: Run) -> None:
    change(london, run)
    phone = Phone(london)
    assert SAID in words(phone.get(address(london, run)))
    london.clock.now += timedelta(days=17)
    page = words(phone.get(address(london, run)))
    assert "From Thursday 18 June" not in page
    assert "18:00" in page


def test_the_board_and_the_calendar_announce_it(london: LocalNode, run: Run) -> None:
    change(london, run)
    assert SAID in words(Phone(london).sign_in().get("/lead"))
    with london.session() as session:
        path = f"/runs/{chapters.own_id(session)}/{run.id}/2026-06-11/calendar.ics"
    calendar = Phone(london).get(path).text.replace("\r\n ", "").replace("\\", "")
    assert SAID in calendar


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize("part", ["/poster", "/cards", "/first-time", "list"])
def test_paper_leads_people_to_where_the_run_is_held_until_then_and_says_what_changes(
    london: LocalNode, run: Run, part: str
) -> None:
    change(london, run)
    printed = paper(london, run, part)
    assert SAID in printed
    before = printed.partition(SAID)[0]
    assert "Every Thursday, 18:30" in before
    assert "The Monument" in before
    assert "Different on" not in printed
    assert "18:00" not in printed.replace(SAID, "")
    london.clock.now += timedelta(days=17)
    printed = paper(london, run, part)
    assert "Every Thursday, 18:00" in printed
    assert "Tower Hill" in printed
    assert "18:30" not in printed


def test_a_copy_that_lives_on_says_both(london: LocalNode, run: Run) -> None:
    change(london, run)
    page = Phone(london).get(address(london, run)).text
    described = page.partition('name="description" content="')[2].partition('"')[0]
    assert described.startswith("Every Thursday, 18:30. The Monument, ")
    assert SAID in described


def test_before_a_change_to_another_day_paper_names_the_next_date_alone(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        other = replace(CHANGED, starts_on=date(2026, 6, 19))
        series.edit(session, london.settings, run.id, other, london.clock.tick(minutes=1), from_day=date(2026, 6, 19))
    poster = words(Phone(london).get(address(london, run) + "/poster"))
    assert "Once, on Thursday 4 June 2026, 18:30 The Monument" in poster
    assert "From Friday 19 June: 18:00, Tower Hill. Every Friday." in poster


def test_before_a_change_of_how_often_it_is_held_paper_names_the_next_date_alone(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        seldom = a_run(repeats="fortnightly", starts_at=time(18, 0))
        series.edit(session, london.settings, run.id, seldom, london.clock.tick(minutes=1), from_day=date(2026, 6, 18))
        held = [
            view.day.day
            for view in dates.coming(session, runs.get(session, run.id), london.clock())
            if view.state != "cancelled"
        ]
    assert held[:4] == [4, 11, 18, 2]
    poster = paper(london, run, "/poster")
    assert "Once, on Thursday 4 June 2026, 18:30 The Monument" in poster
    assert "From Thursday 18 June: 18:00, The Monument. Every other Thursday." in poster


def test_a_change_that_is_entered_after_the_run_leaves_the_rule_of_the_dates_before_it(
    london: LocalNode, run: Run
) -> None:
    london.clock.now = datetime(2026, 6, 4, 20, 0, tzinfo=UTC)
    change(london, run)
    poster = paper(london, run, "/poster")
    assert "Every Thursday, 18:30 The Monument" in poster
    assert SAID in poster


def test_a_change_to_a_later_hour_that_is_entered_after_the_run_makes_no_second_one_on_that_day(
    london: LocalNode, run: Run
) -> None:
    london.clock.now = datetime(2026, 6, 4, 19, 0, tzinfo=UTC)
    with london.session() as session:
        later = a_run(starts_at=time(21, 0))
        series.edit(session, london.settings, run.id, later, london.clock(), from_day=date(2026, 6, 18))
        assert [view.day.day for view in dates.coming(session, runs.get(session, run.id), london.clock())[:2]] == [
            11,
            18,
        ]


def again(node: LocalNode, run: Run, from_day: date | None = None) -> None:
    with node.session() as session:
        earlier = replace(CHANGED, starts_at=time(17, 45))
        series.edit(session, node.settings, run.id, earlier, node.clock.tick(minutes=1), from_day=from_day)


def test_a_gap_that_is_taken_out_after_a_change_from_before_it_is_held_as_its_neighbours(
    london: LocalNode, run: Run
) -> None:
    gap = (date(2026, 6, 11),)
    change(london, run)
    for gaps, hour in ((gap, time(18, 0)), (gap, time(17, 45)), ((), time(17, 45))):
        with london.session() as session:
            to = replace(CHANGED, exdates=gaps, starts_at=hour)
            first = date(2026, 6, 18) if hour == time(18, 0) else date(2026, 6, 4)
            series.edit(session, london.settings, run.id, to, london.clock.tick(minutes=1), from_day=first)
    with london.session() as session:
        held = dates.coming(session, runs.get(session, run.id), london.clock())[:3]
    assert [(view.starts.day, view.starts.time()) for view in held] == [(day, time(17, 45)) for day in (4, 11, 18)]


@pytest.mark.parametrize("from_day", [None, date(2026, 6, 18)])
def test_a_change_of_a_change_to_come_leaves_the_dates_before_it(
    london: LocalNode, run: Run, from_day: date | None
) -> None:
    change(london, run)
    again(london, run, from_day)
    for part in ("", "/poster", "/first-time"):
        said = words(Phone(london).get(address(london, run) + part))
        before, _, after = said.partition("From Thursday 18 June: 17:45, Tower Hill. Every Thursday.")
        assert after
        assert "18:30" in before
        assert "The Monument" in said
        assert "Tower Hill" not in before


def test_an_undone_change_of_a_change_to_come_leaves_that_one(london: LocalNode, run: Run) -> None:
    change(london, run)
    again(london, run)
    with london.session() as session:
        series.undo_edit(session, london.settings, run.id, london.clock.tick(minutes=1))
    poster = words(Phone(london).get(address(london, run) + "/poster"))
    assert SAID in poster
    assert "Every Thursday, 18:30 The Monument" in poster
    assert "Moved to 18:00" in words(Phone(london).get(address(london, run) + "?date=2026-06-18"))
    with london.session() as session:
        assert {
            view.starts.time() for view in dates.coming(session, runs.get(session, run.id), london.clock())[:2]
        } == {time(18, 30)}


def test_a_change_from_a_day_before_one_to_come_moves_the_dates_between(london: LocalNode, run: Run) -> None:
    change(london, run)
    again(london, run, date(2026, 6, 11))
    page = words(Phone(london).get(address(london, run) + "?date=2026-06-11"))
    assert "From Thursday 11 June: 17:45, Tower Hill. Every Thursday." in page
    with london.session() as session:
        held = [view.starts.time() for view in dates.coming(session, runs.get(session, run.id), london.clock())[:3]]
    assert held == [time(18, 30), time(17, 45), time(17, 45)]


def test_paper_names_the_next_date_alone_before_two_changes(london: LocalNode, run: Run) -> None:
    change(london, run)
    again(london, run, date(2026, 7, 2))
    poster = words(Phone(london).get(address(london, run) + "/poster"))
    assert "Once, on Thursday 4 June 2026, 18:30 The Monument" in poster
    assert "From Thursday 2 July: 17:45, Tower Hill." in poster


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize("part", ["/poster", "/cards", "/first-time", "list"])
def test_paper_names_no_date_alone_that_is_off(london: LocalNode, run: Run, part: str) -> None:
    with london.session() as session:
        fridays = replace(CHANGED, starts_on=date(2026, 6, 19))
        now = london.clock.tick(minutes=1)
        series.edit(session, london.settings, run.id, fridays, now, from_day=date(2026, 6, 19))
    cancel(london, run)
    printed = paper(london, run, part)
    assert "Once, on Thursday 11 June 2026, 18:30" in printed
    assert "Once, on Thursday 4 June" not in printed
    for day in (date(2026, 6, 11), date(2026, 6, 18)):
        cancel(london, run, day)
    printed = paper(london, run, part)
    assert "Once, on" not in printed
    assert "Every Friday, 18:00" in printed


def test_a_date_that_is_moved_before_a_change_was_never_at_the_hour_and_place_of_the_change(
    london: LocalNode, run: Run
) -> None:
    change(london, run)
    elsewhere = MeetingPoint("Bank", "", "", 515130, -890)
    move(london, run, "2026-06-04T19:15", point=elsewhere)
    page = Phone(london).get(address(london, run)).text
    assert "<s>Tower Hill</s>" not in page
    assert '"previousStartDate":"2026-06-04"' in page


def test_the_form_has_the_day_of_a_change_to_come(london: LocalNode, run: Run) -> None:
    lead = Phone(london).sign_in()

    def choices() -> str:
        return lead.get(f"/lead/runs/{run.id}/edit").text.replace("\xa0", " ")

    assert '<option selected value="">Thursday 4 June</option>' in choices()
    change(london, run)
    assert '<option selected value="2026-06-18">Thursday 18 June</option>' in choices()
    assert '<option value="2026-06-04">Thursday 4 June</option>' in choices()


@pytest.mark.usefixtures("gazetteer")
def test_a_moved_date_before_a_change_is_found_near_where_people_know_it(london: LocalNode, run: Run) -> None:
    move(london, run, "2026-06-05T19:15")
    leeds = replace(CHANGED, point_name="Leeds station", lat_e4=537951, lon_e4=-15480)
    with london.session() as session:
        series.edit(session, london.settings, run.id, leeds, london.clock.tick(minutes=1), from_day=date(2026, 6, 11))
    address(london, run)
    assert "Moved to 19:15" in words(Phone(london).get("/runs?near=Southwark,+UK&within=5"))


@pytest.mark.usefixtures("gazetteer")
def test_one_date_elsewhere_before_a_change_of_the_hour_hides_no_other_date(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        hour = a_run(starts_at=time(18, 0))
        series.edit(session, london.settings, run.id, hour, london.clock.tick(minutes=1), from_day=date(2026, 6, 25))
    leeds = MeetingPoint("Leeds station", "", "", 537951, -15480)
    move(london, run, "2026-06-11T18:30", day=date(2026, 6, 11), point=leeds)
    address(london, run)
    assert "The Monument" in words(Phone(london).get("/runs?near=Southwark,+UK&within=5"))


def test_who_says_yes_to_every_time_before_a_change_is_not_told_that_the_dates_before_it_moved(
    london: LocalNode, run: Run
) -> None:
    change(london, run)
    with london.session() as session:
        every = Given(email="ada@example.org", every_week=True)
        token = coming.say(session, london.settings, run.id, date(2026, 6, 4), every, london.clock())
        row = coming.find(session, london.settings, token, london.clock())
        days = coming.coming_days(session, row, london.clock())
    assert [one.is_asked for one in days] == [False, False, True, True]


@pytest.mark.parametrize("from_day", [None, date(2026, 6, 18)])
def test_a_change_from_now_on_and_an_undone_one_are_not_announced(
    london: LocalNode, run: Run, from_day: date | None
) -> None:
    change(london, run, from_day)
    if from_day:
        with london.session() as session:
            series.undo_edit(session, london.settings, run.id, london.clock.tick(minutes=1))
    assert "From Thursday" not in words(Phone(london).get(address(london, run)))


def test_other_words_announce_nothing(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        other = a_run(bring="A light")
        now: datetime = london.clock.tick(minutes=1)
        series.edit(session, london.settings, run.id, other, now, from_day=date(2026, 6, 18))
        assert runs.get(session, run.id).changes_on is None
