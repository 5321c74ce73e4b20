"""Every route of both roles answers every input with words of its own, and never with a 500.

The names that a route reads are not listed here. During the tests the application's requests note each name that a view
asks for, so that a parameter that somebody adds tomorrow is tried, too.
"""

import base64
import json
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from federation.documents import ChapterDocument
from federation.payloads import read_document
from node.database import writing
from node.directory import listing_rows
from node.models import HeldDocument, RegistryChapter

from ..support.federation_makers import DAY, NOW, ChapterMaker, listing, point, said, schedule
from ..support.network import LONDON, PETERBOROUGH, Clock, LocalFederation, LocalNode, a_run
from ..support.web_client import Phone

_NOTED: set[str] = set()

#: Texts that readers of numbers, days, hours, places, codes and words get wrong.
_ONE_WORD = """
0 -0 -1 +1 1,5 1.5.5 1e308 -1e308 nan inf -inf 0x10 1_000 \u00b2 \uff11\uff12 \u0663 \u00bd
0001-01-01 9999-12-31 10000-01-01 -001-01-01 2026-06-04 2026-6-4 20260604 2026-W23-4 2026-02-30
2026-06-04T18:30 9999-12-31T23:59 00:00 24:00 23:59:60 18:30
London 90,180 -90,-180 91,181 51.5101,-0.0860 SW1A1AA 2134 90210 GB gb zz mi
Europe/London Pacific/Kiritimati Etc/GMT+12 ../../etc/passwd //evil.example
active paused suspended confirmed cancelled moved undone days week weekend once weekly monthly-last yes
% %s %(day)s {0} _ ' " * ^ - ( NEAR( \\
"""
_EXTREMES = (
    *_ONE_WORD.split(),
    *("9" * 19, "9" * 20, "9" * 5000, "x" * 70_000, "\n" * 3000, "", " ", "a AND", "a\r\nb"),
    *(
        "\x00",
        "a\x00b",
        "\uffff",
        "\u202e",
        "\u200b",
        "e\u0301" * 40,
        "\U0001f3c3" * 2000,
        "\u0130",
        "\u00df",
        "\ufb01",
    ),
    *("https://[", "http://[x", "https://x]/@51.5,-0.1", "geo:", "//[", "[::1", "51.5101° N, 0.0860° W"),
)


def _cursor(members: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")


_LEAVES = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.sampled_from(_EXTREMES), st.none(), st.booleans())
_CURSORS = st.one_of(st.lists(_LEAVES, max_size=8), st.dictionaries(st.text(max_size=3), _LEAVES, max_size=2)).map(
    _cursor
)
#: Seconds since 1970 at which the year 10000 begins.
_CALENDARS_END = 253_402_300_800
_FAR = (0, 1, 2**31, 2**37, 2**39, 2**40 - 1, 2**63, -1, _CALENDARS_END, _CALENDARS_END - 86_400)
#: Cursors of the search (node.search.cursor). Their members are the smallest and the largest.
_ENDS = tuple(
    _cursor([starts, metres, "", "", day])
    for starts in _FAR
    for metres in (0, 2**39)
    for day in ("0001-01-01", "2026-06-04", "9999-12-31")
)
_TEXTS = st.one_of(
    st.sampled_from(_ENDS),
    st.sampled_from(_EXTREMES),
    st.text(max_size=40),
    _CURSORS,
    st.dates().map(str),
    st.times().map(str),
)
_PATHS = _TEXTS.map(lambda text: text.replace("/", "")[:300])


class _Notes:
    """Fields of an address or a form. They note each name that a view asks for."""

    def get(self, key: str, *rest: Any, **options: Any) -> Any:
        _NOTED.add(key)
        return super().get(key, *rest, **options)

    def getlist(self, key: str, *rest: Any, **options: Any) -> Any:
        _NOTED.add(key)
        return super().getlist(key, *rest, **options)

    def __getitem__(self, key: Any) -> Any:
        _NOTED.add(str(key))
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        _NOTED.add(str(key))
        return super().__contains__(key)


class _NotingCopy(_Notes, MultiDict[str, str]):
    pass


class _Noting(_Notes, ImmutableMultiDict[str, str]):
    def copy(self) -> MultiDict[str, str]:
        return _NotingCopy(self)


