"""Every form of the URL map says everything that cannot be kept at once, and loses nothing that was typed."""

import html
import re
from collections.abc import Iterator

import pytest

from node.chapter import runs
from node.models import Run

from ...support.forms_of_pages import PageForm, forms_of
from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words
from ..test_roles import address, routes

#: A text that is too long for any field, is in no language, and holds a way to reach somebody.
NONSENSE = "Ring 07700 900123 or sam@example.org \u0416\u0416\u0416. " * 60
#: Searches of a list. They refuse no words: they find nothing, and say so.
LISTS = ("/chapters", "/hq/chapters")
KNOWN = {"act": "suspend", "person_id": "1"}


@pytest.fixture
def chapter(federation: LocalFederation) -> LocalNode:
    return federation.add_chapter(LONDON)


@pytest.fixture
def run(chapter: LocalNode, federation: LocalFederation) -> Run:
    made = chapter.announce(a_run())
    federation.settle()
    return made


def pages(node: LocalNode, run: Run, chapter: LocalNode) -> Iterator[tuple[str, Phone]]:
    """Every page of the node that can be opened, with a client that may open it."""
    phone = Phone(node).sign_in()
    known = {**KNOWN, "chapter_id": chapter.chapter_id, "listing_id": run.id}
    for audience in ("public", "lead", "hq"):
        for rule, _ in routes(node.app, audience):
            if "GET" in (rule.methods or ()):
                yield address(rule, run, **known), phone
                if "<act>" in rule.rule:
                    yield address(rule, run, **known | {"act": "replaces"}), phone


def all_forms(nodes: list[LocalNode], run: Run, chapter: LocalNode) -> Iterator[tuple[str, Phone, PageForm]]:
    """Every form of these pages, with the address of its page."""
    for node in nodes:
        for path, phone in pages(node, run, chapter):
            for form in forms_of(page_at(phone, path)):
                yield path, phone, form


def page_at(phone: Phone, path: str) -> str:
    """The text of an element. It is empty for a picture."""
    answer = phone.get(path, follow_redirects=True)
    return answer.text if answer.mimetype == "text/html" else ""


def title(page: str) -> str:
    return html.unescape(page.partition("<title>")[2].partition("</title>")[0])


def test_every_form_that_is_typed_into_says_what_is_wrong_and_keeps_the_words(
    federation: LocalFederation, chapter: LocalNode, run: Run, gazetteer: None
) -> None:
    met = set()
    for path, phone, form in all_forms([chapter, federation.hq], run, chapter):
        if not form.typed:
            continue
        where = f"{path}: {form.method} {form.action}"
        to = (form.action or path).partition("#")[0]
        sent_fields = form.filled(NONSENSE)
        if form.method == "GET":
            answer = phone.get(to, query_string=sent_fields, follow_redirects=True)
        else:
            answer = phone.post(to, data=sent_fields)
        met.add(to)
        assert answer.status_code == (200 if form.method == "GET" else 422), where
        page = html.unescape(answer.text)
        for name in form.typed:
            sent = re.search(rf'(?:name="{name}"[^>]*value="|<textarea[^>]*name="{name}"[^>]*>\s*)([^"<]*)', page)
            assert sent, (where, name)
            assert sent[1].strip()[:9] == NONSENSE[:9], (where, name)
        if to in LISTS:
            continue
        assert title(page).startswith("Error: "), where
        summary = page.partition('id="problems"')[2]
        assert re.match(r'[^>]*tabindex="-1"[^>]*autofocus', summary), where
        _leads_to_the_fields(page, where)
    assert len(met) > 12, met


def _leads_to_the_fields(page: str, where: str) -> None:
    """Each problem of the summary is a link to what it is about, in the order of the page."""
    summary, _, rest = page.partition('id="problems"')[2].partition("</ul>")
    links = re.findall(r'href="#([^"]+)"', summary)
    assert links, where
    places = [rest.find(f'id="{link}"') for link in links]
    assert -1 not in places, (where, links, places)
    assert places == sorted(places), (where, links)


