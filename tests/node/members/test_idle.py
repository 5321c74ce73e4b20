"""Whoever has not been heard of for long is written to once before they are forgotten, and stays by one tap."""

import re
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from node import jobs
from node.chapter import runs, series
from node.mail import closed
from node.members import coming, idle
from node.members.coming import Given
from node.models import Coming, Person, Run

from ...support.full_disk import full_disk
from ...support.leads import add_lead
from ...support.members.letters import sent, text_of
from ...support.network import LocalNode
from ...support.web_client import Phone, words

ADDRESS = "robin@example.org"
#: A browser says so of what somebody has tapped or typed themselves.
TAPPED = {"Sec-Fetch-User": "?1"}


def say_weekly(node: LocalNode, run: Run, email: str = ADDRESS) -> str:
    """Somebody comes each week, and has said yes to letters. The path of their private link."""
    with node.session() as session:
        day = runs.get(session, run.id).starts_on
        given = Given(every_week=True, email=email, name="Robin")
        token = coming.say(session, node.settings, run.id, day, given, node.clock())
    with node.handle.writing() as transaction:
        for row in transaction.scalars(select(Coming).where(Coming.email.is_not(None))):
            row.email_confirmed_at = node.clock()
    sent(node)
    return f"/c/{token}"


def add_member(node: LocalNode, name: str = "Kim") -> int:
    return add_lead(node, name, "member").id


def close(node: LocalNode, address: str, why: closed.Why) -> None:
    with node.handle.writing() as transaction:
        closed.close(transaction, closed.index_of(node.settings, address), why, node.clock())


def pass_days(node: LocalNode, days: float) -> list[EmailMessage]:
    """So many days pass, in which this node does nothing; then it tidies up. The letters about it that it sends."""
    node.clock.tick(days=days)
    jobs.tidy(node.handle)
    return [letter for letter in sent(node) if "still" in str(letter["Subject"])]


def is_there(node: LocalNode, path: str) -> bool:
    return Phone(node).get(path).status_code == 200


def is_member(node: LocalNode, person_id: int) -> bool:
    with node.session() as session:
        return session.get(Person, person_id) is not None


def link_in(letter: EmailMessage) -> str:
    found = re.search(r"(/c/\S+)", text_of(letter))
    assert found is not None
    return found[1]


@pytest.mark.parametrize("who", ["comer", "member"])
def test_whoever_is_idle_gets_one_letter_two_weeks_before_and_is_gone_after_them(
    london: LocalNode, run: Run, who: str
) -> None:
    path, kim = (say_weekly(london, run), 0) if who == "comer" else ("", add_member(london))

    def remains() -> bool:
        return is_there(london, path) if path else is_member(london, kim)

    assert pass_days(london, 349) == []
    (letter,) = pass_days(london, 1)
    assert letter["To"] == (ADDRESS if path else "kim@example.org")
    for _ in range(14):
        assert remains()
        assert pass_days(london, 1) == []
    pass_days(london, 1.5)
    assert not remains()


@pytest.mark.parametrize("days", [364.5, 365, 400, 1000])
def test_a_node_that_was_off_asks_first_and_waits_two_weeks(london: LocalNode, run: Run, days: float) -> None:
    path, kim = say_weekly(london, run), add_member(london)
    letters = pass_days(london, days)
    assert {str(letter["To"]) for letter in letters} == {ADDRESS, "kim@example.org"}
    assert pass_days(london, 13.9) == []
    assert (is_there(london, path), is_member(london, kim)) == (True, True)
    assert pass_days(london, 2) == []
    assert (is_there(london, path), is_member(london, kim)) == (False, False)


@pytest.mark.parametrize("why", ["none given", "stopped", "bounced"])
def test_nobody_is_kept_for_a_letter_that_cannot_go(london: LocalNode, run: Run, why: str) -> None:
    path, kim = say_weekly(london, run, "" if why == "none given" else ADDRESS), add_member(london)
    london.clock.tick(days=340)
    if why == "none given":
        with london.handle.writing() as transaction:
            person = transaction.get_one(Person, kim)
            person.email = person.email_index = person.email_confirmed_at = None
    else:
        for address in (ADDRESS, "kim@example.org"):
            close(london, address, why)  # type: ignore[arg-type]  # one of the two
    assert pass_days(london, 20) == []
    assert (is_there(london, path), is_member(london, kim)) == (True, True)
    assert pass_days(london, 6) == []
    assert (is_there(london, path), is_member(london, kim)) == (False, False)


def test_without_the_members_key_nobody_is_asked_and_what_is_over_goes_all_the_same(
    london: LocalNode, run: Run
) -> None:
    add_member(london)
    say_weekly(london, run)
    london.settings.members_key_file.unlink()
    london.clock.tick(days=366)
    jobs.tidy(london.handle)
    with london.session() as session:
        assert session.scalars(select(Coming)).all() == []
        assert session.scalars(select(Person)).all() == []


def test_no_lead_is_asked_or_deleted_for_being_idle(london: LocalNode) -> None:
    for role in ("lead", "co-lead"):
        lead = add_lead(london, role, role)
        assert pass_days(london, 800) == []
        assert is_member(london, lead.id)


def test_the_letters_link_shows_a_button_and_the_button_alone_keeps_somebody(london: LocalNode, run: Run) -> None:
    path = say_weekly(london, run)
    (letter,) = pass_days(london, 355)
    link = link_in(letter)
    for headers in ({}, TAPPED):
        assert "I’m still coming every time" in words(Phone(london).get(link, headers=headers))
    assert "until Saturday 5 June" in text_of(letter)
    assert "until Saturday 5 June. Still coming?" in words(Phone(london).get(path))
    answer = words(Phone(london).post(link, follow_redirects=True))
    assert "You stay on the list" in answer
    assert "until Saturday 20 May 2028" in answer
    assert Phone(london).post(link, follow_redirects=True).status_code == 200
    assert pass_days(london, 340) == []
    assert is_there(london, path)
    assert len(pass_days(london, 11)) == 1


