"""Sign-in by mail: six digits and a link, the same answer for every address, and no way to guess."""

import re
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from node.members.accounts import codes
from node.models import Attempt, Consent, Letter, Person, PersonSession, SignInCode

from ...support.full_disk import full_disk
from ...support.members.letters import sent, text_of
from ...support.network import LocalNode
from ...support.web_client import Phone, words

ROBIN = "robin@example.org"
SAM = "sam@example.org"


def ask(phone: Phone, email: str = ROBIN, form_id: str = "") -> TestResponse:
    return phone.post("/signin/mail", data={"email": email, "form_id": form_id or str(phone.node.clock())})


def six(letter: EmailMessage) -> str:
    found = re.search(r"\b\d{6}\b", text_of(letter))
    assert found
    return found[0]


def link(node: LocalNode, letter: EmailMessage) -> str:
    found = re.search(rf"{re.escape(node.settings.base_url)}(/signin/mail/\S+)", text_of(letter))
    assert found
    return found[1]


def type_code(phone: Phone, code: str, email: str = ROBIN) -> TestResponse:
    return phone.post("/signin/code", data={"email": email, "code": code})


def member(node: LocalNode, email: str = ROBIN) -> Phone:
    """Somebody with an account, signed in."""
    phone = Phone(node)
    ask(phone, email)
    assert type_code(phone, six(sent(node)[-1]), email).status_code == 303
    node.clock.tick(days=8)
    return phone


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def people(node: LocalNode) -> list[Person]:
    with node.session() as session:
        return list(session.scalars(select(Person)))


def test_a_code_makes_an_account_and_signs_in(london: LocalNode) -> None:
    phone = Phone(london)
    ask(phone)
    letter = sent(london)[0]
    assert letter["To"] == ROBIN
    response = type_code(phone, six(letter))
    assert response.headers["Location"] == "/me?done=signed-in"
    assert ROBIN in words(phone.get("/me"))
    assert [one.role for one in people(london)] == ["member"]


def test_the_yes_to_an_account_is_kept_with_its_words(london: LocalNode) -> None:
    phone = Phone(london)
    page = words(ask(phone))
    type_code(phone, six(sent(london)[0]))
    with london.session() as session:
        kept = session.scalars(select(Consent)).one()
    assert kept.purpose == "account"
    assert kept.wording in page
    assert kept.at == london.clock()


def test_the_link_shows_a_button_and_uses_nothing_up(london: LocalNode) -> None:
    phone = Phone(london)
    ask(phone)
    path = link(london, sent(london)[0])
    for _ in range(3):
        page = phone.get(path)
        assert "Make my account and sign in" in page.text
        assert ROBIN in words(page)
        assert "Set-Cookie" not in page.headers
    assert people(london) == []
    assert phone.post(path).status_code == 303
    assert phone.get("/me").status_code == 200


def test_a_link_says_whose_account_it_opens(london: LocalNode) -> None:
    """Else somebody could send their own link, and have others tell their secrets to an account that is not theirs."""
    member(london)
    ask(Phone(london))
    assert f"with the account of {ROBIN}" in words(Phone(london).get(link(london, sent(london)[0])))


def test_a_code_and_its_link_work_once_together(london: LocalNode) -> None:
    phone = Phone(london)
    ask(phone)
    letter = sent(london)[0]
    type_code(phone, six(letter))
    assert type_code(Phone(london), six(letter)).status_code == 422
    assert Phone(london).post(link(london, letter)).status_code == 410


def test_a_code_is_over_after_fifteen_minutes(london: LocalNode) -> None:
    ask(Phone(london))
    letter = sent(london)[0]
    london.clock.tick(minutes=15)
    assert type_code(Phone(london), six(letter)).status_code == 422
    assert Phone(london).get(link(london, letter)).status_code == 410


def test_the_same_form_sent_twice_mails_one_code(london: LocalNode) -> None:
    phone = Phone(london)
    ask(phone, form_id="a")
    ask(phone, form_id="a")
    assert len(sent(london)) == 1


def test_the_same_form_sent_again_makes_no_used_code_good_again(london: LocalNode) -> None:
    phone = Phone(london)
    ask(phone, form_id="a")
    code = six(sent(london)[0])
    type_code(phone, code)
    ask(phone, form_id="a")
    assert type_code(Phone(london), code).status_code == 422


