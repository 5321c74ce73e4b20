"""The design of the public pages: the promise as a block, dates said once, a first evening explained, the scene."""

import re
from datetime import date, time
from pathlib import Path

import pytest

import web
from node.chapter import dates
from node.directory.chapters import own_id
from node.models import Run

from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

STATIC = Path(web.__file__).with_name("static")
DAY = date(2026, 6, 4)


def page_of(node: LocalNode, run: Run, query: str = "") -> str:
    with node.session() as session:
        chapter = own_id(session)
    return Phone(node).get(f"/runs/{chapter}/{run.id}{query}").text


def block(page: str) -> str:
    """The block that answers "is it on?"."""
    found = re.search(r'<div class="promise.*?</div>\s*<div id="its-move">', page, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("act", "shape", "said"),
    [
        (None, "unconfirmed", "Not confirmed yet"),
        (dates.confirm, "confirmed", "A lead will be there"),
        (dates.cancel, "cancelled", "Cancelled"),
    ],
)
def test_the_promise_is_a_block_with_its_sentence_and_its_freshness_inside(
    london: LocalNode, act: object, shape: str, said: str
) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        if act is dates.confirm:
            dates.confirm(session, london.settings, run.id, DAY, london.clock())
        elif act is dates.cancel:
            dates.cancel(session, london.settings, run.id, DAY, "weather", "", london.clock())
    found = block(page_of(london, run))
    assert f'class="promise promise-{shape}"' in found
    assert said in found
    assert 'id="checked"' in found
    assert "Up to date at 10:00." in found


def test_dates_in_a_row_that_share_a_state_say_it_once(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, DAY, london.clock())
    table = page_of(london, run).partition("<table")[2].partition("</table>")[0]
    assert len(re.findall("<tr>", table)) == 8
    assert table.count("Not confirmed yet") == 1
    assert 'rowspan="7"' in table
    assert "all 7 of these" in table


def test_the_steps_of_the_evening_have_their_hours(london: LocalNode) -> None:
    run = london.announce(a_run(starts_at=time(18, 30), duration_minutes=75, arrive_minutes_before=15))
    steps = page_of(london, run).partition('class="steps"')[2].partition("</ol>")[0]
    assert re.findall(r"<time>(.*?)</time>", steps) == ["18:15", "18:30", "19:45"]


@pytest.mark.parametrize(
    ("facilities", "answer"), [(("toilets",), "Yes, there’s one there."), ((), "The chapter doesn’t say")]
)
def test_a_worry_is_answered_with_what_the_run_says_of_itself(
    london: LocalNode, facilities: tuple[str, ...], answer: str
) -> None:
    run = london.announce(a_run(facilities=facilities))
    asked = page_of(london, run).partition("Is there a toilet?")[2].partition("</details>")[0]
    assert answer in asked


def test_a_run_that_is_off_has_no_steps_and_no_worries(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.session() as session:
        dates.cancel(session, london.settings, run.id, DAY, "weather", "", london.clock())
    page = page_of(london, run)
    assert 'class="steps"' not in page
    assert "Do I have to talk?" not in page


@pytest.mark.parametrize("is_new", [True, False])
def test_only_a_run_that_is_new_says_that_it_might_be_just_two(london: LocalNode, is_new: bool) -> None:
    run = london.announce(a_run(warming_up=is_new))
    for page in (page_of(london, run), Phone(london).get("/").text):
        assert ("just you and the lead" in page) == is_new


def test_hqs_home_shows_the_first_three_promised_runs_of_today_and_tomorrow(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    tomorrow = [london.announce(a_run(name=f"Run {number}", starts_on=date(2026, 6, 2))) for number in range(4)]
    for run in (*tomorrow, london.announce(a_run(name="Thursday run"))):
        with london.session() as session:
            day = DAY if run.name == "Thursday run" else date(2026, 6, 2)
            dates.confirm(session, london.settings, run.id, day, london.clock())
    london.announce(a_run(name="Unpromised run", starts_on=date(2026, 6, 2)))
    federation.settle()
    page = words(Phone(federation.hq).get("/"))
    shown = page.partition("Tonight and tomorrow")[2].partition("Chapters")[0]
    assert len(re.findall(r"Run \d", shown)) == 3
    assert "Thursday run" not in shown
    assert "Unpromised run" not in shown


@pytest.mark.parametrize(
    ("path", "name"), [("/runs", "Find a run"), ("/chapters", "Chapters"), ("/help", "Help now"), ("/privacy", "")]
)
def test_the_navigation_names_the_page_that_is_open(london: LocalNode, path: str, name: str) -> None:
    top = Phone(london).get(path).text.partition("<main")[0]
    assert re.findall(r'aria-current="page">([^<]+)</a>', top) == [name] * bool(name)


def test_a_path_at_dusk_is_on_the_homes_and_on_every_error(london: LocalNode, federation: LocalFederation) -> None:
    for page in (Phone(london).get("/"), Phone(federation.hq).get("/"), Phone(london).get("/nothing-here")):
        scene = re.search(r'<svg class="scene.*?</svg>', page.text, re.DOTALL)
        assert scene
        assert len(scene[0].encode()) < 3_000
        assert 'aria-hidden="true"' in scene[0]


def test_the_font_is_kept_for_a_year_and_its_licence_lies_beside_it(london: LocalNode) -> None:
    fonts = sorted(STATIC.glob("fonts/*.woff2"))
    assert fonts
    assert "SIL Open Font License" in (STATIC / "fonts" / "LICENSE").read_text()
    for font in fonts:
        answer = Phone(london).get(f"/static/fonts/{font.name}")
        assert "immutable" in answer.headers["Cache-Control"]
        assert len(answer.data) < 15_000