class _NotingRequest(Request):
    parameter_storage_class = _Noting


#: Documents that are legal, and that no form of a node writes: the ends of the calendar, of the globe, of the lengths.
_ODD = (
    listing(id="oddaaaaa", schedule=schedule(dtstart="9998-12-31T23:45", rrule=None)),
    listing(id="oddbbbbb", schedule=schedule(dtstart="0001-01-04T00:00", timezone="Pacific/Kiritimati")),
    listing(id="oddccccc", schedule=schedule(dtstart="9999-12-30T18:30", duration_minutes=600)),
    listing(
        id="odddeeee",
        schedule=schedule(dtstart="2026-06-05T02:30", rrule="FREQ=MONTHLY;INTERVAL=12;BYDAY=-1FR"),
        dates=[said("2026-06-26", "moved", starts="9999-12-31T23:59")],
    ),
    listing(
        id="oddfffff", meeting_point=point(lat_e4=900_000, lon_e4=1_800_000), schedule=schedule(until="2026-06-04")
    ),
    listing(
        id="oddggggg", meeting_point=point(lat_e4=-900_000, lon_e4=-1_800_000), dates=[said("2026-06-11", "cancelled")]
    ),
)


def _hold(node: LocalNode, maker: ChapterMaker) -> None:
    """Have `node` hold an odd document, as if it had come from a peer."""
    sealed = maker.document(listings=list(_ODD))
    document = read_document(sealed.payload, ChapterDocument)
    with node.session() as session, writing(session):
        session.add(
            RegistryChapter(
                chapter=maker.id, root_version=1, root_digest=maker.roots[0].digest, status="active", since=NOW
            )
        )
        session.add(
            HeldDocument(
                chapter=maker.id, version=document.version, digest=sealed.digest, envelope=sealed.to_bytes(),
                name="Odd", place="Nowhere", country="GB", pause="", issued=NOW, fresh_until=NOW + 2 * DAY,
                expires=NOW + 14 * DAY, seq=10_000,
            )
        )  # fmt: skip
        session.flush()
        listing_rows.replace(session, document, NOW)


