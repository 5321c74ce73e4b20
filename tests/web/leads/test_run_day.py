"""A run's day on its lead's phone: everything on one page, and nothing of it for anybody else."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from node.database import writing
from node.members import retention, run_day
from node.models import CheckIn, Duty, Person, Run, RunDay

from ...support.full_disk import full_disk
from ...support.network import Clock, LocalNode, a_run
from ...support.taps import THURSDAY, confirm, move
from ...support.web_client import Phone, hidden, words
from ..public.test_coming import chapter_of, say

EVENING = datetime(2026, 6, 4, 18, 30, tzinfo=UTC)


@pytest.fixture
def lead(london: LocalNode, run: Run) -> Phone:
    return Phone(london).sign_in()


def path_of(run: Run, part: str = "") -> str:
    return f"/lead/runs/{run.id}/dates/2026-06-04/run-day{part}"


def tap(lead: Phone, run: Run, part: str, **typed: str) -> str:
    """Send one form of the page, with its hidden fields, and the words of the page that comes after."""
    answer = lead.post(path_of(run, part), data=kept(lead, run, part) | typed)
    assert answer.status_code == 303, words(answer)
    return words(lead.get(answer.headers["Location"]))


def kept(lead: Phone, run: Run, part: str) -> dict[str, str]:
    page = lead.get(path_of(run)).text
    form_id = re.search(r'name="form_id"[^>]*value="([^"]*)"', page)
    return hidden(page, path_of(run, part)) | {"form_id": form_id[1] if form_id else ""}


def day_of(london: LocalNode, run: Run) -> RunDay:
    with london.session() as session:
        return run_day.noted(session, run.id, THURSDAY)


def test_the_page_names_first_timers_first_and_everything_that_they_said(
    london: LocalNode, run: Run, lead: Phone
) -> None:
    say(Phone(london), run, name="Zoe")
    say(Phone(london), run, name="Ben", first_time="y", message="I walk slowly", look_out="y")
    say(Phone(london), run)
    page = words(lead.get(path_of(run)))
    assert "Who’s coming Ben · first time · please look out for them I walk slowly Zoe" in page
    assert "1 more said only that they’re coming." in page


def test_one_request_under_30_kilobytes_has_everything_for_an_evening_without_reception(
    london: LocalNode, run: Run, lead: Phone
) -> None:
    for number in range(40):
        say(Phone(london), run, name=f"Somebody {number}", message="We met in the park. I am a little nervous. " * 2)
    answer = lead.get(path_of(run))
    assert len(answer.data) < 30_000
    assert answer.headers["Cache-Control"] == "no-store"
    page = words(answer)
    for needed in (
        "The slowest person sets the pace.",
        "Head count",
        "If you haven’t found them within 20 minutes, call the police. Call 999",
        "116 123",
        "That’s fine. Wait ten minutes",
    ):
        assert needed in page
    assert "<script" not in answer.text
    below_tabs = answer.text.partition('class="lead-nav"')[2].partition("</nav>")[2]  # no tab is printed
    assert "Head count" in below_tabs
    assert "<details" not in below_tabs  # it would be closed on paper


def test_a_crowd_is_counted_where_its_lines_would_make_the_page_too_large(
    london: LocalNode, run: Run, lead: Phone
) -> None:
    for number in range(run_day_lines() + 5):
        say(Phone(london), run, name=f"Somebody {number:02}")
    assert "5 more said only that they’re coming." in words(lead.get(path_of(run)))


def run_day_lines() -> int:
    from web.leads import run_day as page

    return page._MOST_LINES


def test_who_cannot_find_the_others_comes_first_and_the_answer_is_on_their_private_page(
    london: LocalNode, run: Run, lead: Phone, clock: Clock
) -> None:
    comer = Phone(london)
    link = say(comer, run, name="Ben", first_time="y")
    other = say(Phone(london), run, name="Zoe")
    clock.now = EVENING.replace(hour=17, minute=34)
    assert comer.post(f"{link}/days/2026-06-04/here").status_code == 303
    page = words(lead.get(path_of(run)))
    assert "Someone can’t find you 18:34: Ben · first time" in page
    assert page.index("can’t find you") < page.index("Who’s coming")
    tap(lead, run, "/note", note="We stand by the steps; I have a red hat")
    for private in (link, other):
        assert "The lead says, at 18:34: We stand by the steps; I have a red hat" in words(comer.get(private))
    run_page = comer.get(f"/runs/{chapter_of(london)}/{run.id}")
    assert "red hat" not in run_page.text


def test_heads_are_counted_out_and_back_and_the_page_says_who_is_missing(
    london: LocalNode, run: Run, lead: Phone
) -> None:
    assert "Noted." in tap(lead, run, "/heads", heads_out="7")
    page = tap(lead, run, "/heads", heads_out="7", heads_back="6")
    assert "1 person isn’t back yet. What to do" in page
    assert "back yet" not in tap(lead, run, "/heads", heads_out="7", heads_back="7")
    assert (day_of(london, run).heads_out, day_of(london, run).heads_back) == (7, 7)


@pytest.mark.parametrize("typed", ["-1", "501", "seven", "1e3"])
def test_a_number_that_cannot_be_is_said_in_words_and_stays_in_its_field(
    london: LocalNode, run: Run, lead: Phone, typed: str
) -> None:
    answer = lead.post(path_of(run, "/heads"), data=kept(lead, run, "/heads") | {"heads_out": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert "How many set off: " in words(answer)
    assert day_of(london, run).heads_out is None


def test_a_line_that_is_too_long_stays_on_the_page(london: LocalNode, run: Run, lead: Phone) -> None:
    typed = "x" * 201
    answer = lead.post(path_of(run, "/note"), data=kept(lead, run, "/note") | {"note": typed})
    assert answer.status_code == 422
    assert typed in answer.text
    assert "up to 200 characters" in words(answer)


def test_one_tap_says_how_it_went_once_it_has_begun(london: LocalNode, run: Run, lead: Phone, clock: Clock) -> None:
    early = lead.post(path_of(run, "/outcome"), data={"outcome": "held 3-5", "seen": ""})
    assert early.status_code == 422
    assert "It hasn’t started yet." in words(early)
    clock.now = EVENING
    assert "Noted: It was on: 3 to 5 came" in tap(lead, run, "/outcome", outcome="held 3-5")
    assert "Noted: No one came" in tap(lead, run, "/outcome", outcome="nobody")
    assert (day_of(london, run).outcome, day_of(london, run).band) == ("nobody", None)


@pytest.mark.parametrize("outcome", ["", "held", "held 4-4", "nobody 3-5", "great"])
def test_an_outcome_that_no_button_sends_is_refused(
    london: LocalNode, run: Run, lead: Phone, clock: Clock, outcome: str
) -> None:
    clock.now = EVENING
    assert lead.post(path_of(run, "/outcome"), data={"outcome": outcome, "seen": ""}).status_code == 422
    assert day_of(london, run).outcome is None


def test_the_check_in_is_read_by_that_lead_alone(london: LocalNode, run: Run, lead: Phone) -> None:
    tap(lead, run, "/check-in", feeling="Canary: a heavy evening")
    assert "Canary: a heavy evening" in words(lead.get(path_of(run)))
    assert "Canary" not in Phone(london).sign_in("Priya").get(path_of(run)).text
    with london.session() as session:
        [row] = session.scalars(select(CheckIn)).all()
    assert b"Canary" not in row.words


def test_that_days_lead_gets_from_the_page_to_an_emergency_contact_and_back(
    london: LocalNode, run: Run, lead: Phone, clock: Clock
) -> None:
    promise(london, run, lead.lead.id)
    say(Phone(london), run, name="Ben", emergency="My sister, 07700 900123")
    clock.now = EVENING
    page = lead.get(path_of(run))
    assert "07700 900123" not in page.text
    found = re.search(r'href="(/lead/runs/[^"]*/comers/[^"]*/contact)"', page.text)
    assert found is not None
    opened = lead.post(found[1])
    assert "My sister, 07700 900123" in words(opened)
    assert f'href="{path_of(run)}"' in opened.text


def promise(london: LocalNode, run: Run, person_id: int) -> None:
    with london.session() as session, writing(session) as transaction:
        duty = Duty(run_id=run.id, day=THURSDAY, duty="lead", person_id=person_id, promised_at=london.clock())
        transaction.add(duty)


def test_a_double_tap_on_the_check_in_keeps_it_once(london: LocalNode, run: Run, lead: Phone) -> None:
    form = kept(lead, run, "/check-in") | {"feeling": "Fine"}
    for _ in range(2):
        assert lead.post(path_of(run, "/check-in"), data=form).status_code == 303
    with london.session() as session:
        assert len(session.scalars(select(CheckIn)).all()) == 1


def test_a_lead_erases_their_own_check_in_and_nobody_elses(london: LocalNode, run: Run, lead: Phone) -> None:
    tap(lead, run, "/check-in", feeling="Canary")
    form = hidden(lead.get(path_of(run)).text, path_of(run, "/check-in/erase"))
    Phone(london).sign_in("Priya").post(path_of(run, "/check-in/erase"), data=form)
    assert "Canary" in words(lead.get(path_of(run)))
    tap(lead, run, "/check-in/erase", **form)
    assert "Canary" not in words(lead.get(path_of(run)))


def test_a_double_tap_is_one_act_and_an_old_page_overwrites_nobody(london: LocalNode, run: Run, lead: Phone) -> None:
    form = kept(lead, run, "/heads") | {"heads_out": "7"}
    other = Phone(london).sign_in("Priya")
    theirs = kept(other, run, "/heads") | {"heads_out": "9"}
    note = kept(other, run, "/note") | {"note": "By the steps"}
    for _ in range(2):
        assert lead.post(path_of(run, "/heads"), data=form).status_code == 303
    refused = other.post(path_of(run, "/heads"), data=theirs)
    assert refused.status_code == 409
    assert "Someone else has just changed this" in words(refused)
    assert "<title>Error: " in refused.text
    assert 'value="9"' in refused.text
    assert day_of(london, run).heads_out == 7
    # A form that nobody has touched is not old.
    assert other.post(path_of(run, "/note"), data=note).status_code == 303


def test_a_full_disk_changes_nothing_and_says_so(london: LocalNode, run: Run, lead: Phone) -> None:
    form = kept(lead, run, "/note") | {"note": "By the steps"}
    with full_disk(london):
        answer = lead.post(path_of(run, "/note"), data=form)
    assert answer.status_code == 503
    assert "By the steps" in answer.text
    assert day_of(london, run).note == ""


def test_a_moved_date_has_its_page_at_the_new_time(london: LocalNode, run: Run, lead: Phone) -> None:
    confirm(london, run)
    move(london, run, "2026-06-04T19:00")
    assert "Thursday 4 June, 19:00" in words(lead.get(path_of(run)))


def test_whoever_has_a_duty_is_named(london: LocalNode, run: Run, lead: Phone) -> None:
    with london.session() as session, writing(session) as transaction:
        ava = Person(first_name="Ava", added_at=london.clock())
        transaction.add(ava)
        transaction.flush()
        for duty, person in (("back-marker", ava.id), ("lead", lead.lead.id)):
            transaction.add(Duty(run_id=run.id, day=THURSDAY, duty=duty, person_id=person))
    assert "Lead: Sam . Back-marker: Ava ." in words(lead.get(path_of(run)))


@pytest.mark.parametrize("day", ["2026-06-05", "2026-05-21", "9999-12-31"])
def test_a_day_without_a_run_has_no_page(london: LocalNode, run: Run, lead: Phone, day: str) -> None:
    assert lead.get(f"/lead/runs/{run.id}/dates/{day}/run-day").status_code == 404
    assert lead.post(f"/lead/runs/{run.id}/dates/{day}/run-day/note", data={"note": "x"}).status_code == 404


def test_a_week_later_the_page_and_the_line_are_gone_and_how_it_went_stays(
    london: LocalNode, run: Run, lead: Phone, clock: Clock
) -> None:
    clock.now = EVENING
    tap(lead, run, "/note", note="By the steps")
    tap(lead, run, "/heads", heads_out="7", heads_back="7")
    tap(lead, run, "/outcome", outcome="held 6-10")
    tap(lead, run, "/check-in", feeling="Fine")
    clock.tick(days=9)
    sweep(london)
    assert lead.get(path_of(run)).status_code == 404
    row = day_of(london, run)
    assert (row.note, row.heads_out, row.outcome, row.band) == ("", None, "held", "6-10")
    clock.tick(days=22)
    sweep(london)
    with london.session() as session:
        assert session.scalars(select(CheckIn)).all() == []
    clock.tick(days=400)
    sweep(london)
    assert day_of(london, run).outcome is None


def sweep(node: LocalNode) -> None:
    with node.session() as session, writing(session) as transaction:
        retention.sweep(transaction, node.settings, node.clock(), node.clock())


def test_the_run_day_tells_no_public_page_anything(london: LocalNode, run: Run, lead: Phone, clock: Clock) -> None:
    clock.now = EVENING
    visitor, paths = Phone(london), ["/", f"/runs/{chapter_of(london)}/{run.id}", "/fed/v1/status"]
    before = [visitor.get(path).data for path in paths]
    tap(lead, run, "/note", note="canary")
    tap(lead, run, "/heads", heads_out="7")
    tap(lead, run, "/outcome", outcome="held 6-10")
    assert [visitor.get(path).data for path in paths] == before


def test_the_board_leads_to_each_days_page(london: LocalNode, run: Run, lead: Phone) -> None:
    assert f'href="{path_of(run)}"' in lead.get("/lead").text


def test_a_run_elsewhere_on_the_list_has_its_own_day(london: LocalNode, run: Run, lead: Phone) -> None:
    other = london.announce(a_run(name="Other"))
    say(Phone(london), other, name="Ben")
    assert "Ben" not in words(lead.get(path_of(run)))


def test_without_the_members_key_the_page_still_says_what_to_do_in_trouble(
    london: LocalNode, run: Run, lead: Phone
) -> None:
    say(Phone(london), run, name="Ben")
    london.settings.members_key_file.rename(london.settings.members_key_file.with_suffix(".elsewhere"))
    answer = lead.get(path_of(run))
    assert answer.status_code == 200
    assert "right now, because this site’s key is missing" in words(answer)
    assert "If you haven’t found them within 20 minutes, call the police." in words(answer)
    assert lead.post(path_of(run, "/check-in"), data={"feeling": "Fine"}).status_code == 503


def test_the_line_to_whoever_comes_lives_until_the_day_a_date_was_moved_to_is_over(
    london: LocalNode, run: Run, lead: Phone, clock: Clock
) -> None:
    move(london, run, "2026-06-16T19:15")
    clock.now = datetime(2026, 6, 15, 9, tzinfo=UTC)
    tap(lead, run, "/note", note="We stand by the steps")
    sweep(london)
    assert day_of(london, run).note == "We stand by the steps"
    clock.now = datetime(2026, 6, 26, 9, tzinfo=UTC)
    sweep(london)
    assert day_of(london, run).note == ""
