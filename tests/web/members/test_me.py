"""Somebody's own account: name, address, another phone, codes on paper, all that is kept, and its end."""

import json
import re
import secrets
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update

from node.database import writing
from node.mail import closed
from node.members import coming
from node.members.accounts import codes as accounts
from node.members.coming import Given
from node.models import Coming, Consent, Letter, Person, RecoveryCode, Run, SignInCode, SignInLink
from web import language

from ...support.forms_of_pages import forms_of
from ...support.full_disk import full_disk
from ...support.members.letters import sent, text_of
from ...support.network import LocalNode
from ...support.taps import THURSDAY
from ...support.web_client import Phone, words

SAM = "sam@example.org"


def add_address(phone: Phone, email: str = SAM) -> None:
    phone.post("/me/email", data={"email": email, "form_id": str(phone.node.clock())})
    code = re.search(r"\b\d{6}\b", text_of(sent(phone.node)[-1]))
    assert code
    assert phone.post("/me/email/code", data={"email": email, "code": code[0]}).status_code == 303


def person(phone: Phone) -> Person:
    with phone.node.session() as session:
        return session.get_one(Person, phone.lead.id)


def test_an_address_counts_only_once_its_code_is_typed(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    phone.post("/me/email", data={"email": SAM, "form_id": "a"})
    assert person(phone).email is None
    letter = sent(london)[0]
    assert letter["To"] == SAM
    assert "/signin/" not in text_of(letter)
    add_address(phone)
    assert SAM in words(phone.get("/me"))


def test_a_lead_with_an_address_signs_in_by_mail(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    add_address(phone)
    other = Phone(london)
    other.post("/signin/mail", data={"email": SAM, "form_id": "b"})
    code = re.search(r"\b\d{6}\b", text_of(sent(london)[0]))
    assert code
    response = other.post("/signin/code", data={"email": SAM, "code": code[0]})
    assert response.headers["Location"] == "/lead?done=signed-in"


def test_the_code_of_an_added_address_signs_nobody_in(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    phone.post("/me/email", data={"email": SAM, "form_id": "a"})
    code = re.search(r"\b\d{6}\b", text_of(sent(london)[0]))
    assert code
    assert Phone(london).post("/signin/code", data={"email": SAM, "code": code[0]}).status_code == 422
    with london.session() as session:
        token = accounts.link_token(london.settings, session.scalars(select(SignInCode.id)).one())
    assert Phone(london).get(f"/signin/mail/{token}").status_code == 410
    assert Phone(london).post(f"/signin/mail/{token}").status_code == 410


def test_nobody_takes_the_code_of_somebody_else(london: LocalNode) -> None:
    sam, kim = Phone(london).sign_in("Sam"), Phone(london).sign_in("Kim")
    sam.post("/me/email", data={"email": SAM, "form_id": "a"})
    code = re.search(r"\b\d{6}\b", text_of(sent(london)[0]))
    assert code
    assert kim.post("/me/email/code", data={"email": SAM, "code": code[0]}).status_code == 422
    assert person(kim).email is None


def test_an_address_is_of_one_account(london: LocalNode) -> None:
    sam, kim = Phone(london).sign_in("Sam"), Phone(london).sign_in("Kim")
    add_address(sam)
    london.clock.tick(days=1)
    kim.post("/me/email", data={"email": SAM, "form_id": "b"})
    code = re.search(r"\b\d{6}\b", text_of(sent(london)[-1]))
    assert code
    response = kim.post("/me/email/code", data={"email": SAM, "code": code[0]})
    assert response.status_code == 422
    assert "Another account here already has that address" in words(response)
    assert person(kim).email is None


def test_somebody_who_is_signed_in_floods_no_address_either(london: LocalNode) -> None:
    phone, letters = Phone(london).sign_in(), 0
    for _ in range(8):
        assert phone.post("/me/email", data={"email": SAM, "form_id": str(london.clock())}).status_code == 200
        letters += len(sent(london))
        london.clock.tick(minutes=20)
    assert letters == 2


def test_the_yes_to_letters_is_kept_and_taken_back_with_the_address(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    add_address(phone)
    page = words(phone.get("/me"))
    assert "Emails to my address" in page
    with london.session() as session:
        assert session.scalars(select(Consent.wording)).one() in page
    response = phone.post("/me/email/remove", follow_redirects=True)
    assert SAM not in response.text
    assert "taken back" in words(response)
    assert person(phone).email is None


def test_another_phone_is_added_by_a_code_that_works_once(london: LocalNode) -> None:
    phone = Phone(london).sign_in(role="member")
    page = phone.post("/me/phones/add")
    assert "data:image/svg+xml" in page.text
    found = re.search(r"/signin/[\w-]+(?=</textarea>)", page.text)
    assert found
    other = Phone(london)
    assert other.post(found[0]).headers["Location"] == "/me?done=signed-in"
    assert Phone(london).post(found[0]).status_code == 410
    with london.session() as session:
        assert session.scalars(select(SignInLink)).all() == []


def codes(page: str) -> list[str]:
    return re.findall(r"<code>([a-z2-9-]{14})</code>", page)


def test_each_code_on_paper_signs_in_once(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    made = codes(phone.post("/me/paper").text)
    assert len(set(made)) == 8
    typed = made[0].upper().replace("-", " ")
    assert Phone(london).post("/signin/paper", data={"code": typed}).headers["Location"] == "/lead?done=signed-in"
    again = Phone(london).post("/signin/paper", data={"code": made[0]})
    assert again.status_code == 422
    assert "Set-Cookie" not in again.headers
    assert Phone(london).post("/signin/paper", data={"code": made[1]}).status_code == 303


def test_new_codes_on_paper_make_the_former_ones_worthless(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    former = codes(phone.post("/me/paper").text)[0]
    phone.post("/me/paper")
    assert Phone(london).post("/signin/paper", data={"code": former}).status_code == 422


def test_codes_on_paper_are_nowhere_in_the_database(london: LocalNode) -> None:
    made = codes(Phone(london).sign_in().post("/me/paper").text)
    stored = london.settings.database.read_bytes() + london.settings.database.with_name("node.sqlite-wal").read_bytes()
    assert not [code for code in made if code.encode() in stored or code.replace("-", "").encode() in stored]


def test_a_member_may_be_called_nothing_and_a_lead_may_not(london: LocalNode) -> None:
    member, lead = Phone(london).sign_in(role="member"), Phone(london).sign_in()
    assert member.post("/me/name", data={"first_name": ""}).status_code == 303
    refused = lead.post("/me/name", data={"first_name": " "})
    assert refused.status_code == 422
    assert "Please fill this in" in words(refused)


def language_of(letter: EmailMessage) -> str:
    found = re.search(r'<html lang="([\w-]+)"', letter.get_body(("html",)).get_content())  # type: ignore[union-attr]
    return found[1] if found else ""


def chosen(phone: Phone) -> list[str]:
    """The language that the page shows as the one of letters."""
    return [form.chosen["language"] for form in forms_of(phone.get("/me").text) if form.action == "/me/language"]


@pytest.mark.parametrize("role", ["member", "lead"])
def test_letters_are_in_the_language_that_is_chosen_on_the_page(london: LocalNode, role: str) -> None:
    phone = Phone(london).sign_in(role=role)
    assert chosen(phone) == ["en_GB"]
    assert "Saved" in words(phone.post("/me/language", data={"language": "en_US"}, follow_redirects=True))
    assert chosen(phone) == ["en_US"]
    phone.post("/me/email", data={"email": SAM, "form_id": "a"}, headers={"Accept-Language": "en-GB"})
    assert language_of(sent(london)[-1]) == "en-US"
    assert json.loads(phone.get("/me/export").text)["account"]["language"] == "en_US"


def test_each_language_of_the_site_is_offered_by_its_own_name(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "LANGUAGES", {**language.LANGUAGES, "de": "Deutsch"})
    phone = Phone(london).sign_in(role="member")
    page = phone.get("/me").text
    assert 'value="de"> <span lang="de">Deutsch</span>' in page
    assert 'value="en_US"> <span lang="en-US">English (US)</span>' in page
    phone.post("/me/language", data={"language": "de"})
    assert chosen(phone) == ["de"]
    # Once the site has it no more, the letters are in the one that the page shows.
    monkeypatch.undo()
    assert chosen(phone) == ["en_GB"]
    add_address(phone)


def test_a_language_that_the_site_has_not_is_refused_and_changes_nothing(london: LocalNode) -> None:
    phone = Phone(london).sign_in(role="member")
    phone.post("/me/language", data={"language": "en_US"})
    for wrong in ("de", "en", "../../x", "9" * 5000):
        answer = phone.post("/me/language", data={"language": wrong})
        assert answer.status_code == 422
        assert "Language of our emails to you: Choose one from the list." in words(answer)
    assert person(phone).language == "en_US"


def test_a_button_of_a_saved_page_saves_its_own_form_and_no_language(london: LocalNode) -> None:
    old, phone = Phone(london).sign_in(role="member"), Phone(london)
    phone.post(f"/signin/{old.link(old.lead.id)}")
    name = next(form.chosen for form in forms_of(old.get("/me").text) if form.action == "/me/name")
    phone.post("/me/language", data={"language": "en_US"})
    assert old.post("/me/name", data={**name, "first_name": "Robin"}).status_code == 303
    assert chosen(old) == ["en_US"]


def cancel(node: LocalNode, run: Run) -> dict[str, str]:
    """The language of the letter about it, by the address of each who has said yes to letters."""
    with node.session() as session, writing(session):
        session.execute(update(Coming).values(email_confirmed_at=node.clock()))
    sent(node)
    path = f"/lead/runs/{run.id}/dates/{THURSDAY}/cancel"
    assert Phone(node).sign_in().post(path, data={"reason": "weather"}).status_code == 303
    return {letter["To"]: language_of(letter) for letter in sent(node)}


def test_the_chosen_language_is_that_of_letters_about_the_runs_kept_in_the_account(london: LocalNode, run: Run) -> None:
    phone, other = Phone(london).sign_in(role="member"), "robin@example.org"
    mine, _ = (say_coming(london, run, email=email, language="en_GB") for email in (SAM, other))
    phone.post("/me/coming", data={"link": mine.removeprefix("/c/")})
    phone.post("/me/language", data={"language": "en_US"})
    assert cancel(london, run) == {SAM: "en-US", other: "en-GB"}


def test_whoever_has_never_chosen_gets_letters_about_a_run_in_the_language_of_their_yes(
    london: LocalNode, run: Run
) -> None:
    phone, mine = Phone(london).sign_in(role="member"), say_coming(london, run, email=SAM, language="en_US")
    phone.post("/me/coming", data={"link": mine.removeprefix("/c/")})
    assert cancel(london, run) == {SAM: "en-US"}


def test_all_that_is_kept_comes_as_a_file(london: LocalNode) -> None:
    phone = Phone(london).sign_in("Sam")
    add_address(phone)
    response = phone.get("/me/export")
    found = json.loads(response.text)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Cache-Control"] == "no-store"
    assert found["account"]["email"] == SAM
    assert found["account"]["role"] == "lead"
    assert found["phones"][0]["phone"]
    assert found["agreed_to"][0]["to"] == "email"
    assert [one["kind"] for one in found["letters"]] == ["code"]


def test_erasing_asks_first_and_then_everything_is_gone(london: LocalNode) -> None:
    Phone(london).sign_in("Kim")
    phone = Phone(london).sign_in("Sam")
    add_address(phone)
    phone.post("/me/paper")
    assert "can’t be undone" in words(phone.get("/me/erase"))
    response = phone.post("/me/erase")
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert "Everything we kept about you is deleted" in words(phone.get(response.headers["Location"]))
    assert phone.get("/me").status_code == 303
    with london.session() as session:
        assert session.scalars(select(Person.first_name)).all() == ["Kim"]
        for table in (Consent, RecoveryCode, Coming):
            assert session.scalars(select(table)).all() == []
        assert session.scalars(select(Letter).where(Letter.person_id.is_not(None))).all() == []


def test_the_only_lead_reads_what_to_do_before_erasing(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    response = phone.post("/me/erase")
    assert response.status_code == 422
    assert "Make someone else a lead first" in words(response)
    assert phone.get("/lead").status_code == 200


def test_a_full_disk_erases_nothing_and_says_so(london: LocalNode) -> None:
    phone = Phone(london).sign_in(role="member")
    with full_disk(london):
        response = phone.post("/me/erase")
    assert response.status_code == 503
    assert "Nothing has been changed" in words(response)
    assert phone.get("/me").status_code == 200


@pytest.mark.parametrize(
    "path", ["/me/name", "/me/language", "/me/email", "/me/email/remove", "/me/paper", "/me/phones/add", "/me/erase"]
)
def test_another_sites_page_changes_nothing_in_an_account(london: LocalNode, path: str) -> None:
    phone = Phone(london).sign_in(role="member")
    assert phone.post(path, headers={"Origin": "https://evil.example"}).status_code == 403
    assert phone.get("/me").status_code == 200


def test_the_form_for_an_address_has_an_id_of_its_own(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    found = [re.search(r'name="form_id" type="hidden" value="([\w-]+)"', phone.get("/me").text) for _ in range(2)]
    assert len({one[1] for one in found if one}) == 2


def say_coming(node: LocalNode, run: Run, **given: str) -> str:
    """The path of a private link."""
    with node.session() as session:
        said = Given(**given), node.clock(), secrets.token_urlsafe(16)
        return f"/c/{coming.say(session, node.settings, run.id, THURSDAY, *said)}"


def test_a_private_link_is_kept_in_the_account_only_when_its_owner_taps_so(london: LocalNode, run: Run) -> None:
    phone, path = Phone(london).sign_in(role="member"), say_coming(london, run)
    assert path not in phone.get("/me").text
    assert "Keep it in my account" in words(phone.get(path))
    assert "Keep it in my account" not in words(Phone(london).get(path))
    phone.post("/me/coming", data={"link": path.removeprefix("/c/")})
    assert path in phone.get("/me").text
    assert "Keep it in my account" not in words(phone.get(path))


def test_nobody_takes_a_private_link_out_of_anothers_account(london: LocalNode, run: Run) -> None:
    sam, kim = Phone(london).sign_in("Sam", "member"), Phone(london).sign_in("Kim", "member")
    path = say_coming(london, run)
    for phone in (sam, kim):
        phone.post("/me/coming", data={"link": path.removeprefix("/c/")})
    assert path in sam.get("/me").text
    assert path not in kim.get("/me").text
    assert kim.post("/me/coming", data={"link": "nothing"}).status_code == 404


def test_erasing_the_account_erases_what_is_kept_in_it_and_nothing_of_others(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in(role="member")
    mine, other = say_coming(london, run), say_coming(london, run)
    phone.post("/me/coming", data={"link": mine.removeprefix("/c/")})
    phone.post("/me/erase")
    assert Phone(london).get(mine).status_code == 404
    assert Phone(london).get(other).status_code == 200


def test_all_that_is_kept_comes_as_a_file_from_the_private_link_as_well(london: LocalNode, run: Run) -> None:
    path = say_coming(london, run, name="Robin", message="I am slow", emergency="Kim 07700 900123", email=SAM)
    response = Phone(london).get(f"{path}/export")
    found = json.loads(response.text)
    said = {"name": "Robin", "message": "I am slow", "emergency": "Kim 07700 900123", "email": SAM}
    assert said.items() <= found.items()
    assert found["run"] == run.name
    assert response.headers["Cache-Control"] == "no-store"
    assert Phone(london).get("/c/nothing/export").status_code == 404


@pytest.mark.parametrize(("why", "says"), [("stopped", "were stopped"), ("bounced", "bounce")])
@pytest.mark.parametrize("role", ["member", "lead"])
def test_the_page_says_that_letters_do_not_arrive_and_the_button_lets_them(
    london: LocalNode, role: str, why: closed.Why, says: str
) -> None:
    phone = Phone(london).sign_in(role=role)
    add_address(phone)
    index = closed.index_of(london.settings, SAM)
    assert "Send me emails again" not in words(phone.get("/me"))
    with london.handle.writing() as transaction:
        closed.close(transaction, index, why, london.clock())
    page = words(phone.get("/me"))
    assert f"Emails to your address {says}" in page
    assert ("ask you when a lead is missing" in page) == (role == "lead")
    answer = phone.post("/me/letters", follow_redirects=True)
    assert "Send me emails again" not in words(answer)
    with london.session() as session:
        assert closed.why(session, index) is None


def test_who_has_no_address_starts_no_letters(london: LocalNode) -> None:
    assert Phone(london).sign_in(role="member").post("/me/letters").status_code == 303