@pytest.mark.parametrize("path", ["/keep", ""])
def test_a_scanner_of_mail_that_follows_links_keeps_nobody(london: LocalNode, run: Run, path: str) -> None:
    link = say_weekly(london, run)
    pass_days(london, 360)
    assert Phone(london).get(link + path).status_code == 200
    assert Phone(london).get(f"{link}/calendar.ics", headers=TAPPED).status_code == 200
    pass_days(london, 20)
    assert not is_there(london, link)


def test_who_opens_the_private_page_is_kept_without_another_tap(london: LocalNode, run: Run) -> None:
    link = say_weekly(london, run)
    pass_days(london, 340)
    page = Phone(london).get(link, headers=TAPPED)
    assert "Still coming?" not in words(page)
    assert pass_days(london, 340) == []
    assert is_there(london, link)


def test_the_private_page_says_until_when_and_has_the_button(london: LocalNode, run: Run) -> None:
    link = say_weekly(london, run, "")
    london.clock.tick(days=100)
    page = words(Phone(london).get(link))
    assert "We’ll keep you on the list until Monday 31 May 2027. Still coming?" in page
    Phone(london).post(f"{link}/keep")
    assert "We’ll keep you on the list until Wednesday 8 September 2027." in words(Phone(london).get(link))


@pytest.mark.parametrize("act", ["away", "here", "forget"])
def test_whatever_somebody_does_on_the_private_page_keeps_them(london: LocalNode, run: Run, act: str) -> None:
    link = say_weekly(london, run)
    day = date(2027, 5, 20)
    london.clock.now = london.clock.now.replace(year=2027, month=5, day=20, hour=17, minute=20)
    sends = {"away": (f"{link}/days/{day}/away", {}), "here": (f"{link}/days/{day}/here", {})}
    to, data = sends.get(act, (f"{link}/forget", {"what": "emergency"}))
    assert Phone(london).post(to, data=data).status_code == 303
    assert pass_days(london, 300) == []
    assert is_there(london, link)


def test_a_link_of_one_date_has_no_list_to_stay_on(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        token = coming.say(session, london.settings, run.id, run.starts_on, Given(), london.clock())
    assert "on the list" not in words(Phone(london).get(f"/c/{token}"))
    assert Phone(london).get(f"/c/{token}/keep").status_code == 303
    assert Phone(london).post(f"/c/{token}/keep").status_code == 303


def test_a_made_up_link_keeps_nobody(london: LocalNode) -> None:
    assert Phone(london).get("/c/x/keep").status_code == Phone(london).post("/c/x/keep").status_code == 404


def test_nobody_is_asked_about_a_run_that_has_ended(london: LocalNode, run: Run) -> None:
    say_weekly(london, run)
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock.tick(days=1))
    sent(london)
    assert pass_days(london, 355) == []


def test_a_letter_that_waited_is_not_sent_once_its_reader_is_back(london: LocalNode, run: Run) -> None:
    link = say_weekly(london, run)
    kim = Phone(london)
    member = add_member(london)
    london.clock.tick(days=355)
    jobs.tidy(london.handle)
    Phone(london).post(f"{link}/keep")
    assert kim.post(f"/signin/{kim.link(member)}").status_code == 303
    assert [letter for letter in sent(london) if "still" in str(letter["Subject"])] == []


def test_signing_in_keeps_the_account(london: LocalNode) -> None:
    kim = add_member(london)
    (letter,) = pass_days(london, 355)
    assert "/me" in text_of(letter)
    phone = Phone(london)
    phone.post(f"/signin/{phone.link(kim)}")
    assert pass_days(london, 340) == []
    assert is_member(london, kim)


def test_an_account_lives_two_weeks_longer_than_the_link_that_lay_in_it(london: LocalNode, run: Run) -> None:
    link, kim = say_weekly(london, run, ""), add_member(london)
    with london.session() as session:
        coming.keep_in_account(session, london.settings, link.removeprefix("/c/"), kim, london.clock())
    assert pass_days(london, 366) == []
    assert not is_there(london, link)
    assert len(pass_days(london, 0.1)) == 1
    pass_days(london, 13)
    assert is_member(london, kim)
    pass_days(london, 3)
    assert not is_member(london, kim)


def test_the_form_and_the_privacy_page_say_how_long_every_time_is(london: LocalNode, run: Run) -> None:
    path = f"/runs/{Phone(london).get('/').text.partition('/runs/')[2].partition('/')[0]}/{run.id}/coming"
    assert "for 365 days, we’ll take you off the list" in words(Phone(london).get(path))
    said = words(Phone(london).get("/privacy"))
    assert "14 days before" in said
    assert said.count("365 days") >= 2


def test_a_full_disk_lets_the_private_page_open(london: LocalNode, run: Run) -> None:
    link = say_weekly(london, run)
    london.clock.tick(days=100)
    with full_disk(london):
        assert Phone(london).get(link, headers=TAPPED).status_code == 200
        assert Phone(london).post(f"{link}/keep").status_code == 503


def test_notice_is_no_longer_than_the_shortest_setting(london: LocalNode) -> None:
    assert timedelta(days=idle.NOTICE_DAYS) < timedelta(days=30)
