"""Every 90 days leads are asked whether a run is still right: a letter, a box on the board, one tap, a signed day."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from node.database import writing
from node.directory import chapters
from node.facts import checks
from node.members import people
from node.models import Person, Run

from ...support.leads import waiting
from ...support.members.letters import sent, text_of
from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

#: The run was announced on 1 June 2026. Ninety days later it is due.
DUE = datetime(2026, 8, 30, 9, 0, tzinfo=UTC)


def look(node: LocalNode, at: datetime | None = None) -> list[str]:
    node.clock.now = at or node.clock.now
    before = {letter.id for letter in waiting(node)}
    with node.session() as session:
        checks.look(session, node.settings, node.clock())
    return [letter.kind for letter in waiting(node) if letter.id not in before]


def link_in(node: LocalNode) -> str:
    (letter,) = sent(node)
    found = re.search(r"(/check/\S+)", text_of(letter))
    assert found is not None
    return found[1]


def page_of(node: LocalNode, run: Run, reader: LocalNode | None = None) -> str:
    with node.session() as session:
        chapter = chapters.own_id(session)
    return words(Phone(reader or node).get(f"/runs/{chapter}/{run.id}"))


def checked_on(node: LocalNode, run: Run) -> date | None:
    with node.session() as session:
        return session.get_one(Run, run.id).checked_on


def test_a_new_run_says_when_it_was_announced(london: LocalNode, run: Run) -> None:
    assert "Checked by the chapter on 1 June 2026." in page_of(london, run)


def test_each_lead_gets_one_letter_after_ninety_days(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    assert look(london, DUE - timedelta(days=1)) == []
    assert look(london, DUE) == ["still_right", "still_right"]
    assert look(london, DUE + timedelta(days=29)) == []
    assert look(london, DUE + timedelta(days=30)) == ["still_right", "still_right"]


def test_nobody_is_asked_at_night(london: LocalNode, run: Run, ada: Person) -> None:
    assert look(london, DUE.replace(hour=2)) == []
    assert look(london, DUE.replace(hour=21)) == []


def test_nobody_is_asked_of_a_run_that_pauses_has_ended_or_was_checked(london: LocalNode, ada: Person) -> None:
    once = london.announce(a_run(repeats="once"))
    assert look(london, DUE) == []
    assert once.checked_on == date(2026, 6, 1)


def test_the_link_shows_all_and_a_get_changes_nothing(london: LocalNode, run: Run, ada: Person) -> None:
    look(london, DUE)
    link = link_in(london)
    page = words(Phone(london).get(link))
    assert "Is all of this still right?" in page
    assert "At the foot of the column, by the steps." in page
    assert checked_on(london, run) == date(2026, 6, 1)


def test_a_tap_in_the_letter_signs_the_day(london: LocalNode, run: Run, ada: Person) -> None:
    look(london, DUE)
    link = link_in(london)
    assert "Thank you" in words(Phone(london).tap(link, follow_redirects=True))
    assert "Checked by the chapter on 30 August 2026." in page_of(london, run)
    assert "Thank you" in words(Phone(london).get(link))


def test_other_sites_say_it_too(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.clock.now = london.clock.now + timedelta(days=1)
    with london.session() as session:
        checks.check(session, london.settings, run.id, london.clock())
    federation.settle()
    assert "Checked by the chapter on 2 June 2026." in page_of(london, run, brisbane)


def test_the_board_asks_until_somebody_has_tapped(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    assert "Is this still right?" not in words(phone.get("/lead"))
    london.clock.now = DUE
    board = phone.get("/lead")
    assert "Is this still right?" in words(board)
    mark = re.search(rf'/lead/runs/{run.id}/check"><input type="hidden" name="seen" value="(\w+)"', board.text)
    assert mark is not None
    done = phone.post(f"/lead/runs/{run.id}/check", data={"seen": mark[1]}, follow_redirects=True)
    assert "Saved. This site shows it, but no other site does yet." in words(done)
    assert "Is this still right?" not in words(phone.get("/lead"))


def test_what_another_lead_has_changed_meanwhile_is_not_checked(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    london.clock.now = DUE
    old = phone.post(f"/lead/runs/{run.id}/check", data={"seen": "an old page"})
    assert old.status_code == 409
    assert "Someone else has just changed this." in words(old)
    assert checked_on(london, run) == date(2026, 6, 1)


@pytest.mark.parametrize("spoil", [lambda link: link[:-1] + "x", lambda link: link.replace("/check/1/", "/check/9/")])
def test_a_forged_link_is_over(london: LocalNode, run: Run, ada: Person, spoil: object) -> None:
    look(london, DUE)
    link = link_in(london)
    forged = spoil(link)  # type: ignore[operator]
    assert forged != link
    assert Phone(london).get(forged).status_code == 410
    assert Phone(london).post(forged).status_code == 410


def test_the_link_of_a_removed_lead_and_an_old_one_are_over(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    look(london, DUE)
    letters = {str(letter["To"]): text_of(letter) for letter in sent(london)}
    (link,) = re.findall(r"(/check/\S+)", letters["ada@example.org"])
    with london.session() as session:
        people.remove(session, london.settings, ada.id, london.clock())
    assert Phone(london).get(link).status_code == 410
    (bens,) = re.findall(r"(/check/\S+)", letters["ben@example.org"])
    london.clock.now = DUE + timedelta(days=91)
    assert Phone(london).get(bens).status_code == 410


def test_a_letter_of_a_run_that_was_checked_meanwhile_is_not_sent(london: LocalNode, run: Run, ada: Person) -> None:
    look(london, DUE)
    with london.session() as session:
        checks.check(session, london.settings, run.id, london.clock())
    assert sent(london) == []


def test_a_run_from_before_checks_were_noted_is_due_by_its_first_date(london: LocalNode, run: Run) -> None:
    with london.session() as session, writing(session) as transaction:
        found = transaction.get_one(Run, run.id)
        found.checked_on = None
        assert checks.due_on(found) == date(2026, 9, 2)
