"""Every page of the URL map in each of its situations: open to everybody, valid, small, and asking nobody else."""

import faulthandler
import functools
import re
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .pages.looks import moves
from .pages.table import ERRORS, FILES, FORMS, HQS, LEADS, PARTS, PLAIN, PUBLIC, all_looks
from .pages.validator import complaints
from .pages.walk import Seen, Walk, examine
from .pages.world import world
from .support.browser import chromium
from .support.network import LocalFederation, LocalNode, a_run
from .support.pa11y import pa11y
from .support.web_client import Phone
from .web.test_roles import address
from .web.words.readability import grade, sentences_of, table

pytestmark = pytest.mark.browser

STATIC = Path(__file__).parents[1] / "web" / "static"
#: A first visit over the wire, with its headers.
MAX_BYTES = 60_000
#: SMOG, in years at school. HQ's and the leads' pages are for people who read them every week.
MAX_GRADE = 9
#: SMOG was made with samples of 30 sentences.
SAMPLE = 30
#: Seconds.
_LONGEST_LOOK = 300


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> dict[str, Seen]:
    """Every page, looked at once: each test below says one thing of all of them.

    pa11y takes a second for a page, and has no rule of states: it looks at each public page once.
    """
    found, judged = {}, set(PLAIN.values())
    with world(tmp_path_factory.mktemp("pages")) as made, chromium() as browser, ExitStack() as closing:
        walk, judge = Walk(made, browser, closing), closing.enter_context(pa11y())
        for name, look in all_looks().items():
            # 400 looks may take longer than one test may; the time that pytest gives a test is each look's here.
            faulthandler.dump_traceback_later(_LONGEST_LOOK, exit=True, file=sys.__stderr__)
            with walk.at(look) as (opened, noted):
                examine(opened, noted)
                if look in judged:
                    noted.violations += judge(noted.url)
            found[name] = noted
    return found


def rules(node: LocalNode, method: str) -> set[str]:
    """The rules that answer to `method`, but for what other nodes ask."""
    audiences = node.app.config["AUDIENCES"] | {"": "static"}
    found = node.app.url_map.iter_rules()
    return {
        rule.rule
        for rule in found
        if method in (rule.methods or ()) and audiences[rule.endpoint.rpartition(".")[0]] != "node"
    } - {"/static/<path:filename>"}


def test_every_page_of_the_url_map_is_looked_at(london: LocalNode, federation: LocalFederation) -> None:
    listed = PUBLIC.keys() | LEADS.keys() | HQS.keys() | PARTS.keys() | FILES
    assert rules(london, "GET") | rules(federation.hq, "GET") == listed


def test_every_form_of_the_url_map_is_looked_at(london: LocalNode, federation: LocalFederation) -> None:
    assert rules(london, "POST") | rules(federation.hq, "POST") == FORMS.keys()


