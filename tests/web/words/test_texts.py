"""On every page, text that people wrote is tidy, and isolated from the text around it."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from node.chapter import dates, pauses
from node.chapter import runs as runs_
from node.chapter.profile import ProfileInput
from node.hq import people
from node.hq.history import COMMAND_LINE
from node.members import sign_in
from web.words.texts import bdi, isolated

from ...support.network import Clock, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone

TEMPLATES = Path(__file__).parents[3] / "web" / "templates"
THURSDAY = date(2026, 6, 4)
#: A mark in every text of the tests. It runs from right to left, and has a tower of marks and an invisible letter.
MARK = "גשר"
TYPED = f"{MARK}\u0301\u0301\u0301\u0301\u0301\u0301 5\u200b"
SHOWN = f"{MARK}\u0301\u0301\u0301\u0301 5"
CHAPTER = ProfileInput(TYPED, TYPED, "IL", "Asia/Jerusalem", f"{TYPED}\n\n\n\n{TYPED}")
#: Elements that a browser isolates by itself. An option is a box of its own. A data block is shown nowhere.
_ISOLATING = ("bdi", "option", "script")
_VOID = {"meta", "link", "input", "br", "img"}


class Texts(HTMLParser):
    """Each text of a page that has MARK, and whether something isolates it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []
        self.found: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        alone = tag in _ISOLATING or named.get("dir") == "auto"
        for name, value in attrs:
            if value and MARK in value and name not in ("href", "action"):
                self.found.append((f"{tag} {name}: {value}", alone or _stands_apart(value)))
        if tag not in _VOID:
            self._open.append((tag, alone))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if MARK in data:
            self.found.append((data.strip(), any(alone for _, alone in self._open) or _stands_apart(data)))


def _stands_apart(text: str) -> bool:
    return MARK not in re.sub("\u2068[^\u2069]*\u2069", "", text)


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[LocalFederation]:
    made = LocalFederation(tmp_path, Clock())
    yield made
    made.close()


@pytest.fixture
def bridge(federation: LocalFederation) -> LocalNode:
    """A chapter whose every text has MARK: a run that is cancelled, moved and confirmed, one that pauses, one that is
    withdrawn.
    """
    node = federation.add_chapter(CHAPTER)
    texts = dict.fromkeys(("name", "point_name", "address", "directions", "look_for", "bring"), TYPED)
    texts |= dict.fromkeys(("what_happens", "accessibility"), f"{TYPED}\n{TYPED}")
    run, pausing = (node.announce(a_run(**texts, facilities=("water",))) for _ in range(2))
    with node.session() as session:
        dates.cancel(session, node.settings, run.id, THURSDAY, "weather", TYPED, node.clock())
        dates.confirm(session, node.settings, run.id, THURSDAY + timedelta(days=7), node.clock())
        pauses.pause(session, node.settings, pausing.id, THURSDAY, None, TYPED, node.clock())
    federation.settle()
    return node


def pages_of(node: LocalNode, phone: Phone, chapter: str, runs: list[str]) -> dict[str, str]:
    own = ["/lead", "/lead/profile", "/lead/runs/new", "/me/phones", "/lead/me", "/lead/pause"]
    for run in runs:
        own += [f"/lead/runs/{run}/{verb}" for verb in ("edit", "pause", "withdraw")]
        own += [f"/lead/runs/{run}/dates/2026-06-18/{verb}" for verb in ("cancel", "move")]
    public = ["/", "/runs", f"/runs?near={TYPED}", f"/chapters?text={TYPED}", "/chapters", f"/chapters/{chapter}"]
    public += [f"/runs/{chapter}/{run}" for run in runs] + [f"/runs/{chapter}/aaaaaaaa", "/privacy", "/help"]
    answers = {path: phone.get(path) for path in (public if node.settings.is_hq else public + own)}
    assert {path: one.status_code for path, one in answers.items() if one.status_code not in (200, 410)} == {}
    return {path: one.text for path, one in answers.items()}


def astray(pages: dict[str, str]) -> list[tuple[str, str]]:
    """(path, text) of each text that nothing isolates."""
    return [(path, text) for path, page in pages.items() for text, alone in Texts(page).found if not alone]


