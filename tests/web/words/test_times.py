"""Times, ages and distances in plain words."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from node.directory.listings import Freshness
from web.language import days
from web.language.days import LONG, LONG_WITH_YEAR, MONTH, PLAIN, SHORT, breakable, format_day
from web.words import times

from ...support.network import LocalNode

NOW = datetime(2026, 6, 4, 14, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(autouse=True)
def in_application(london: LocalNode) -> Iterator[None]:
    with london.app.test_request_context(base_url=london.settings.base_url):
        yield


@pytest.mark.parametrize(
    ("age", "words"),
    [
        ({"seconds": -3}, "just now"),
        ({"seconds": 4}, "just now"),
        ({"seconds": 12}, "just now"),
        ({"seconds": 60}, "1 minute ago"),
        ({"minutes": 59}, "59 minutes ago"),
        ({"hours": 1}, "1 hour ago"),
        ({"hours": 23, "minutes": 59}, "23 hours ago"),
        ({"days": 2}, "on Tuesday 2 June"),
        ({"days": 200}, "on Sunday 16 November 2025"),
    ],
)
def test_an_age_is_said_as_people_say_it(age: dict[str, float], words: str) -> None:
    assert breakable(times.ago(NOW - timedelta(**age), NOW)) == words


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        (datetime(2026, 6, 4, 18, 30, tzinfo=LONDON), "Tonight, Thursday 4 June"),
        (datetime(2026, 6, 4, 17, 0, tzinfo=LONDON), "Tonight, Thursday 4 June"),
        (datetime(2026, 6, 4, 16, 30, tzinfo=LONDON), "Today, Thursday 4 June"),
        (datetime(2026, 6, 5, 7, 0, tzinfo=LONDON), "Tomorrow, Friday 5 June"),
        (datetime(2026, 6, 11, 18, 30, tzinfo=LONDON), "Thursday 11 June"),
        (datetime(2027, 1, 7, 18, 30, tzinfo=LONDON), "Thursday 7 January 2027"),
    ],
)
def test_a_day_is_named_from_where_the_run_is(starts: datetime, words: str) -> None:
    assert breakable(times.day_words(starts, NOW)) == words


@pytest.mark.parametrize(
    ("language", "fields", "written"),
    [
        ("en-GB", LONG, "Thursday 4_June"),
        ("en-GB", LONG_WITH_YEAR, "Thursday 4_June 2026"),
        ("en-GB", PLAIN, "4_June"),
        ("en-GB", SHORT, "4_Jun"),
        ("en-GB", MONTH, "June"),
        ("en-US", LONG, "Thursday, June_4"),
        ("en-US", LONG_WITH_YEAR, "Thursday, June_4, 2026"),
        ("de", LONG, "Donnerstag, 4._Juni"),
        ("cy", PLAIN, "4_Mehefin"),
        ("fr", LONG_WITH_YEAR, "jeudi 4_juin 2026"),
        ("ja", LONG, "6月4日木曜日"),
    ],
)
def test_the_number_of_a_day_and_its_month_stay_on_one_line(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch, language: str, fields: str, written: str
) -> None:
    monkeypatch.setattr(days, "locale", lambda: Locale.parse(language, sep="-"))
    assert format_day(date(2026, 6, 4), fields).replace("\u00a0", "_") == written


def test_tonight_in_brisbane_is_the_evening_there() -> None:
    evening = datetime(2026, 6, 5, 18, 0, tzinfo=ZoneInfo("Australia/Brisbane"))
    assert breakable(times.day_words(evening, NOW)) == "Tonight, Friday 5 June"
    assert breakable(times.day_words(evening, NOW - timedelta(hours=2))) == "Tomorrow, Friday 5 June"


def test_a_heading_says_today_and_the_date() -> None:
    assert breakable(times.heading_day(date(2026, 6, 4), date(2026, 6, 4))) == "Today, Thursday 4 June"
    assert breakable(times.heading_day(date(2026, 6, 5), date(2026, 6, 4))) == "Tomorrow, Friday 5 June"


def test_the_zone_is_named_only_to_who_is_elsewhere() -> None:
    starts = datetime(2026, 6, 4, 18, 30, tzinfo=ZoneInfo("America/New_York"))
    assert times.zone_words(starts, "America/New_York") == ""
    assert times.zone_words(starts, "Europe/London") == "New York time"


@pytest.mark.parametrize(
    ("metres", "unit", "words"),
    [
        (None, "km", ""),
        (200, "km", "less than 1 km"),
        (2600, "km", "about 3 km"),
        (23_000, "km", "about 25 km"),
        (1_234_000, "km", "about 1230 km"),
        (1000, "mi", "less than 1 mile"),
        (1700, "mi", "about 1 mile"),
        (5000, "mi", "about 3 miles"),
    ],
)
def test_a_distance_claims_no_more_than_it_knows(metres: int | None, unit: str, words: str) -> None:
    assert times.distance(metres, unit) == words


def test_a_run_of_five_kilometres_is_about_5_km() -> None:
    assert (times.run_length(5000), times.run_length(2500)) == ("about 5 km", "about 2.5 km")


def test_fresh_knowledge_says_at_what_hour_of_the_reader_it_was_checked() -> None:
    fresh = Freshness(NOW - timedelta(seconds=12), is_fresh=True, signed_at=NOW)
    assert times.freshness_words(fresh, "Peterborough", NOW) == "Last checked with Peterborough at 14:59."


def test_stale_knowledge_says_to_check_before_travelling() -> None:
    stale = Freshness(datetime(2026, 3, 3, 9, 0, tzinfo=UTC), is_fresh=False, signed_at=NOW)
    assert breakable(times.freshness_words(stale, "London", NOW)) == (
        "We haven’t heard from London since Tuesday 3 March, so this might be out of date. "
        "Please don’t travel until the run is confirmed."
    )