def test_no_browser_stops_a_form_with_words_of_its_own(
    federation: LocalFederation, chapter: LocalNode, run: Run
) -> None:
    seen = 0
    for path, _, form in all_forms([chapter, federation.hq], run, chapter):
        assert not (form.typed and form.is_checked_here), path
        seen += 1
    assert seen > 20


def test_every_form_names_its_own_address(federation: LocalFederation, chapter: LocalNode, run: Run) -> None:
    """Without an action, a form goes to the page's address with its fragment, and an error opens below its words."""
    for path, _, form in all_forms([chapter, federation.hq], run, chapter):
        assert form.action, path
        assert form.method == "GET" or "#" not in form.action, path


def test_a_page_without_an_error_has_none_in_its_title(chapter: LocalNode, run: Run) -> None:
    for path, phone in pages(chapter, run, chapter):
        page = page_at(phone, path)
        assert not title(page).startswith("Error"), path
        assert "autofocus" not in page, path


WRONG = {"starts_on": "2026-06-04", "until": "2026-05-01", "name": "", "starts_at": "18:30"}


def test_an_end_before_the_beginning_is_said_with_everything_else(chapter: LocalNode, run: Run) -> None:
    page = words(Phone(chapter).sign_in().post("/lead/runs/new", data=WRONG))
    assert "Please fill this in." in page
    assert "This has to be later than the first day." in page


def test_a_pause_that_cannot_be_is_said_with_everything_else(chapter: LocalNode, run: Run) -> None:
    typed = {"since": "2026-06-10", "back_on": "2026-06-09", "note": "Ring 07700 900123"}
    page = words(Phone(chapter).sign_in().post("/lead/pause", data=typed))
    assert "looks like a phone number" in page
    assert "This has to be later than the first day." in page


def test_a_date_that_cannot_be_moved_there_is_said_with_everything_else(chapter: LocalNode, run: Run) -> None:
    typed = {"starts_on": "2026-09-10", "starts_at": "18:30", "point": "51.5, 0", "point_name": "", "note": "x" * 301}
    page = words(Phone(chapter).sign_in().post(f"/lead/runs/{run.id}/dates/2026-06-04/move", data=typed))
    for say in ("within two weeks of the original date", "Please fill this in.", "up to 300 characters"):
        assert say in page


@pytest.mark.parametrize("answer", ["", "perhaps", "YES"])
def test_a_yes_or_no_that_is_neither_is_asked_again(chapter: LocalNode, run: Run, answer: str) -> None:
    response = Phone(chapter).sign_in().post("/lead/me", data={"public_name": answer})
    assert response.status_code == 422
    assert title(response.text).startswith("Error: ")


def test_days_are_chosen_before_they_are_given_and_that_is_no_error(chapter: LocalNode, run: Run) -> None:
    response = Phone(chapter).get("/runs?when=days&from=&to=", follow_redirects=True)
    assert response.status_code == 200
    assert "Enter a date" not in words(response)
    assert not title(response.text).startswith("Error")
    assert re.search(r"<details[^>]* open>\s*<summary>[^<]*dates", response.text), "the days can be typed at once"


def test_a_day_of_a_search_that_is_none_is_said_where_the_page_opens(chapter: LocalNode, run: Run) -> None:
    page = Phone(chapter).get("/runs?from=soon&to=later&within=near").text
    assert title(page).startswith("Error: ")
    assert 'id="found"' not in page, "the address ends in #found: the page would open below what is wrong"


def test_a_browser_knows_every_limit_of_a_form(chapter: LocalNode, run: Run) -> None:
    page = Phone(chapter).sign_in().get(f"/lead/runs/{run.id}/edit").text
    found = re.findall(r'<(?:input|textarea)[^>]* maxlength="(\d+)"[^>]* name="(\w+)"', page)
    assert {name: int(most) for most, name in found} == runs.LIMITS
    assert re.search(r'<input[^>]* max="600" min="5" name="duration_minutes"', page)
