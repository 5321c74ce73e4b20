"""A link in a letter: a GET changes nothing, a POST acts for one lead, one run and one day, and says how it is now."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from node.database import writing
from node.members import people
from node.models import Person, Run

from ...support.full_disk import full_disk
from ...support.leads import look
from ...support.members.letters import sent, text_of
from ...support.network import LocalNode, a_run
from ...support.taps import cancel, confirm, move
from ...support.web_client import Phone, words

STARTS = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)


@pytest.fixture
def links(london: LocalNode, run: Run, ada: Person, ben: Person) -> dict[str, str]:
    """The link "I'll be there" of each lead, out of the letter that they got a day before."""
    london.clock.now = STARTS - timedelta(hours=24)
    look(london)
    return {str(letter["To"]).partition("@")[0]: link_in(text_of(letter)) for letter in sent(london)}


def link_in(text: str) -> str:
    found = re.search(r"(/tap/there/\S+)", text)
    assert found is not None
    return found[1]


def tap(node: LocalNode, link: str) -> str:
    """Open the link and tap its button, on a phone that is signed in nowhere."""
    return words(Phone(node).tap(link, follow_redirects=True))


def test_looking_changes_nothing_and_the_button_promises(london: LocalNode, run: Run, links: dict[str, str]) -> None:
    phone = Phone(london)
    for _ in range(3):
        page = phone.get(links["ada"])
        assert "I’ll be there at 18:30" in words(page)
    assert "Not confirmed yet" in words(phone.get("/"))
    assert "Thank you. You’ll be there." in tap(london, links["ada"])
    assert "A lead will be there" in words(phone.get("/"))


def test_the_page_is_kept_nowhere_and_sets_no_cookie(london: LocalNode, links: dict[str, str]) -> None:
    page = Phone(london).get(links["ada"])
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in page.headers


def test_whoever_taps_second_reads_who_was_quicker(london: LocalNode, links: dict[str, str]) -> None:
    tap(london, links["ada"])
    page = Phone(london).get(links["ben"])
    assert "Ada will be there. Thanks anyway." in words(page)
    assert "<form" not in page.text
    answer = Phone(london).post(links["ben"], follow_redirects=True)
    assert "Ada will be there." in words(answer)


def test_a_tap_on_a_page_of_before_a_move_is_refused_and_says_the_new_hour(
    london: LocalNode, run: Run, links: dict[str, str]
) -> None:
    phone = Phone(london)
    seen = re.search(r'name="seen" value="(\w+)"', phone.get(links["ada"]).text)
    move(london, run, "2026-06-04T19:30")
    assert seen is not None
    answer = phone.post(links["ada"], data={"seen": seen[1]})
    assert answer.status_code == 409
    assert "Someone else has just changed this" in words(answer)
    assert "I’ll be there at 19:30" in words(answer)


def test_a_link_of_a_letter_drops_out_with_a_line(london: LocalNode, run: Run, links: dict[str, str]) -> None:
    tap(london, links["ada"])
    cannot = re.search(r'href="(/tap/cannot/[^"]+)"', Phone(london).get(links["ada"]).text)
    assert cannot is not None
    assert "We’ll ask them at once" in words(Phone(london).get(cannot[1]))
    page = words(Phone(london).post(cannot[1], data={"line": "My bus"}, follow_redirects=True))
    assert "You’re off the list for this date." in page
    assert "Not confirmed yet" in words(Phone(london).get("/"))
    assert "“My bus”" in text_of(sent(london)[0])
    assert "You’re off the list" in words(Phone(london).post(cannot[1], follow_redirects=True))


def test_a_line_that_is_too_long_stays(london: LocalNode, links: dict[str, str]) -> None:
    tap(london, links["ada"])
    cannot = re.search(r'href="(/tap/cannot/[^"]+)"', Phone(london).get(links["ada"]).text)
    assert cannot is not None
    page = Phone(london).post(cannot[1], data={"line": "y" * 201})
    assert page.status_code == 422
    assert "up to 200 characters" in words(page)
    assert "y" * 201 in page.text
    assert "<title>Error: " in page.text
    assert 'id="problems" tabindex="-1" autofocus' in page.text


def test_a_date_that_is_cancelled_needs_nobody(london: LocalNode, run: Run, links: dict[str, str]) -> None:
    cancel(london, run)
    page = Phone(london).get(links["ada"])
    assert "This date is cancelled, so no one needs to be there." in words(page)
    assert "<h1><s>" in page.text
    assert "<form" not in page.text


FORGERIES: dict[str, Callable[[str, str], str]] = {
    "another token": lambda link, _: link[:-4] + "aaaa",
    "another lead": lambda link, other: link.replace(f"/there/{link.split('/')[3]}/", f"/there/{other}/"),
    "nobody": lambda link, _: link.replace(f"/there/{link.split('/')[3]}/", "/there/999/"),
    "another day": lambda link, _: link.replace("2026-06-04", "2026-06-11"),
    "another act": lambda link, _: link.replace("/there/", "/cannot/"),
    "no act": lambda link, _: link.replace("/there/", "/dance/"),
    "another alphabet": lambda link, _: link[:-2] + "é",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_link_and_one_that_is_over_have_one_answer(
    london: LocalNode, run: Run, links: dict[str, str], ben: Person, name: str
) -> None:
    forged = FORGERIES[name](links["ada"], str(ben.id))
    answers = [Phone(london).get(forged), Phone(london).post(forged)]
    london.clock.now = STARTS + timedelta(hours=3)
    answers.append(Phone(london).get(links["ada"]))
    assert {answer.status_code for answer in answers} == {410}
    assert {words(answer) for answer in answers} == {words(answers[0])}
    assert "Thursday evening run" not in answers[0].text
    london.clock.now = STARTS - timedelta(hours=3)
    assert "Not confirmed yet" in words(Phone(london).get("/"))


def test_a_link_of_another_run_opens_nothing(london: LocalNode, run: Run, links: dict[str, str]) -> None:
    other = london.announce(a_run(name="Sunday walk"))
    assert Phone(london).get(links["ada"].replace(run.id, other.id)).status_code == 410


@pytest.mark.parametrize("gone", [True, False], ids=["removed", "member now"])
def test_the_links_of_whoever_leads_no_more_are_over(
    london: LocalNode, links: dict[str, str], ben: Person, gone: bool
) -> None:
    with london.session() as session:
        if gone:
            people.remove(session, london.settings, ben.id, london.clock())
        else:
            people.set_role(session, london.settings, ben.id, "member", london.clock())
    assert Phone(london).get(links["ben"]).status_code == 410
    assert Phone(london).post(links["ben"]).status_code == 410


def test_a_new_lead_with_the_number_of_a_removed_one_gets_none_of_their_links(
    london: LocalNode, links: dict[str, str], ben: Person
) -> None:
    with london.session() as session:
        people.remove(session, london.settings, ben.id, london.clock())
    london.clock.tick(minutes=5)
    new = london.add_lead("Kim")
    with london.session() as session, writing(session) as transaction:
        found = transaction.get_one(Person, new.id)
        found.id = ben.id
    assert Phone(london).get(links["ben"]).status_code == 410


def test_what_the_disk_does_not_take_is_not_done(london: LocalNode, links: dict[str, str]) -> None:
    phone = Phone(london)
    seen = re.search(r'name="seen" value="(\w+)"', phone.get(links["ada"]).text)
    assert seen is not None
    with full_disk(london):
        assert phone.post(links["ada"], data={"seen": seen[1]}).status_code == 503
    assert "I’ll be there at 18:30" in words(phone.get(links["ada"]))


def test_a_promise_of_somebody_unknown_can_be_given_a_name(london: LocalNode, run: Run, links: dict[str, str]) -> None:
    confirm(london, run)
    assert "this site doesn’t know who" in words(Phone(london).get(links["ada"]))
    assert "Thank you. You’ll be there." in tap(london, links["ada"])