class World:
    """HQ's node and a chapter's. Every list of both has a row, and somebody is signed in to each."""

    def __init__(self, folder: Path) -> None:
        self.federation = LocalFederation(folder, Clock())
        self.chapter = self.federation.add_chapter(LONDON)
        self.run = self.chapter.announce(a_run())
        self.federation.add_chapter(PETERBOROUGH).announce(a_run(name="Cathedral run"))
        self.federation.settle()
        self.odd = ChapterMaker("odd")
        for node in (self.chapter, self.federation.hq):
            _hold(node, self.odd)
        self.phones = {node: Phone(node) for node in (self.chapter, self.federation.hq)}
        for phone in self.phones.values():
            phone.node.app.request_class = _NotingRequest

    def signed_in(self, node: LocalNode) -> Phone:
        """A client that is signed in to this node. It signs in again if the last request signed it out."""
        phone = self.phones[node]
        # The page to sign in leads home whoever is signed in, and draws nothing.
        home = "/hq" if node is self.federation.hq else "/lead"
        return phone if phone.get("/signin").location == home else phone.sign_in()

    def known(self, name: str) -> list[str]:
        """Values that exist for a part of an address."""
        phone = self.phones[self.federation.hq]
        return {
            "chapter_id": [self.odd.id, self.chapter.chapter_id],
            "chapter": [self.chapter.chapter_id],
            "listing_id": [*(one["id"] for one in _ODD), self.run.id],
            "run_id": [self.run.id],
            "day": ["2026-06-04", "2026-06-11", "0001-01-01", "9999-12-31", "2026-07-23"],
            "version": ["1", "0", "9" * 30],
            "act": ["pause", "suspend", "admit", "left", "replaces"],
            "person_id": [str(phone.lead.id) if hasattr(phone, "lead") else "1"],
        }.get(name, ["x"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("any"))
    yield made
    made.federation.close()


def _routes() -> list[tuple[str, str, str]]:
    """(role, rule, method) of every route. The tests are named by them, so the map is made here without any row."""
    found = []
    for role in ("chapter", "hq"):
        for rule in _app(role).url_map.iter_rules():
            found += [(role, rule.rule, method) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def _app(role: Any) -> Flask:
    with tempfile.TemporaryDirectory() as folder:
        node = LocalNode(Path(folder), Clock(), 8199, role=role)
        try:
            return node.app
        finally:
            node.close()


class _Filled(HTMLParser):
    """What the forms of a page send when nothing is typed into them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._open = (found.get("name") or "") if tag in ("textarea", "select") else self._open
        chosen = found.get("type") not in ("radio", "checkbox") or "checked" in found
        if tag == "input" and found.get("name") and chosen:
            self.fields[str(found["name"])] = found.get("value") or ""
        if tag == "option" and "selected" in found:
            self.fields[self._open] = found.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._open and self.lasttag == "textarea":
            self.fields[self._open] = data


def _names(phone: Phone, address: str, method: str) -> list[str]:
    """The names that a route reads. It is asked again and again, since a field may lead it to the next one."""
    _NOTED.clear()
    for sent in ({}, {"near": "London", "within": "5", "when": "days", "from": "2026-06-04", "find": "1", "use": "1"}):
        _send(phone, address, method, sent, sent)
    return sorted(_NOTED) or ["x"]


def _send(phone: Phone, address: str, method: str, query: dict[str, str], form: dict[str, str]) -> Any:
    url = phone.node.settings.base_url
    body: dict[str, Any] = {"data": form} if method == "POST" else {}
    if method == "PUT":
        body = {"data": json.dumps(form), "content_type": "application/json"}
    return phone.client.open(
        address, method=method, base_url=url, query_string=query, headers={"Origin": url}, buffered=True, **body
    )


@pytest.mark.parametrize(("role", "rule", "method"), _routes(), ids=lambda part: str(part))
def test_no_input_is_an_error_of_ours(world: World, role: str, rule: str, method: str) -> None:
    node = world.federation.hq if role == "hq" else world.chapter
    parts = _parts(rule)
    there = _address(rule, {part: world.known(part)[-1] for part in parts})
    names = _names(world.signed_in(node), there, method)
    filled = _Filled(world.signed_in(node).get(there).text).fields if method == "POST" else {}

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(
        places=st.fixed_dictionaries(
            {part: st.one_of(*[st.sampled_from(world.known(part))] * 3, _PATHS) for part in parts}
        ),
        query=_fields([*names, "unheard-of"]),
        form=_fields([*names, *filled, "unheard-of"]),
    )
    def holds(places: dict[str, str], query: dict[str, str], form: dict[str, str]) -> None:
        response = _send(world.signed_in(node), _address(rule, places), method, query, {**filled, **form})
        assert response.status_code < 500, response.status
        assert response.status_code < 400 or response.text.strip()

    holds()


@pytest.mark.parametrize(
    ("role", "rule"), [one[:2] for one in _routes() if one[2] == "GET"], ids=lambda part: str(part)
)
def test_no_field_of_an_address_is_an_error_of_ours_at_its_ends(world: World, role: str, rule: str) -> None:
    node = world.federation.hq if role == "hq" else world.chapter
    phone = world.signed_in(node)
    there = _address(rule, {part: world.known(part)[0] for part in _parts(rule)})
    for name in _names(phone, there, "GET"):
        for text in _ENDS if name == "after" else _EXTREMES:
            assert _send(phone, there, "GET", {name: text}, {}).status_code < 500, (name, text[:100])


def _fields(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """A few of the fields, since a wrong one hides the others. Most cursors look like cursors of the search."""
    cursors = st.one_of(st.sampled_from(_ENDS), _CURSORS)
    chosen = st.lists(st.sampled_from(names), max_size=2, unique=True)
    return chosen.flatmap(
        lambda few: st.fixed_dictionaries({name: cursors if name == "after" else _TEXTS for name in few})
    )


def _parts(rule: str) -> list[str]:
    return [part.partition(":")[2] or part for part in _arguments(rule)]


def _arguments(rule: str) -> list[str]:
    return [part.partition(">")[0] for part in rule.split("<")[1:]]


def _address(rule: str, places: dict[str, str]) -> str:
    for part in _arguments(rule):
        rule = rule.replace(f"<{part}>", quote(places[part.partition(":")[2] or part], errors="replace") or "x")
    return rule
