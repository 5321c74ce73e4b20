"""A question to the chapter: off until a lead turns it on, kept from everybody else, answered by page and by letter."""

import logging

import pytest
from sqlalchemy import select

from node import jobs
from node.inbox import room, telling
from node.models import Letter, Message, Person

from ...support.members.letters import sent, text_of
from ...support.messages import answer, filled, take_questions, write
from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

QUESTION = "Is there a place to leave a bag? I am Robin."


@pytest.fixture
def lead(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


@pytest.fixture
def asking(london: LocalNode, lead: Phone) -> Phone:
    """A visitor of a chapter that takes questions."""
    take_questions(lead)
    return Phone(london)


def count(node: LocalNode) -> int:
    with node.session() as session:
        return len(session.scalars(select(Message.id)).all())


def test_the_form_is_off_until_a_lead_turns_it_on(london: LocalNode, lead: Phone) -> None:
    phone = Phone(london)
    assert phone.get("/contact").status_code == 404
    assert phone.post("/contact", data={"text": QUESTION}).status_code == 404
    assert count(london) == 0
    take_questions(lead)
    assert phone.get("/contact").status_code == 200
    lead.post("/lead/contact-form", data={"open": "no"})
    closed = phone.post("/contact", data={"text": QUESTION})
    assert closed.status_code == 404
    assert QUESTION in words(closed)


def test_a_co_lead_cannot_turn_the_form_on(london: LocalNode) -> None:
    assert Phone(london).sign_in("Kim", "co-lead").post("/lead/contact-form", data={"open": "yes"}).status_code == 403
    assert Phone(london).get("/contact").status_code == 404


def test_every_site_links_to_the_chapters_own_form_once_it_is_on(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run, lead = london.announce(a_run()), Phone(london).sign_in()
    pages = (f"/runs/{london.chapter_id}/{run.id}", f"/chapters/{london.chapter_id}")
    link = f'href="{london.settings.base_url}/contact"'
    federation.settle(1)
    assert [link in Phone(brisbane).get(page).text for page in pages] == [False, False]
    assert "/contact" not in Phone(london).get("/").text
    take_questions(lead)
    federation.settle(1)
    assert [link in Phone(brisbane).get(page).text for page in pages] == [True, True]
    for own_page in ("/", *pages):
        assert 'href="/contact"' in Phone(london).get(own_page).text


def test_a_card_that_cannot_say_whether_the_run_is_on_offers_to_ask(
    federation: LocalFederation, gazetteer: None
) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    london.announce(a_run())
    federation.settle(1)
    ask = f'<a class="tap" href="{london.settings.base_url}/contact">Ask the leads</a>'
    search = "/runs?near=London,+United+Kingdom&when=days&from=2026-06-11"
    federation.clock.tick(days=3)
    assert ask not in Phone(brisbane).get(search).text, "its form is off"
    take_questions(Phone(london).sign_in())
    federation.settle(1)
    assert ask not in Phone(brisbane).get(search).text, "it was heard just now"
    federation.clock.tick(days=3)
    assert Phone(brisbane).get(search).text.count(ask) == 1
    assert Phone(brisbane).get(f"/chapters/{london.chapter_id}").text.count(ask) == 1


def test_the_page_of_a_chapter_that_is_silent_for_long_offers_to_ask(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    take_questions(Phone(london).sign_in())
    federation.settle()
    federation.clock.tick(days=20)
    pages = (f"/runs/{london.chapter_id}/{run.id}", f"/chapters/{london.chapter_id}")
    for page in pages:
        assert f'href="{london.settings.base_url}/contact">Ask the leads' in Phone(brisbane).get(page).text


def test_each_lead_gets_a_letter_that_says_only_that_a_question_waits(
    london: LocalNode, ada: Person, ben: Person, asking: Phone
) -> None:
    write(asking, "/contact", QUESTION, email="robin@example.org")
    letters = sent(london)
    assert {str(one["To"]) for one in letters} == {"ada@example.org", "ben@example.org"}
    for letter in letters:
        assert "Robin" not in text_of(letter) + str(letter["Subject"])
        assert "/lead/messages" in text_of(letter)
    assert QUESTION in words(Phone(london).sign_in("Cara", "co-lead").get("/lead/messages"))


def test_the_leads_board_says_that_a_message_waits_until_it_is_answered(lead: Phone, asking: Phone) -> None:
    write(asking, "/contact", QUESTION)
    assert "1 message is waiting for an answer" in words(lead.get("/lead"))
    answer(lead, "Yes, at the gym.")
    assert "waiting for an answer" not in words(lead.get("/lead"))


def test_the_answer_is_on_the_senders_private_page_and_in_a_letter(
    london: LocalNode, lead: Phone, asking: Phone
) -> None:
    link = write(asking, "/contact", QUESTION, email="robin@example.org")
    assert "We’ll email you the answer" in words(asking.get(link))
    answer(lead, "Yes, at the gym.\n\nAsk for Kim.")
    assert "Yes, at the gym." in words(asking.get(link))
    (letter,) = sent(london)
    assert str(letter["To"]) == "robin@example.org"
    assert {"Yes, at the gym.", "Ask for Kim."} <= set(text_of(letter).splitlines())
    assert link in text_of(letter)
    assert "bag" not in text_of(letter) + str(letter["Subject"])


def test_no_page_of_the_leads_shows_the_senders_address(lead: Phone, asking: Phone) -> None:
    write(asking, "/contact", QUESTION, email="robin@example.org")
    page = lead.get("/lead/messages").text
    path = page.partition('href="/lead/messages/')[2].partition('"')[0]
    assert "robin@example.org" not in page + lead.get(f"/lead/messages/{path}").text


def test_a_double_tap_is_one_message(london: LocalNode, asking: Phone) -> None:
    form = filled(asking, "/contact", QUESTION)
    first, second = (asking.post("/contact", data=form) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert count(london) == 1


def test_what_cannot_be_kept_stays_on_the_form(london: LocalNode, asking: Phone) -> None:
    for typed in ({"text": "x" * 1001}, {"text": "", "email": "robin"}, {"text": "\u202e\u200b"}):
        page = asking.post("/contact", data=typed)
        assert page.status_code == 422
        assert "Not sent yet" in words(page)
        assert typed.get("email", "") in page.text
    assert count(london) == 0


def test_hostile_text_is_shown_as_text(lead: Phone, asking: Phone) -> None:
    hostile = "<script>alert(1)</script> [a](javascript:alert(1)) \u202eabc"
    link = write(asking, "/contact", hostile)
    for page in (asking.get(link).text, lead.get("/lead/messages").text):
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert "\u202e" not in page


def test_the_second_of_two_leads_who_answer_reads_the_answer_of_the_first(london: LocalNode, asking: Phone) -> None:
    write(asking, "/contact", QUESTION)
    kim, sam = Phone(london).sign_in("Kim"), Phone(london).sign_in("Sam")
    path = "/lead/messages/" + kim.get("/lead/messages").text.partition('href="/lead/messages/')[2].partition('"')[0]
    assert kim.post(path, data={"text": "Yes."}).status_code == 303
    assert kim.post(path, data={"text": "Yes."}).status_code == 303
    late = sam.post(path, data={"text": "No, sorry."})
    assert late.status_code == 409
    assert "Kim answered" in words(late)
    assert "No, sorry." in words(late)


def test_its_sender_erases_a_message_with_its_answer_and_its_letter(
    london: LocalNode, lead: Phone, asking: Phone
) -> None:
    link = write(asking, "/contact", QUESTION, email="robin@example.org")
    answer(lead, "Yes, at the gym.")
    assert b"Robin" in asking.get(f"{link}/export").data
    assert asking.post(f"{link}/erase").status_code == 303
    assert asking.get(link).status_code == 404
    assert count(london) == 0
    assert sent(london) == []


def test_a_message_is_erased_so_many_days_after_it_was_answered(london: LocalNode, lead: Phone, asking: Phone) -> None:
    link = write(asking, "/contact", QUESTION)
    london.clock.tick(days=20)
    answer(lead, "Yes.")
    london.clock.tick(days=29)
    jobs.tidy(london.handle)
    assert asking.get(link).status_code == 200
    london.clock.tick(days=2)
    assert asking.get(link).status_code == 404
    jobs.tidy(london.handle)
    assert count(london) == 0


def test_a_flood_from_one_network_leaves_room_for_others_and_writes_few_letters(
    london: LocalNode, ada: Person, asking: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST", {"question": 12})
    answers = [asking.post("/contact", data={"text": f"Number {number}"}) for number in range(12)]
    assert [one.status_code for one in answers] == [303] * 6 + [422] * 6
    assert "Please try again tomorrow" in words(answers[-1])
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert asking.post("/contact", data={"text": QUESTION}, environ_base=elsewhere).status_code == 303
    assert len(sent(london)) == telling.LETTERS_A_DAY


def test_a_message_that_its_sender_erases_frees_no_letter_of_the_day(
    london: LocalNode, ada: Person, asking: Phone
) -> None:
    for number in range(8):
        assert asking.post(f"{write(asking, '/contact', f'Number {number}')}/erase").status_code == 303
    write(asking, "/contact", QUESTION)
    with london.session() as session:
        assert len(session.scalars(select(Letter.id)).all()) == telling.LETTERS_A_DAY


def test_nothing_of_a_message_is_logged(lead: Phone, asking: Phone, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link = write(asking, "/contact", QUESTION, email="robin@example.org")
    answer(lead, "At the gym.")
    asking.get(link)
    logged = [one for one in caplog.messages if not one.startswith("PRAGMA")]
    assert [one for one in logged for secret in ("Robin", "robin@", "gym", link) if secret in one] == []


def test_a_site_without_mail_asks_for_no_address(london: LocalNode, asking: Phone) -> None:
    mute = LocalNode(london.settings.data, london.clock, 8101, mail="")
    page = Phone(mute).get("/contact")
    assert 'name="email"' not in page.text
    assert "private link" in words(page)
    mute.close()