def test_a_form_that_no_look_was_taken_at_sends_the_browser_on(london: LocalNode, federation: LocalFederation) -> None:
    for node in (london, federation.hq):
        forms = {rule.rule: rule for rule in node.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
        for rule in [name for name, looks in FORMS.items() if not looks and name in forms]:
            run = london.announce(a_run())
            assert Phone(node).sign_in().post(address(forms[rule], run)).status_code == 303, rule


def test_every_kind_of_error_page_is_looked_at() -> None:
    named = {path.stem for path in (STATIC.parent / "templates" / "errors").glob("*.html")} - {"page"}
    elsewhere = {"410", "422", "expired", "unlisted"}
    assert named - elsewhere == {
        look.situation
        for look in ERRORS
        if (look.node in ("brisbane", "untouched") or look.is_lead) and look not in moves.ERRORS[1:]
    }


def test_each_answers_as_it_should(seen: dict[str, Seen]) -> None:
    assert [(name, one.status) for name, one in seen.items() if one.status != one.look.status] == []


def test_none_breaks_a_rule_of_wcag_that_a_machine_can_check(seen: dict[str, Seen]) -> None:
    assert [f"{name}: {said}" for name, one in seen.items() for said in one.violations] == []


def test_none_scrolls_sideways_on_the_narrowest_phone(seen: dict[str, Seen]) -> None:
    assert [(name, one.width) for name, one in seen.items() if one.width > 320] == []


def test_nothing_stands_past_its_column_on_a_phone(seen: dict[str, Seen]) -> None:
    assert [f"{name}: {said}" for name, one in seen.items() for said in one.past] == []


def test_a_thumb_hits_what_it_means(seen: dict[str, Seen]) -> None:
    assert [f"{name}: {said}" for name, one in seen.items() for said in one.small] == []


def test_each_has_a_language_a_title_one_heading_and_a_way_to_the_help_lines(seen: dict[str, Seen]) -> None:
    for name, one in seen.items():
        whole = one.whole
        assert whole["language"] == ("en-US" if one.look.headers == {"Accept-Language": "en-US"} else "en-GB"), name
        assert whole["title"], name
        assert len(whole["headings"]) == 1, name
        assert all(whole["headings"]), name
        assert whole["help"], name


def test_none_has_our_own_words_for_things_but_hqs(seen: dict[str, Seen]) -> None:
    ours = re.compile(r"\b(?:nodes?|listings?|documents?|registry)\b", re.IGNORECASE)
    said = {name: ours.findall(_words(one)) for name, one in seen.items() if "/hq" not in name}
    assert {name: words for name, words in said.items() if words} == {}


def _words(one: Seen) -> str:
    """What a page says, without the commands that it shows: those are typed, not read."""
    words, commands = one.whole["words"], one.whole["commands"]
    assert isinstance(words, str)
    assert isinstance(commands, list)
    longest_first = sorted(commands, key=len, reverse=True)
    return functools.reduce(lambda left, command: left.replace(command, ""), longest_first, words)


@pytest.fixture(scope="module")
def sentences(seen: dict[str, Seen]) -> dict[str, list[str]]:
    """The sentences of each public page, in all its situations, each once; "errors" are one page."""
    rules = {look: rule for rule, looks in PUBLIC.items() for look in looks} | dict.fromkeys(ERRORS, "errors")
    found: dict[str, dict[str, None]] = {}
    for one in seen.values():
        if (rule := rules.get(one.look)) and not (one.look.is_lead or one.look.role):
            found.setdefault(rule, {}).update(dict.fromkeys(sentences_of(one.html)))
    return {rule: list(said) for rule, said in found.items()}


def test_whoever_has_nine_years_of_school_can_read_every_public_page(sentences: dict[str, list[str]]) -> None:
    print(table(sentences))
    assert {rule: grade(said) for rule, said in sentences.items() if grade(said) > MAX_GRADE} == {}


def test_the_short_pages_are_easy_to_read_as_one_sample_too(sentences: dict[str, list[str]]) -> None:
    short = {one: None for said in sentences.values() if len(said) < SAMPLE for one in said}
    assert len(short) >= SAMPLE
    assert grade(short) <= MAX_GRADE


def test_the_browser_has_nothing_to_say_against_any(seen: dict[str, Seen]) -> None:
    assert [f"{name}: {said}" for name, one in seen.items() for said in one.said] == []


def test_none_asks_anybody_else(seen: dict[str, Seen]) -> None:
    asked = {(urlsplit(url).netloc, urlsplit(one.url).netloc, name) for name, one in seen.items() for url in one.sizes}
    assert [name for host, own, name in asked if host != own] == []


def test_none_sets_a_cookie_for_who_only_reads(seen: dict[str, Seen]) -> None:
    assert [name for name, one in seen.items() if one.cookies and not (one.look.is_lead or one.look.role)] == []


def test_a_first_visit_to_any_is_small(seen: dict[str, Seen]) -> None:
    for name, one in seen.items():
        style = [size for url, size in one.sizes.items() if "/site.css" in url]
        assert len(style) == 1, name
        assert style[0] > 1000, f"{name}: its style sheet was kept from another page, so that this was no first visit"
        assert sum(one.sizes.values()) < MAX_BYTES, name


def test_all_of_it_is_valid(seen: dict[str, Seen], tmp_path: Path) -> None:
    pages = {f"{name}.html": one.html for name, one in seen.items()}
    files = {path.name: path.read_text() for path in STATIC.iterdir() if path.suffix in (".css", ".svg")}
    assert complaints(pages | files, tmp_path) == []


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = {
        "page.html": '<!doctype html><html lang="en"><title>x</title><p><img src="x"></p></html>',
        "style.css": "a { colour: red }",
        "mark.svg": '<svg xmlns="http://www.w3.org/2000/svg"><circel r="1"/></svg>',
    }
    found = complaints(wrong, tmp_path)
    assert {words.partition(",")[0] for words in found} == wrong.keys()
