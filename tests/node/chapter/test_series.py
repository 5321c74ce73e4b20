"""A run is changed or ended. People who know its dates are told, here and on every other node, and it can be undone."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from federation.documents import Landmark
from node.chapter import dates, publishing, runs, series
from node.chapter.listing import run_of, schedule_of
from node.directory import listings
from node.directory.listings import Occurrence
from node.errors import InvalidInput, NotFound
from node.models import Chapter, Run

from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import THURSDAY, cancel, confirm, tap

WEDNESDAY = date(2026, 6, 3)
Shown = tuple[str, str, str, list[str]]


def edit(node: LocalNode, run: Run, **changes: Any) -> bool:
    with node.session() as session:
        return series.edit(session, node.settings, run.id, a_run(**changes), node.clock.tick(minutes=1))


def own_id(node: LocalNode) -> str:
    with node.session() as session:
        return publishing.build(session, node.clock()).chapter


def coming(node: LocalNode, run: Run, reader: LocalNode | None = None) -> list[Occurrence]:
    with (reader or node).session() as session:
        return listings.listing(session, own_id(node), run.id, node.clock()).coming


def shown(node: LocalNode, run: Run, count: int = 3, reader: LocalNode | None = None) -> list[Shown]:
    """(start, state, meeting point, days for which people knew it) of the next dates, as a reader sees them."""
    return [
        (
            f"{one.starts:%a %m-%d %H:%M}",
            one.state,
            one.meeting_point.name,
            [f"{day:%a %m-%d}" for day in one.moved_from],
        )
        for one in coming(node, run, reader)[:count]
    ]


def on_day(node: LocalNode, run: Run, day: date) -> Occurrence | None:
    with node.session() as session:
        return listings.on_day(session, own_id(node), run.id, day, node.clock())


MONUMENT = "The Monument"


def test_s7_4_a_new_time_marks_the_next_fourteen_days_as_moved(london: LocalNode, run: Run) -> None:
    assert edit(london, run, starts_at=time(19, 0))
    assert shown(london, run) == [
        ("Thu 06-04 19:00", "moved", MONUMENT, []),
        ("Thu 06-11 19:00", "moved", MONUMENT, []),
        ("Thu 06-18 19:00", "unconfirmed", MONUMENT, []),
    ]
    assert [one.new_time for one in coming(london, run)[:3]] == [True, True, False]


def test_s7_4_a_new_place_marks_them_too(london: LocalNode, run: Run) -> None:
    edit(london, run, point_name="Tower Hill", lat_e4=515098)
    first = coming(london, run)[0]
    assert (first.state, first.new_place, first.new_time, first.meeting_point.name) == (
        "moved", True, False, "Tower Hill",
    )  # fmt: skip


def test_s7_4_another_weekday_leads_who_knew_the_old_one_to_the_new(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_on=WEDNESDAY)
    assert shown(london, run) == [
        ("Wed 06-03 18:30", "moved", MONUMENT, ["Thu 06-04"]),
        ("Wed 06-10 18:30", "moved", MONUMENT, ["Thu 06-11"]),
        ("Wed 06-17 18:30", "unconfirmed", MONUMENT, []),
    ]
    found = on_day(london, run, THURSDAY)
    assert found is not None
    assert found.day == WEDNESDAY


def test_a_cancelled_wednesday_is_cancelled_for_who_knew_thursday(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_on=WEDNESDAY)
    cancel(london, run, WEDNESDAY)
    found = on_day(london, run, THURSDAY)
    assert found is not None
    assert (found.state, found.is_on) == ("cancelled", False)


def test_a_second_change_leads_on_from_every_day_that_was_known(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_on=WEDNESDAY)
    edit(london, run, starts_on=date(2026, 6, 2))
    assert shown(london, run, 1) == [("Tue 06-02 18:30", "moved", MONUMENT, ["Wed 06-03", "Thu 06-04"])]


def test_a_date_that_a_rarer_rule_drops_is_cancelled(london: LocalNode, run: Run) -> None:
    edit(london, run, repeats="fortnightly")
    assert shown(london, run) == [
        ("Thu 06-04 18:30", "unconfirmed", MONUMENT, []),
        ("Thu 06-11 18:30", "cancelled", MONUMENT, []),
        ("Thu 06-18 18:30", "unconfirmed", MONUMENT, []),
    ]


def test_weekly_to_monthly_leads_to_the_first_sunday(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_on=date(2026, 6, 7), starts_at=time(9, 0), repeats="monthly")
    assert shown(london, run, 2) == [
        ("Sun 06-07 09:00", "moved", MONUMENT, ["Thu 06-04", "Thu 06-11"]),
        ("Sun 07-05 09:00", "unconfirmed", MONUMENT, []),
    ]


def test_an_end_cancels_the_dates_after_it_that_people_know(london: LocalNode, run: Run) -> None:
    edit(london, run, until=date(2026, 6, 5))
    assert shown(london, run) == [
        ("Thu 06-04 18:30", "unconfirmed", MONUMENT, []),
        ("Thu 06-11 18:30", "cancelled", MONUMENT, []),
    ]


def test_of_a_run_that_is_held_rarely_the_next_date_is_told(london: LocalNode) -> None:
    monthly = {"starts_on": date(2026, 6, 28), "repeats": "monthly-last"}
    run = london.announce(a_run(**monthly))
    edit(london, run, **monthly, starts_at=time(10, 0))
    assert shown(london, run, 1) == [("Sun 06-28 10:00", "moved", MONUMENT, [])]


def test_what_is_the_same_as_before_keeps_its_promise(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, until=date(2026, 12, 31))
    assert shown(london, run, 1) == [("Thu 06-04 18:30", "confirmed", MONUMENT, [])]


def test_a_planned_gap_is_shown_and_takes_a_promise_back(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, exdates=(THURSDAY,))
    first, second = coming(london, run)[:2]
    assert (first.day, first.state, first.planned_gap, first.is_on) == (THURSDAY, "cancelled", True, False)
    assert (second.state, second.planned_gap) == ("unconfirmed", False)


def test_a_cancellation_outlives_a_planned_gap_and_its_undo_brings_no_promise(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    cancel(london, run, THURSDAY)
    edit(london, run, exdates=(THURSDAY,))
    edit(london, run)
    first = coming(london, run)[0]
    assert (first.day, first.state, first.planned_gap) == (THURSDAY, "cancelled", False)
    with london.session() as session:
        dates.undo(session, london.settings, run.id, THURSDAY, london.clock.tick(minutes=1))
    assert coming(london, run)[0].state == "unconfirmed"


def test_the_same_change_again_signs_nothing(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_at=time(19, 0))
    with london.session() as session:
        signed = session.get_one(Chapter, 1).last_digest
    assert not edit(london, run, starts_at=time(19, 0))
    with london.session() as session:
        assert session.get_one(Chapter, 1).last_digest == signed


def test_undo_of_a_change_puts_everything_back_but_a_promise(london: LocalNode, run: Run) -> None:
    before = shown(london, run)
    confirm(london, run, THURSDAY)
    edit(london, run, starts_at=time(19, 0), point_name="Tower Hill")
    tap(london, run, series.undo_edit)
    assert shown(london, run) == before
    tap(london, run, series.undo_edit)  # a double tap
    assert shown(london, run) == before


def test_undo_of_a_change_keeps_what_was_cancelled_since(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    edit(london, run, starts_at=time(19, 0))
    cancel(london, run, THURSDAY)
    tap(london, run, series.undo_edit)
    assert shown(london, run, 1) == [("Thu 06-04 18:30", "cancelled", MONUMENT, [])]


def test_undo_leads_back_who_heard_of_the_other_day(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_on=WEDNESDAY)
    tap(london, run, series.undo_edit)
    assert shown(london, run, 1) == [("Thu 06-04 18:30", "moved", MONUMENT, ["Wed 06-03"])]


def test_a_change_of_yesterday_cannot_be_undone(london: LocalNode, run: Run) -> None:
    edit(london, run, starts_at=time(19, 0))
    london.clock.tick(days=1)
    tap(london, run, series.undo_edit)
    assert shown(london, run, 1) == [("Thu 06-04 19:00", "moved", MONUMENT, [])]


def test_a_withdrawn_run_stays_cancelled_and_then_goes(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    tap(london, run, series.withdraw)
    assert [(one.state, one.day.day) for one in coming(london, run)] == [("cancelled", 4), ("cancelled", 11)]
    with london.session() as session:
        assert runs.all_runs(session) == []
        with pytest.raises(NotFound):
            dates.confirm(session, london.settings, run.id, THURSDAY, london.clock())


def test_a_reinstated_run_is_on_again_but_nobody_has_promised_anything(london: LocalNode, run: Run) -> None:
    confirm(london, run, THURSDAY)
    cancel(london, run, date(2026, 6, 11))
    tap(london, run, series.withdraw)
    tap(london, run, series.reinstate)
    assert [one.state for one in coming(london, run)[:3]] == ["unconfirmed", "cancelled", "unconfirmed"]
    tap(london, run, series.reinstate)  # a double tap


def test_what_a_change_said_in_the_second_of_a_withdrawal_outlives_the_reinstatement(
    london: LocalNode, run: Run
) -> None:
    """Two leads at once: the run ends after its first date, and is withdrawn."""
    confirm(london, run, date(2026, 6, 11))
    edit(london, run, until=THURSDAY)
    told = shown(london, run)
    assert "cancelled" in [state for _, state, *_ in told]
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock())
    tap(london, run, series.reinstate)
    assert shown(london, run) == told


def test_a_run_that_is_gone_is_not_reinstated(london: LocalNode, run: Run) -> None:
    tap(london, run, series.withdraw)
    london.clock.tick(days=20)
    with pytest.raises(NotFound):
        tap(london, run, series.reinstate)


def test_runs_that_are_withdrawn_and_still_listed_count_among_the_fifty(london: LocalNode) -> None:
    made = [london.announce(a_run(name=f"Run {n}")) for n in range(runs.MAX_RUNS)]
    tap(london, made[0], series.withdraw)
    with pytest.raises(InvalidInput, match="too_many"):
        london.announce(a_run(name="One more"))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"repeats": "daily"}, {"repeats": "required"}),
        ({"repeats": "monthly-last"}, {"starts_on": "not_last"}),
        ({"until": date(2026, 6, 3)}, {"until": "before_start"}),
        ({"exdates": tuple(THURSDAY + timedelta(days=n) for n in range(61))}, {"exdates": "too_long"}),
        ({"exdates": (THURSDAY, WEDNESDAY)}, {"exdates": "no_day"}),
        ({"exdates": (THURSDAY - timedelta(weeks=1),)}, {"exdates": "no_day"}),
        ({"exdates": (THURSDAY,), "until": THURSDAY, "repeats": "once", "starts_on": WEDNESDAY}, {"exdates": "no_day"}),
        ({"exdates": (date.max,), "starts_on": date(2026, 6, 25), "repeats": "monthly-last"}, {"exdates": "no_day"}),
        ({"exdates": (date.min,)}, {"exdates": "no_day"}),
        ({"facilities": ("sauna",)}, {"facilities": "not_found"}),
        ({"facilities": ("lit", "lit")}, {"facilities": "not_found"}),
        ({"languages": ("English",)}, {"languages": "not_found"}),
        ({"languages": tuple(f"a{c}" for c in "abcdefghi")}, {"languages": "too_long"}),
        ({"audience": "athletes"}, {"audience": "required"}),
        ({"photos": "always"}, {"photos": "required"}),
        ({"minimum_age": 100}, {"minimum_age": "range"}),
        ({"accessibility": "Ring 07700 900123"}, {"accessibility": "personal"}),
    ],
)
def test_what_cannot_be_listed_is_refused_and_nothing_changes(
    london: LocalNode, run: Run, changes: dict[str, Any], problem: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        edit(london, run, **changes)
    assert refused.value.problems == problem
    with london.session() as session:
        assert runs.input_of(session.get_one(Run, run.id)) == a_run()


def test_a_gap_of_a_former_rule_or_from_before_the_first_date_blocks_no_other_change(london: LocalNode) -> None:
    gaps = (THURSDAY, THURSDAY + timedelta(weeks=2))
    run = london.announce(a_run(exdates=gaps))
    edit(london, run, exdates=gaps, starts_on=WEDNESDAY + timedelta(weeks=1))
    edit(london, run, exdates=gaps, starts_on=WEDNESDAY + timedelta(weeks=1), name="Wednesday run")
    with pytest.raises(InvalidInput, match="no_day"):
        edit(london, run, exdates=(*gaps, THURSDAY + timedelta(weeks=4)), starts_on=WEDNESDAY + timedelta(weeks=1))
    with london.session() as session:
        kept = session.get_one(Run, run.id)
        assert (kept.name, runs.input_of(kept).exdates) == ("Wednesday run", gaps)


EVERYTHING: dict[str, Any] = {
    "repeats": "fortnightly",
    "until": date(2026, 12, 31),
    "exdates": (date(2026, 6, 18),),
    "facilities": runs.FACILITIES,
    "accessibility": "A ramp on the left.",
    "audience": "women",
    "minimum_age": 16,
    "younger_accompanied": True,
    "languages": ("en", "cy"),
    "photos": "ask-first",
    "bank_holidays": "not-held",
    "free_of_charge": False,
    "warming_up": True,
}


def test_everything_that_is_said_of_a_run_is_kept_and_signed(london: LocalNode) -> None:
    run = london.announce(a_run(**EVERYTHING))
    with london.session() as session:
        assert runs.input_of(session.get_one(Run, run.id)) == a_run(**EVERYTHING)
        (listing,) = publishing.build(session, london.clock()).listings
    assert listing.schedule.rrule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"
    assert (listing.schedule.until, listing.schedule.exdates) == ("2026-12-31", ["2026-06-18"])
    said = {name: getattr(listing, name) for name in EVERYTHING.keys() - {"repeats", "until", "exdates"}}
    assert said == {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in EVERYTHING.items()
        if name not in ("repeats", "until", "exdates")
    }


def test_how_to_get_there_is_signed_with_the_meeting_point(london: LocalNode) -> None:
    ways: dict[str, Any] = {"public_transport": "Bank station.", "parking": "Bike racks.", "landmark": "The Tower"}
    run = london.announce(a_run(**ways, landmark_distance_m=300, landmark_direction="west"))
    with london.session() as session:
        point = publishing.build(session, london.clock()).listings[0].meeting_point
        again = run_of(publishing.build(session, london.clock()).listings[0], None)
        assert runs.input_of(again) == runs.input_of(session.get_one(Run, run.id))
    assert (point.public_transport, point.parking) == ("Bank station.", "Bike racks.")
    assert point.landmark == Landmark("The Tower", 300, "west")


@pytest.mark.parametrize(
    ("repeats", "first", "rule"),
    [
        ("once", date(2026, 6, 4), None),
        ("monthly", date(2026, 6, 7), "FREQ=MONTHLY;INTERVAL=1;BYDAY=1SU"),
        ("monthly", date(2026, 6, 28), "FREQ=MONTHLY;INTERVAL=1;BYDAY=4SU"),
        ("monthly", date(2026, 6, 29), "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1MO"),
        ("monthly-last", date(2026, 6, 28), "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1SU"),
    ],
)
def test_how_often_becomes_a_rule(london: LocalNode, repeats: str, first: date, rule: str | None) -> None:
    run = london.announce(a_run(repeats=repeats, starts_on=first))
    with london.session() as session:
        assert schedule_of(session.get_one(Run, run.id)).rrule == rule
    assert coming(london, run)[0].day == first


CHANGES: dict[str, Callable[[LocalNode, Run], object]] = {
    "another hour": lambda node, run: edit(node, run, starts_at=time(19, 0)),
    "another day": lambda node, run: edit(node, run, starts_on=WEDNESDAY),
    "another place": lambda node, run: edit(node, run, point_name="Tower Hill"),
    "an end": lambda node, run: edit(node, run, until=THURSDAY),
    "a planned gap": lambda node, run: edit(node, run, exdates=(THURSDAY,)),
    "once a month": lambda node, run: edit(node, run, starts_on=date(2026, 6, 7), repeats="monthly"),
    "withdrawn": lambda node, run: tap(node, run, series.withdraw),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_other_node_shows_what_the_own_one_shows(federation: LocalFederation, change: str) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle()
    CHANGES[change](london, run)
    federation.relay(london)
    assert shown(london, run, 9, reader=brisbane) == shown(london, run, 9)
    assert [one.state for one in coming(london, run, brisbane)[:1]] != ["confirmed"]


def test_a_change_at_the_end_of_the_calendar_is_refused_or_kept_but_never_fails(london: LocalNode, run: Run) -> None:
    edit(london, run, until=date(9999, 12, 31))
    assert coming(london, run)[0].starts.date() == THURSDAY
    assert isinstance(coming(london, run)[0].starts, datetime)