def test_the_pages_say_the_same_for_an_address_with_an_account_and_one_without(london: LocalNode) -> None:
    member(london)
    pages = [ask(Phone(london), address).text.replace(address, "") for address in (ROBIN, SAM)]
    assert pages[0] == pages[1]
    answers = [type_code(Phone(london), "000000", address) for address in (ROBIN, SAM, "nobody@example.org")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({re.sub(r"[a-z]+@example.org", "", answer.text) for answer in answers}) == 1


def statements(node: LocalNode, email: str) -> list[str]:
    """What the database is asked while a code is asked for."""
    from web.context import db

    found: list[str] = []
    with node.app.app_context():
        engine = db.engine

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    ask(Phone(node), email)
    event.remove(engine, "before_cursor_execute", note)
    return found


def test_the_work_is_the_same_for_an_address_with_an_account_and_one_without(london: LocalNode) -> None:
    member(london)
    statements(london, "warm@example.org")
    london.clock.tick(minutes=1)
    assert statements(london, ROBIN) == statements(london, SAM)


def test_somebody_elses_address_typed_in_gets_one_letter_and_then_none(london: LocalNode) -> None:
    letters = 0
    for _ in range(10):
        assert ask(Phone(london)).status_code == 200
        letters += len(sent(london))
        london.clock.tick(hours=2)
    assert letters == 1
    with london.session() as session:
        given_up = session.scalars(select(Letter.given_up)).all()
        assert session.scalar(select(func.count()).select_from(Letter).where(Letter.address.is_not(None))) == 0
    assert given_up.count("silence") == 9


def test_whoever_has_an_account_is_not_flooded_either(london: LocalNode) -> None:
    member(london)
    for _ in range(30):
        ask(Phone(london))
        london.clock.tick(seconds=30)
    assert len(sent(london)) <= 4


def test_strangers_in_all_get_few_letters_a_day(london: LocalNode) -> None:
    for number in range(70):
        ask(Phone(london), f"stranger{number}@example.org")
        london.clock.tick(seconds=5)
    found = 0
    while letters := sent(london):
        found += len(letters)
    assert found == 50


def test_wrong_codes_are_counted_and_then_none_counts(london: LocalNode) -> None:
    ask(Phone(london))
    letter = sent(london)[0]
    for _ in range(5):
        assert type_code(Phone(london), wrong(six(letter))).status_code == 422
    refused = type_code(Phone(london), six(letter))
    assert refused.status_code == 429
    assert "use the link in the email" in words(refused)


def test_the_link_goes_on_when_codes_do_not_count_any_more(london: LocalNode) -> None:
    ask(Phone(london))
    letter = sent(london)[0]
    for _ in range(6):
        type_code(Phone(london), wrong(six(letter)))
    assert Phone(london).post(link(london, letter)).status_code == 303


def test_a_restart_gives_a_guesser_no_new_budget(london: LocalNode, tmp_path: object) -> None:
    ask(Phone(london))
    letter = sent(london)[0]
    for _ in range(5):
        type_code(Phone(london), wrong(six(letter)))
    again = LocalNode(london.settings.data, london.clock, 8101)
    assert type_code(Phone(again), six(letter)).status_code == 429
    again.close()


def test_a_guesser_with_a_new_code_each_time_has_twenty_tries_a_day(london: LocalNode) -> None:
    member(london)
    tries = 0
    for _ in range(40):
        ask(Phone(london))
        tries += type_code(Phone(london), "x").status_code == 422
        london.clock.tick(minutes=16)
    assert tries <= 21


def test_a_guesser_with_many_addresses_meets_the_budget_of_all(london: LocalNode) -> None:
    answers = [type_code(Phone(london), "000000", f"a{number}@example.org").status_code for number in range(210)]
    assert answers[:200] == [422] * 200
    assert set(answers[200:]) == {429}


def test_tries_over_the_budget_fill_no_table(london: LocalNode) -> None:
    for _ in range(50):
        type_code(Phone(london), "000000")
    with london.session() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) <= 15


