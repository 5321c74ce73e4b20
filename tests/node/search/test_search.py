"""Search: near a point, on some days, and what to offer when nothing is found."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session

from federation.documents import DateState
from node import search
from node.chapter import publishing, series
from node.database import writing
from node.directory import listing_rows, listings
from node.models import HeldDocument, HeldListing, RegistryChapter
from node.places.geometry import cell_of, distance_m
from node.schedule.occurrences import DatedListing
from node.search.query import Found, Query, Results

from ...support.network import LONDON, Clock, LocalNode, a_run
from ...support.taps import THURSDAY, cancel
from ..places.test_geometry import POINTS, RADII

MONUMENT = {"lat_e4": 515_101, "lon_e4": -860}


BRISBANE = {"lat_e4": -274_698, "lon_e4": 1_530_251}


PETERBOROUGH = {"lat_e4": 525_736, "lon_e4": -2_478}


def look(node: LocalNode, **query: Any) -> Results:
    with node.session() as session:
        return search.search(session, Query(**query), node.clock())


def days(found: list[Found]) -> list[str]:
    return [one.occurrence.day.isoformat() for one in found]


def names(found: list[Found]) -> list[str]:
    return [one.occurrence.listing.name for one in found]


def amend_listing(node: LocalNode, **changes: Any) -> None:
    """The one held listing, as a node that can say more than ours would have signed it."""
    with node.session() as session, writing(session):
        row = session.scalars(select(HeldListing)).one()
        listing = msgspec.structs.replace(listing_rows.read(row.content), **changes)
        row.content = msgspec.json.encode(listing).decode()
        row.next_start = listing_rows.next_of(listing, node.clock())
        row.weekly = listing_rows.is_weekly(listing)


def move(node: LocalNode, day: str, to: str) -> None:
    amend_listing(node, dates=[DateState(day, "moved", "2026-06-01T09:00:00Z", starts=to)])


def test_a_run_near_a_point_is_found_for_two_weeks(london: LocalNode) -> None:
    london.announce(a_run())
    assert days(look(london, **MONUMENT).found) == ["2026-06-04", "2026-06-11"]


def test_what_is_found_says_how_far_it_is(london: LocalNode) -> None:
    london.announce(a_run())
    (found, _) = look(london, lat_e4=515_101 + 90, lon_e4=-860, radius_m=2_000).found
    assert found.distance_m == pytest.approx(1_000, abs=5)


def test_a_run_beyond_the_radius_is_not_found(london: LocalNode) -> None:
    london.announce(a_run())
    assert look(london, **PETERBOROUGH, radius_m=100_000).found == []


def test_a_weekly_run_is_found_for_its_date_five_weeks_ahead(london: LocalNode) -> None:
    london.announce(a_run())
    day = THURSDAY + timedelta(weeks=5)
    assert days(look(london, **MONUMENT, start=day, end=day).found) == [day.isoformat()]


def test_both_ends_of_a_span_belong_to_it(london: LocalNode) -> None:
    london.announce(a_run())
    found = look(london, **MONUMENT, start=THURSDAY, end=THURSDAY + timedelta(weeks=2)).found
    assert days(found) == ["2026-06-04", "2026-06-11", "2026-06-18"]


def test_no_more_than_92_days_are_looked_through(london: LocalNode) -> None:
    london.announce(a_run())
    found = look(london, **MONUMENT, start=THURSDAY, end=date(2030, 1, 1)).found
    assert (len(found), days(found)[-1]) == (14, "2026-09-03")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date.min, None),
        (date.min, date.min),
        (date.max, None),
        (date.max, date.max),
        (date.max, date.min),
        (THURSDAY, date(2026, 6, 3)),
    ],
)
def test_days_that_make_no_sense_find_nothing(london: LocalNode, start: date, end: date | None) -> None:
    london.announce(a_run())
    assert look(london, **MONUMENT, start=start, end=end).found == []


def test_a_run_is_offered_until_ten_minutes_after_its_start(london: LocalNode) -> None:
    london.announce(a_run())
    london.clock.now = datetime(2026, 6, 4, 17, 40, tzinfo=UTC)
    assert days(look(london, **MONUMENT).found)[0] == "2026-06-04"
    london.clock.tick(minutes=1)
    assert days(look(london, **MONUMENT).found)[0] == "2026-06-11"


def test_a_cancelled_run_is_found_until_it_would_have_ended(london: LocalNode) -> None:
    """Somebody may wait there, and look why nobody comes."""
    cancel(london, london.announce(a_run()))
    london.clock.now = datetime(2026, 6, 4, 18, 29, tzinfo=UTC)
    assert days(look(london, **MONUMENT).found)[0] == "2026-06-04"
    london.clock.tick(minutes=1)
    assert days(look(london, **MONUMENT).found)[0] == "2026-06-11"


def test_tonight_begins_at_five(london: LocalNode) -> None:
    for name, hour in (("lunch", 12), ("tea", 16), ("five", 17), ("late", 21)):
        london.announce(a_run(name=name, starts_at=time(hour, 59 if hour == 16 else 0)))
    found = look(london, **MONUMENT, start=THURSDAY, end=THURSDAY, is_evening=True).found
    assert names(found) == ["five", "late"]


def test_a_run_stays_found_before_its_next_start_is_rolled_on(london: LocalNode) -> None:
    london.announce(a_run())
    london.clock.now = datetime(2026, 6, 12, 9, 0, tzinfo=UTC)
    assert days(look(london, **MONUMENT).found) == ["2026-06-18", "2026-06-25"]


def test_a_cancelled_date_is_found_and_says_so(london: LocalNode) -> None:
    run = london.announce(a_run())
    cancel(london, run.id, THURSDAY)
    assert [one.occurrence.state for one in look(london, **MONUMENT).found] == ["cancelled", "unconfirmed"]


def test_today_is_the_day_in_the_runs_own_zone(london: LocalNode) -> None:
    london.announce(a_run(timezone="Australia/Brisbane", starts_on=date(2026, 6, 5), starts_at=time(6, 0), **BRISBANE))
    london.clock.now = datetime(2026, 6, 4, 19, 0, tzinfo=UTC)  # Friday, 05:00 in Brisbane
    today = london.clock.now.date()
    assert days(look(london, **BRISBANE, end=today + timedelta(days=1)).found) == ["2026-06-05"]
    assert look(london, **BRISBANE, end=today).found == []


def test_a_run_that_began_before_midnight_is_not_todays(london: LocalNode) -> None:
    london.announce(a_run(starts_at=time(23, 55)))
    london.clock.now = datetime(2026, 6, 4, 23, 3, tzinfo=UTC)  # 00:03 on Friday: whoever is late can still join
    assert days(look(london, **MONUMENT).found) == ["2026-06-11", "2026-06-18"]
    assert days(look(london, **MONUMENT, start=THURSDAY).found) == ["2026-06-04", "2026-06-11"]


def test_a_run_that_is_over_is_not_found(london: LocalNode) -> None:
    london.announce(a_run())
    schedule = {"timezone": "Europe/London", "dtstart": "2026-05-28T18:30", "until": "2026-05-28"}
    with london.session() as session:
        former = listing_rows.read(session.scalars(select(HeldListing)).one().content).schedule
    amend_listing(london, schedule=msgspec.structs.replace(former, **schedule))
    assert look(london, **MONUMENT) == Results([], None)


def test_a_withdrawn_run_is_found_cancelled_until_its_next_dates_are_over(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock.tick(minutes=1))
        assert {one.occurrence.state for one in look(london, **MONUMENT).found} == {"cancelled"}
        publishing.resign_if_due(session, london.settings, london.clock.tick(days=12))
    assert look(london, **MONUMENT).found == []


def test_an_expired_chapters_runs_are_not_found(london: LocalNode) -> None:
    london.announce(a_run())
    london.clock.tick(days=14)
    assert look(london, **MONUMENT).found == []


def test_a_suspended_chapters_runs_are_not_found(london: LocalNode) -> None:
    london.announce(a_run())
    set_status(london, "suspended")
    assert look(london, **MONUMENT) == Results([], None)


def set_status(node: LocalNode, status: str) -> None:
    with node.session() as session, writing(session):
        chapter = session.scalars(select(HeldDocument.chapter)).one()
        row = RegistryChapter(
            chapter=chapter, root_version=1, root_digest="", status=status, since=node.clock(), replaces=None
        )
        session.merge(row)


def test_results_are_in_the_order_of_their_starts_and_then_of_distance(london: LocalNode) -> None:
    london.announce(a_run(name="far", lat_e4=515_301))
    london.announce(a_run(name="near"))
    london.announce(a_run(name="sooner", lat_e4=515_501, starts_at=time(7, 0)))
    found = look(london, **MONUMENT, end=THURSDAY).found
    assert names(found) == ["sooner", "near", "far"]


def test_starts_are_compared_as_instants_across_zones(london: LocalNode) -> None:
    london.announce(a_run(name="London, 18:30"))
    london.announce(a_run(name="Brisbane, 19:00", timezone="Australia/Brisbane", starts_at=time(19, 0), **BRISBANE))
    assert names(look(london, end=THURSDAY).found) == ["Brisbane, 19:00", "London, 18:30"]


def test_without_a_point_every_run_is_found_and_has_no_distance(london: LocalNode) -> None:
    london.announce(a_run())
    london.announce(a_run(**BRISBANE))
    found = look(london, end=THURSDAY).found
    assert [one.distance_m for one in found] == [None, None]


def test_a_page_is_cut_and_says_that_there_is_more(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_BATCH", 1)
    for hour in range(7, 12):
        london.announce(a_run(name=f"{hour}", starts_at=time(hour)))
    results = look(london, **MONUMENT, limit=3)
    assert (names(results.found), results.cursor is not None) == (["7", "8", "9"], True)


def test_a_page_that_is_just_full_has_no_more(london: LocalNode) -> None:
    london.announce(a_run())
    results = look(london, **MONUMENT, limit=2)
    assert (len(results.found), results.cursor) == (2, None)


def test_nothing_is_found_where_there_is_nothing(london: LocalNode) -> None:
    assert look(london) == Results([], None)


def test_half_a_point_is_none(london: LocalNode) -> None:
    london.announce(a_run())
    assert len(look(london, lat_e4=0).found) == 2


def test_a_negative_radius_finds_what_is_at_the_point(london: LocalNode) -> None:
    london.announce(a_run())
    assert len(look(london, **MONUMENT, radius_m=-5).found) == 2


def test_a_moved_date_is_found_on_its_new_day(london: LocalNode) -> None:
    london.announce(a_run())
    move(london, "2026-06-04", "2026-06-06T10:00")
    saturday = date(2026, 6, 6)
    (found,) = look(london, **MONUMENT, start=saturday, end=saturday).found
    assert (found.occurrence.state, found.occurrence.starts.date()) == ("moved", saturday)


def test_who_looks_on_the_old_day_of_a_moved_date_sees_that_it_was_moved(london: LocalNode) -> None:
    london.announce(a_run())
    move(london, "2026-06-04", "2026-06-06T10:00")
    (found,) = look(london, **MONUMENT, start=THURSDAY, end=THURSDAY).found
    assert found.occurrence.state == "moved"


def test_a_date_moved_forward_is_found_before_the_next_regular_one(london: LocalNode) -> None:
    london.announce(a_run(starts_on=date(2026, 6, 25)))
    move(london, "2026-06-25", "2026-06-05T10:00")
    assert days(look(london, **MONUMENT, end=date(2026, 6, 5)).found) == ["2026-06-25"]


def test_the_last_date_of_a_run_is_found_after_it_was_moved_back(london: LocalNode) -> None:
    london.announce(a_run())
    with london.session() as session:
        former = listing_rows.read(session.scalars(select(HeldListing)).one().content).schedule
    amend_listing(london, schedule=msgspec.structs.replace(former, until="2026-06-04"))
    move(london, "2026-06-04", "2026-06-06T10:00")
    london.clock.now = datetime(2026, 6, 5, 9, 0, tzinfo=UTC)
    with london.session() as session:
        listing_rows.roll(session, london.clock())
    assert days(look(london, **MONUMENT).found) == ["2026-06-04"]


@pytest.fixture(scope="module")
def scattered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNode]:
    """A node with one run, whose row tests copy to many points."""
    node = LocalNode(tmp_path_factory.mktemp("scattered"), Clock(), 8101)
    node.found_chapter(LONDON)
    node.announce(a_run())
    yield node
    node.close()


def _id(number: int) -> str:
    return f"{number:08}".translate(str.maketrans("0189", "wxyz"))


def scatter(node: LocalNode, points: list[tuple[int, int]]) -> None:
    with node.session() as session, writing(session):
        row = session.scalars(select(HeldListing).limit(1)).one()
        kept = {"chapter": row.chapter, "next_start": row.next_start}
        listing = listing_rows.read(row.content)
        session.execute(delete(HeldListing))
        rows = []
        for number, (lat, lon) in enumerate(points):
            point = msgspec.structs.replace(listing.meeting_point, lat_e4=lat, lon_e4=lon)
            copy = msgspec.structs.replace(listing, id=_id(number), meeting_point=point)
            content = msgspec.json.encode(copy).decode()
            place = {"lat_e4": lat, "lon_e4": lon, "cell": cell_of(lat, lon)}
            rows.append(kept | place | {"listing": copy.id, "content": content})
        session.execute(insert(HeldListing), rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(POINTS, min_size=1, max_size=30, unique=True), POINTS, RADII)
def test_cells_find_what_measuring_every_distance_finds(
    scattered: LocalNode, points: list[tuple[int, int]], centre: tuple[int, int], radius: int
) -> None:
    scatter(scattered, points)
    results = look(scattered, lat_e4=centre[0], lon_e4=centre[1], radius_m=radius, end=THURSDAY, limit=100)
    expected = sorted(d for d in (distance_m(*centre, *point) for point in points) if d <= radius)
    assert [one.distance_m for one in results.found] == expected


def test_candidates_come_from_the_covering_index_alone(london: LocalNode) -> None:
    london.announce(a_run())
    asked: list[tuple[str, Any]] = []
    event.listen(london.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    look(london, **MONUMENT)
    statement, parameters = next(one for one in asked if "span" in one[0])
    with london.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert any("USING COVERING INDEX ix_held_listing_cell_next_start (cell>? AND cell<?)" in row[3] for row in plan)


def test_of_runs_that_all_start_together_few_are_read_for_the_first_page_and_none_is_lost_by_paging(
    scattered: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    scatter(scattered, [(number, number) for number in range(300)])
    read: list[int] = []
    dated_listings = listings.dated_listings

    def counted(session: Session, rows: list[int], now: datetime) -> dict[int, DatedListing]:
        read.extend(rows)
        return dated_listings(session, rows, now)

    monkeypatch.setattr(listings, "dated_listings", counted)
    pages = [look(scattered, end=THURSDAY)]
    assert len(read) == 24
    while pages[-1].cursor:
        pages.append(look(scattered, end=THURSDAY, after=pages[-1].cursor))
        assert len(pages) <= 15
    found = [one.occurrence.listing.meeting_point.lat_e4 for page in pages for one in page.found]
    assert sorted(found) == list(range(300))


def test_what_was_moved_past_the_days_asked_for_is_found_page_by_page(scattered: LocalNode) -> None:
    scatter(scattered, [(number, number) for number in range(5)])
    moved = [DateState("2026-06-04", "moved", "2026-06-01T09:00:00Z", starts="2026-06-09T18:30")]
    with scattered.session() as session, writing(session):
        for row in session.scalars(select(HeldListing)):
            listing = msgspec.structs.replace(listing_rows.read(row.content), dates=moved)
            row.content = msgspec.json.encode(listing).decode()
            row.next_start = listing_rows.next_of(listing, scattered.clock())
    pages = [look(scattered, start=THURSDAY, end=THURSDAY, limit=1)]
    while pages[-1].cursor and len(pages) < 9:
        pages.append(look(scattered, start=THURSDAY, end=THURSDAY, limit=1, after=pages[-1].cursor))
    found = [one.occurrence.listing.meeting_point.lat_e4 for page in pages for one in page.found]
    assert sorted(found) == list(range(5))
