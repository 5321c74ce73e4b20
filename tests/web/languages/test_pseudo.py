"""No word of ours is hard-wired: in a language made of all our texts, whatever we write is in that language.

The language from the right shows more: whatever people wrote stands in isolates on its pages, and the rest is ours.
"""

import html
import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from node.database import Base
from web.letters import KINDS, posting

from ...pages.look import Look
from ...pages.table import all_looks
from ...pages.world import World, world
from ...support.network import LocalNode
from ...support.web_client import Phone
from .pseudo import LEFT, RIGHT, offer
from .reading import stray, words_in_no_catalogue
from .test_catalogues import texts

READS = {"Accept-Language": RIGHT}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("pseudo")) as found, pytest.MonkeyPatch.context() as patched:
        offer(patched, texts())
        yield found


def test_no_reader_is_offered_such_a_language(london: LocalNode) -> None:
    page = Phone(london).get("/", headers={"Accept-Language": f"{LEFT},{RIGHT}"}).text
    assert '<html lang="en-GB" dir="ltr">' in page
    assert Phone(london).get(f"/{LEFT}/").status_code == 404


def test_no_page_has_a_word_of_ours_that_is_in_no_catalogue(made: World) -> None:
    wrong, phones, number = {}, {}, 0  # type: ignore[var-annotated]
    for name, look in all_looks().items():
        # The page of a chapter that has closed was written once, before these languages were offered.
        if look.node == "closed":
            continue
        answer = _open(made, look, phones)
        if answer.mimetype != "text/html":
            continue
        number += 1
        assert f'<html lang="{RIGHT}" dir="rtl">' in answer.text, name
        if found := words_in_no_catalogue(answer.text):
            wrong[name] = found
    assert number > 300
    assert wrong == {}


def test_a_language_from_the_left_says_so_and_an_address_in_it_keeps_to_it(made: World) -> None:
    made.go_to("now")
    page = Phone(made.nodes["london"]).get(f"/{LEFT}/help").text
    assert f'<html lang="{LEFT}" dir="ltr">' in page
    assert f'href="/{LEFT}/runs"' in page
    assert "⟦" in page


@pytest.mark.parametrize("kind", KINDS)
def test_no_letter_has_such_a_word(made: World, kind: str) -> None:
    made.go_to("now")
    app = made.nodes["london"].app
    with app.test_request_context("/", headers=READS):
        written = KINDS[kind].sample()
        bodies = posting.bodies_of(written, posting.sample_stop_address(kind))
    assert f'<html lang="{RIGHT}" dir="rtl">' in bodies.html
    assert stray(written.subject) == []
    assert stray(bodies.text) == []


@pytest.mark.parametrize("run", ["quiet", "confirmed", "cancelled", "moved", "paused", "everything"])
def test_no_calendar_and_no_block_of_facts_has_such_a_word(made: World, run: str) -> None:
    made.go_to("now")
    phone, page = Phone(made.nodes["london"]), f"/runs/{made.names['london']}/{made.names[run]}"
    calendar = re.sub(r"\r\n[ \t]", "", phone.get(f"{page}/calendar.ics", headers=READS).get_data(as_text=True))
    said = re.findall(r"^(?:SUMMARY|DESCRIPTION)(?:;[^:]*)?:(.*)$", calendar, re.MULTILINE)
    shown = phone.get(page, headers=READS).text
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown, re.DOTALL)
    said += [text for block in blocks for text in _texts(json.loads(block))]
    assert len(said) > 1
    assert _in_no_catalogue(made.nodes["london"], said) == []


def test_no_feed_has_such_a_word(made: World) -> None:
    made.go_to("now")
    feed = Phone(made.nodes["london"]).get(f"/chapters/{made.names['london']}/feed.atom", headers=READS).text
    said = re.findall(r"<(?:title|content)[^>]*>([^<]*)<", feed)
    assert f'xml:lang="{RIGHT}"' in feed
    assert len(said) > 10
    assert _in_no_catalogue(made.nodes["london"], said) == []


def _in_no_catalogue(node: LocalNode, said: list[str]) -> list[str]:
    """The same of what programs show, where no isolates mark off what people wrote."""
    with node.session() as session:
        rows = [row for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
    written = sorted({text for row in rows for value in row for text in _strings(value)}, key=len, reverse=True)
    plain = [html.unescape(one).replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";") for one in said]
    for text in written:
        plain = [one.replace(text, " ") for one in plain]
    return [found for one in plain for found in stray(one)]


def _strings(value: Any) -> Iterator[str]:
    """The texts in a cell of the database, line by line."""
    if isinstance(value, str) and value.startswith("{"):  # the place that a date was moved to
        value = json.loads(value)
    if isinstance(value, str):
        yield from (line for line in value.splitlines() if len(line) > 3)
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _texts(facts: Any) -> Iterator[str]:
    """What a search engine shows of a block of facts, and is ours."""
    for one in facts if isinstance(facts, list) else [facts]:
        yield one.get("description", "")


def _open(made: World, look: Look, phones: dict[tuple[str, str], Phone]) -> TestResponse:
    made.go_to(look.stage)
    made.make_links()
    role = look.role or ("lead" if look.is_lead else "")
    if (look.node, role) not in phones:
        phones[look.node, role] = Phone(made.nodes[look.node])
        if role:
            phones[look.node, role].post(made.way_in(look.node, role))
    phone, headers = phones[look.node, role], look.headers | READS
    with look.during(made) if look.during else nullcontext():
        path = look.path.format(**made.names)
        if look.is_forged:
            return phone.post(path, data={}, headers=headers | {"Origin": "https://evil.example"})
        if look.sent is not None:
            return phone.post(path, look.sent, headers=headers)
        answer = phone.get(path, headers=headers)
        # A browser follows where an address only leads on.
        return phone.get(answer.location, headers=headers) if answer.status_code == 303 else answer