def test_every_text_of_a_lead_stands_apart_on_every_page_of_readers_and_leads(bridge: LocalNode) -> None:
    phone = Phone(bridge).sign_in(TYPED)
    with bridge.session() as session:
        runs = [run.id for run in runs_.all_runs(session)]
    pages = pages_of(bridge, phone, bridge.chapter_id, runs)
    assert sum(len(Texts(page).found) for page in pages.values()) > 100
    assert astray(pages) == []


def test_every_text_of_a_peer_stands_apart_on_hqs_pages(federation: LocalFederation, bridge: LocalNode) -> None:
    with federation.hq.session() as session:
        person = people.add(session, TYPED, COMMAND_LINE, federation.clock())
        token = sign_in.make_link(session, person.id, federation.clock())
    phone = Phone(federation.hq)
    assert phone.post(f"/signin/{token}").status_code == 303
    with bridge.session() as session:
        runs = [run.id for run in runs_.all_runs(session)]
    pages = pages_of(federation.hq, phone, bridge.chapter_id, runs)
    for path in ("", "/chapters", f"/chapters/{bridge.chapter_id}", "/people", "/history", "/invitations", "/phones"):
        pages[f"/hq{path}"] = phone.get(f"/hq{path}").text
    pages["ask"] = phone.get(f"/hq/chapters/{bridge.chapter_id}/pause").text
    assert sum(len(Texts(page).found) for page in pages.values()) > 50
    assert astray(pages) == []


def test_towers_line_feeds_and_what_nobody_sees_are_on_no_page(bridge: LocalNode) -> None:
    for path in ("/", "/runs", f"/chapters/{bridge.chapter_id}"):
        page = Phone(bridge).get(path).text
        assert SHOWN in page
        assert "\u0301" * 5 not in page
        assert "\u200b" not in page
    about = re.search(
        r'<p class="own" dir="auto">([^<]*)</p>', Phone(bridge).get(f"/chapters/{bridge.chapter_id}").text
    )
    assert about
    assert about[1].count(MARK) == 2
    assert "\n\n" in about[1]
    assert "\n\n\n" not in about[1]


def test_what_runs_from_left_to_right_needs_no_element_of_its_own(bridge: LocalNode) -> None:
    with bridge.app.test_request_context(base_url=bridge.settings.base_url):
        assert bdi("London & Läufer") == "London &amp; Läufer"
        assert bdi("<b>גשר") == "<bdi>&lt;b&gt;גשר</bdi>"
        assert isolated("גשר 5") == "\u2068גשר 5\u2069"
        assert bdi(None) == ""


#: Attributes by which templates reach what people wrote.
_WRITTEN = (
    *("name", "place", "note", "about", "address", "directions", "look_for", "bring", "what_happens"),
    *("accessibility", "lead_first_name", "first_name", "point_name", "reason", "chapter_name", "pause_note", "device"),
)
_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_BARE = re.compile(rf"\b[a-z_]+(?:\.[a-z_]+)*\.(?:{'|'.join(_WRITTEN)})\b(?!\s*[|(=!.])")
_FILTERED = re.compile(r"\|\s*(?:bdi|isolated|paragraphs|urlencode)")


def bare_expressions(template: str) -> list[str]:
    """The expressions of a template that show a person's words without a filter of web.words.texts."""
    found = []
    for expression in _EXPRESSION.findall(re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)):
        if _BARE.search(expression) and not _FILTERED.search(expression):
            found.append(expression.strip())
    return found


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_gives_out_a_persons_words_as_they_are(path: Path) -> None:
    # Texts of this program, functions that isolate their text, and texts inside an input.
    known = (
        "reason_words(",
        "form.",
        "field.name",
        "_(one.",
        "runs_near(",
        "heard",
        "checking.line(",
        "typed.near or",
        "namesake_words(",
        "_(listener.name)",
        "_(here.",
        "marks.note",
        "check_title(",
        "check_words(",
        "copy.path.name",
    )
    assert [one for one in bare_expressions(path.read_text()) if not any(each in one for each in known)] == []
