"""The page of letters: whether they go out, and what each says about made-up people."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from node import jobs, sealed_fields
from node.mail import closed, letters
from node.models import Person
from web import language
from web import letters as kinds
from web.letters import posting
from web.letters.written import Digits, Kind, Link, Rows, Words, Written, words_of

from ...support.members.letters import sent, text_of
from ...support.network import LONDON, Clock, LocalNode
from ...support.web_client import Phone, words

#: What a locked phone on a table must not show.
OF_HEALTH = re.compile(r"mental|health|depress|anxi|therap|wellbeing|crisis|suicid|lonel|support", re.IGNORECASE)
WRITTEN = Written(
    "Thursday at 18:30",
    (Words("See you & <b>Robin</b>."), Rows(("one", "two")), Link("Say otherwise", "https://london.example.org/c/x")),
)


@pytest.fixture
def hello(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kinds.KINDS, "hello", Kind(lambda _: WRITTEN, lambda: WRITTEN, "Goes to testers."))


def put(node: LocalNode, key: str, address: str = "robin@example.org") -> None:
    now = node.clock()
    with node.handle.writing() as transaction:
        letters.queue(transaction, node.settings, "hello", key, now, not_after=now + timedelta(days=2), address=address)


@pytest.mark.usefixtures("hello")
def test_the_page_lists_each_letter_with_its_occasion(london: LocalNode) -> None:
    page = Phone(london).sign_in().get("/lead/letters")
    assert "Thursday at 18:30" in words(page)
    assert "Goes to testers." in words(page)
    assert 'href="/lead/letters/hello"' in page.text


@pytest.mark.usefixtures("hello")
def test_a_preview_shows_the_letter_in_both_forms_and_no_link_that_stops_anything(london: LocalNode) -> None:
    page = Phone(london).sign_in().get("/lead/letters/hello")
    assert "See you &amp; &lt;b&gt;Robin&lt;/b&gt;." in page.text
    assert '<a class="button" href="https://london.example.org/c/x">Say otherwise</a>' in page.text
    assert "Say otherwise:\nhttps://london.example.org/c/x" in page.text
    assert "- one\n- two" in page.text
    assert "letters@localhost" in words(page)
    assert "%E2%80%A6" in page.text  # three dots in place of a token


def test_the_button_that_cancels_does_not_look_like_the_one_that_promises(london: LocalNode) -> None:
    page = Phone(london).sign_in().get("/lead/letters/alarm").text
    assert re.search(r'class="button" href="[^"]*">I’ll be there<', page)
    assert re.search(r'class="button quiet" href="[^"]*">Cancel this date<', page)


def test_a_kind_that_there_is_not_is_not_found(london: LocalNode) -> None:
    assert Phone(london).sign_in().get("/lead/letters/nonsense").status_code == 404


@pytest.mark.usefixtures("hello")
def test_the_page_counts_what_went_and_what_waits(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    assert "No emails were sent in the last 24 hours" in words(phone.get("/lead/letters"))
    put(london, "one")
    sent(london)
    put(london, "two")
    page = words(phone.get("/lead/letters"))
    assert "1 email was sent in the last 24 hours. The mail server takes 200" in page
    assert "1 email is waiting" in page


def test_a_site_without_mail_says_what_it_cannot_do(tmp_path, clock: Clock) -> None:
    node = LocalNode(tmp_path / "quiet", clock, 8101, mail="")
    node.found_chapter(LONDON)
    page = words(Phone(node).sign_in().get("/lead/letters"))
    assert "This site doesn’t send emails" in page
    assert "can’t tell people who are coming that a run is cancelled" in page
    node.close()


def test_a_lead_who_had_stopped_letters_starts_them_again(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    index = closed.index_of(london.settings, "sam@example.org")
    with london.handle.writing() as transaction:
        transaction.get_one(Person, phone.lead.id).email_index = index
        closed.close(transaction, index, "stopped", london.clock())
    assert "Emails to your address were stopped" in words(phone.get("/lead/letters"))
    assert phone.post("/me/letters").status_code == 303
    assert "Emails to your address were stopped" not in words(phone.get("/lead/letters"))


@pytest.mark.parametrize("kind", sorted(kinds.KINDS) or ["none"])
def test_each_kind_has_a_sample_that_a_lead_can_read(london: LocalNode, kind: str) -> None:
    if kind in kinds.KINDS:
        assert Phone(london).sign_in().get(f"/lead/letters/{kind}").status_code == 200


@pytest.mark.parametrize("kind", sorted(kinds.KINDS) or ["none"])
def test_no_subject_speaks_of_health(london: LocalNode, kind: str) -> None:
    if kind in kinds.KINDS:
        with london.app.test_request_context(base_url=london.settings.base_url):
            subject = kinds.KINDS[kind].sample().subject
        assert subject
        assert len(subject) <= 78
        assert not OF_HEALTH.search(subject)


def test_the_outbox_treats_no_kind_in_a_way_of_its_own_that_there_is_not() -> None:
    assert set(kinds.KINDS) >= letters.AWAITED | letters.PRESSING


@pytest.mark.usefixtures("hello")
def test_html_and_text_of_a_letter_say_the_same(london: LocalNode) -> None:
    put(london, "one")
    (letter,) = sent(london)
    html = letter.get_body(("html",)).get_content()
    for said in ("one", "two", "Say otherwise", "https://london.example.org/c/x", london.settings.base_url, "/help"):
        assert said in text_of(letter)
        assert said in html
    assert "See you & <b>Robin</b>." in text_of(letter)
    assert "See you &amp; &lt;b&gt;Robin&lt;/b&gt;." in html


@pytest.mark.usefixtures("hello")
def test_the_html_of_a_letter_fetches_nothing(london: LocalNode) -> None:
    put(london, "one")
    (letter,) = sent(london)
    html = letter.get_body(("html",)).get_content()
    assert not re.search(r"<(img|script|link|iframe|object|video|audio)|url\(|@import", html)


@pytest.mark.usefixtures("hello")
def test_a_subject_with_a_line_break_in_it_makes_no_header(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    forged = replace(WRITTEN, subject="Thursday\r\nBcc: everybody@example.org")
    monkeypatch.setitem(kinds.KINDS, "hello", Kind(lambda _: forged, lambda: forged, ""))
    put(london, "one")
    (letter,) = sent(london)
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Thursday Bcc: everybody@example.org"


@pytest.mark.usefixtures("hello")
def test_a_long_name_makes_no_subject_longer_than_a_mail_program_shows(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = replace(WRITTEN, subject=f"Is {'Llanfair' * 12} run still right?")
    monkeypatch.setitem(kinds.KINDS, "hello", Kind(lambda _: long, lambda: long, ""))
    put(london, "one")
    (letter,) = sent(london)
    assert letter["Subject"] == long.subject[:77] + "…"


@pytest.mark.usefixtures("hello")
def test_a_paragraph_that_says_nothing_is_left_out(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    sparse = replace(WRITTEN, blocks=(Words("Hello."), Words(""), Digits("012 345"), *words_of("One.\n\nTwo.\n")))
    monkeypatch.setitem(kinds.KINDS, "hello", Kind(lambda _: sparse, lambda: sparse, ""))
    put(london, "one")
    (letter,) = sent(london)
    assert text_of(letter).splitlines()[:8] == ["Hello.", "", "012 345", "", "One.", "", "Two.", ""]
    assert re.findall(r"<p[^>]*>(?:<code>)?(.*?)<", letter.get_body(("html",)).get_content())[:4] == [
        *("Hello.", "012 345", "One.", "Two.")
    ]


def test_the_last_day_of_an_invitation_is_that_of_the_sites_own_clock(london: LocalNode) -> None:
    london.clock.now = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    with london.app.test_request_context(base_url=london.settings.base_url):
        written = kinds.KINDS["invitation"].sample()
    last = written.blocks[-1]
    assert isinstance(last, Words)
    assert "until Tuesday 9\u00a0June" in last.text


@pytest.mark.usefixtures("hello")
def test_headers_are_folded_so_that_every_mail_program_reads_them(
    london: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = replace(WRITTEN, subject="Donnerstag 18:30 fällt aus: Übermut am Monument, wörter und noch méhr…")
    monkeypatch.setitem(kinds.KINDS, "hello", Kind(lambda _: long, lambda: long, ""))
    put(london, "one")
    jobs.mail(london.handle)
    (file,) = london.letters_folder(london.settings.data).iterdir()
    raw = file.read_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
    (letter,) = sent(london)
    assert f"List-Unsubscribe: {letter['List-Unsubscribe']}\r\n" in raw
    encoded = re.findall(r"=\?\S+\?=", raw)
    assert encoded
    assert all(len(word) <= 75 for word in encoded)
    assert letter["Subject"] == long.subject.strip()


@pytest.mark.parametrize("kind", ["invitation", "cancelled", "moved"])
def test_plain_text_has_spaces_as_people_type_them_and_html_keeps_a_date_on_one_line(
    london: LocalNode, kind: str
) -> None:
    with london.app.test_request_context(base_url=london.settings.base_url):
        written = kinds.KINDS[kind].sample()
        bodies = posting.bodies_of(written, "")
    assert re.search(r"[0-9] June", bodies.text)
    assert "\u00a0" not in bodies.text
    assert re.search(r"[0-9]\u00a0June", bodies.html)


@pytest.mark.usefixtures("hello")
def test_a_letter_is_in_its_readers_language(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "LANGUAGES", {"en_GB": "English", "de": "Deutsch"})
    lead = london.add_lead()
    key = sealed_fields.load(london.settings)
    with london.handle.writing() as transaction:
        person = transaction.get_one(Person, lead.id)
        person.email, person.email_confirmed_at = key.seal("person.email", lead.id, "sam@example.org"), london.clock()
        person.language = "de"
        later = london.clock() + timedelta(days=1)
        letters.queue(transaction, london.settings, "hello", "k", london.clock(), not_after=later, person_id=lead.id)
    (letter,) = sent(london)
    assert '<html lang="de" dir="ltr">' in letter.get_body(("html",)).get_content()