def test_the_database_has_neither_the_address_nor_the_digits(london: LocalNode) -> None:
    member(london)
    ask(Phone(london), SAM)
    letter = sent(london)[0]
    stored = london.settings.database.read_bytes() + london.settings.database.with_name("node.sqlite-wal").read_bytes()
    for secret in (ROBIN, SAM, six(letter), link(london, letter).rpartition("/")[2]):
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    "typed", ["", "robin", "robin@", "robin@example", "\u212aim@example.org", "a@b.c\r\nBcc: x@y.z"]
)
def test_what_is_no_address_is_said_and_mails_nobody(london: LocalNode, typed: str) -> None:
    response = ask(Phone(london), typed)
    assert response.status_code == 422
    assert "for example sam@example.org" in words(response)
    assert sent(london) == []


def test_the_letter_goes_to_the_address_that_was_confirmed(london: LocalNode) -> None:
    member(london)
    ask(Phone(london), "ROBIN@Example.org")
    assert sent(london)[0]["To"] == ROBIN


def test_a_forged_link_says_what_a_used_one_says(london: LocalNode) -> None:
    ask(Phone(london))
    good = link(london, sent(london)[0])
    used, forged = good[:-1] + ("A" if good[-1] != "A" else "B"), "/signin/mail/" + "x" * 65
    answers = [Phone(london).get(path) for path in (used, forged, "/signin/mail/x")]
    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.text for answer in answers}) == 1
    assert Phone(london).post(used).status_code == 410
    assert Phone(london).get(good).status_code == 200


def test_a_link_is_in_no_copy_and_leads_nowhere_else(london: LocalNode) -> None:
    ask(Phone(london))
    response = Phone(london).get(link(london, sent(london)[0]))
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "strict-origin"
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_another_sites_form_asks_for_no_code_and_uses_none(london: LocalNode) -> None:
    for path in ("/signin/mail", "/signin/code", "/signin/paper", "/signin/passkey"):
        response = Phone(london).post(path, data={"email": ROBIN}, headers={"Origin": "https://evil.example"})
        assert response.status_code == 403
    assert sent(london) == []


def test_where_no_mail_goes_the_page_says_so(london: LocalNode, tmp_path: object) -> None:
    quiet = LocalNode(london.settings.data, london.clock, 8101, mail="")
    page = Phone(quiet).get("/signin")
    assert "isn’t sending emails at the moment" in words(page)
    assert ask(Phone(quiet)).status_code == 422
    quiet.close()


def test_a_full_disk_signs_nobody_in_and_keeps_the_code_good(london: LocalNode) -> None:
    phone = Phone(london)
    ask(phone)
    letter = sent(london)[0]
    with full_disk(london):
        assert ask(Phone(london), SAM).status_code == 503
        assert type_code(phone, six(letter)).status_code == 503
    assert people(london) == []
    assert type_code(phone, six(letter)).status_code == 303


def test_a_code_of_a_removed_account_makes_no_account(london: LocalNode) -> None:
    phone = member(london)
    ask(Phone(london))
    letter = sent(london)[0]
    phone.post("/me/erase")
    assert Phone(london).post(link(london, letter)).status_code == 410
    assert people(london) == []


def test_codes_that_are_over_are_swept(london: LocalNode) -> None:
    ask(Phone(london))
    london.clock.tick(minutes=16)
    with london.handle.writing() as transaction:
        codes.sweep(transaction, london.clock())
        assert transaction.scalars(select(SignInCode)).all() == []


def test_eight_taps_at_once_use_a_code_once(london: LocalNode) -> None:
    ask(Phone(london))
    code = six(sent(london)[0])
    phones = [Phone(london) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda phone: type_code(phone, code).status_code, phones))
    assert answers.count(303) == 1
    assert len(people(london)) == 1
    with london.session() as session:
        assert session.scalar(select(func.count()).select_from(PersonSession)) == 1


def test_eight_guessers_at_once_have_one_budget(london: LocalNode) -> None:
    ask(Phone(london))
    code = wrong(six(sent(london)[0]))
    phones = [Phone(london) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda phone: type_code(phone, code).status_code, phones))
    assert sorted(answers) == [422] * 5 + [429] * 3
