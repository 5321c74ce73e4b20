"""Older and newer nodes beside one another (PROTOCOL.md §2.7, §18): nothing vanishes, and cancellations pass."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from federation.documents import ChapterDocument, RegistryBin, RegistryEntry, unknown_words
from federation.envelope import Envelope, pae, payload_type
from federation.payloads import read_bin, read_document, write_document
from node.chapter import dates
from node.directory import chapters, feed, parsed
from node.directory.listings import listing as view_of
from node.hq import people, registry
from node.hq.history import COMMAND_LINE
from node.keys import load_signing_key
from node.members import sign_in
from node.models import HeldDocument
from node.sync import intake

from .support.network import (
    BRISBANE,
    LONDON,
    PETERBOROUGH,
    Clock,
    LocalFederation,
    LocalNode,
    a_run,
    free_ports,
    served,
)
from .support.tomorrow import more_words, speaks_tomorrow
from .support.web_client import Phone, words

THURSDAY = date(2026, 6, 4)
#: Three quarters of an hour before the run.
TONIGHT = datetime(2026, 6, 4, 16, 45, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(TONIGHT)


@pytest.fixture
def federation(tmp_path: Path, clock: Clock) -> Iterator[LocalFederation]:
    made = LocalFederation(tmp_path, clock, iter(free_ports(4)))
    yield made
    made.close()


def document_of(node: LocalNode, chapter: str) -> bytes:
    with node.session() as session:
        return session.get_one(HeldDocument, chapter).envelope or b""


def state_on(node: LocalNode, chapter: str, run: str, day: date = THURSDAY) -> str:
    with node.session() as session:
        view = view_of(session, chapter, run, node.clock())
    return next(one.state for one in view.coming if one.day == day)


def cancel(node: LocalNode, run: str, reason: str = "weather") -> None:
    with node.session() as session:
        dates.cancel(session, node.settings, run, THURSDAY, reason, "", node.clock())


def rounds(federation: LocalFederation, minutes: int) -> None:
    """Every node tells and reads, as it does by itself, every five minutes."""
    for _ in range(minutes // 5):
        federation.clock.tick(minutes=5)
        for node in federation.wire.nodes.values():
            federation.relay(node)
            federation.poll(node)


def test_for_an_hour_nothing_vanishes_between_nodes_of_today_and_of_tomorrow(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, newer, relay = (federation.add_chapter(one) for one in (LONDON, PETERBOROUGH, BRISBANE))
    ours = today.announce(a_run(name="Ours at the Monument"))
    speaks_tomorrow(monkeypatch, newer.chapter_id)
    theirs = newer.announce(a_run(name="Theirs at the cathedral"))
    for name in ("Theirs every day", "Theirs on Mars"):
        newer.announce(a_run(name=name))
    every = ("Ours at the Monument", "Theirs at the cathedral", "Theirs every day", "Theirs on Mars")
    with newer.session() as session:
        dates.confirm(session, newer.settings, theirs.id, THURSDAY, federation.clock())
    rounds(federation, 15)
    for minute in range(15, 60, 15):
        for node in (today, newer, relay, federation.hq):
            page = Phone(node).get("/runs").text
            assert [name for name in every if name not in page] == [], (minute, node.settings.data)
            assert document_of(node, newer.chapter_id) == document_of(newer, newer.chapter_id)
        if minute == 15:
            assert state_on(relay, newer.chapter_id, theirs.id) == "confirmed"
            cancel(newer, theirs.id, "other")
        if minute == 30:
            cancel(today, ours.id)
        rounds(federation, 15)
    for node in (today, newer, relay, federation.hq):
        assert state_on(node, newer.chapter_id, theirs.id) == "cancelled"
        assert state_on(node, today.chapter_id, ours.id) == "cancelled"
        assert b"sauna" in document_of(node, newer.chapter_id)
        assert b'\\"mood\\"' in document_of(node, newer.chapter_id)


def test_no_pin_and_no_saved_page_leads_people_to_a_date_in_a_word_of_tomorrow(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, newer = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    speaks_tomorrow(monkeypatch, newer.chapter_id)
    run = newer.announce(a_run())
    with newer.session() as session:
        later = datetime.fromisoformat("2026-06-04T19:30")
        dates.move(session, newer.settings, run.id, THURSDAY, later, None, "", federation.clock())
    federation.settle()
    assert state_on(today, newer.chapter_id, run.id) == "unclear"
    assert Phone(today).get(f"/runs/{newer.chapter_id}/{run.id}/saved?date={THURSDAY}").status_code == 404
    [label] = re.findall(r'aria-label="([^"]*)" class="map-pin map-off"', Phone(today).get("/runs?when=today").text)
    assert label.endswith(". Check the chapter’s own site")


@pytest.fixture
def on_ports(tmp_path: Path, clock: Clock) -> Iterator[LocalFederation]:
    """A federation whose nodes can be served."""
    made = LocalFederation(tmp_path, clock, iter(free_ports(4)))
    yield made
    made.close()


def test_an_older_node_relays_a_newer_ones_bytes_over_http_though_no_other_does(
    on_ports: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, newer = on_ports.add_chapter(LONDON), on_ports.add_chapter(PETERBOROUGH)
    speaks_tomorrow(monkeypatch, newer.chapter_id)
    newer.announce(a_run())
    sent = document_of(newer, newer.chapter_id)
    on_ports.settle()
    with served(today):
        path = f"{today.settings.base_url}/fed/v1/documents/{newer.chapter_id}"
        assert requests.get(path, timeout=5).content == sent


def test_an_unknown_word_never_keeps_a_cancellation_out_of_a_real_put(
    on_ports: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, newer = on_ports.add_chapter(LONDON), on_ports.add_chapter(PETERBOROUGH)
    run = newer.announce(a_run())
    with newer.session() as session:
        dates.confirm(session, newer.settings, run.id, THURSDAY, on_ports.clock())
    on_ports.settle()
    path = f"{today.settings.base_url}/fed/v1/documents/{newer.chapter_id}"
    with served(today):
        page = f"{today.settings.base_url}/runs/{newer.chapter_id}/{run.id}"
        assert "A lead will be there" in requests.get(page, timeout=5).text
        on_ports.clock.tick(minutes=1)
        cancel(newer, run.id)
        sent = in_the_words_of_tomorrow(newer)
        answer = requests.put(path, sent, headers={"Content-Type": "application/json"}, timeout=5)
        shown = requests.get(page, timeout=5).text
    assert answer.status_code == 204, answer.text
    assert "Cancelled" in shown
    # A machine reads of the other dates that nobody has promised them.
    assert "A lead will be there" not in shown.partition("<main")[2].partition("Upcoming dates")[0]


def in_the_words_of_tomorrow(node: LocalNode, version: int = 0) -> bytes:
    """What `node` says now, as a program of tomorrow would have signed it."""
    payload = more_words(json.loads(document_of(node, node.chapter_id))["payload"], node.chapter_id)
    if version:
        payload = json.dumps(json.loads(payload) | {"version": version})
    key = load_signing_key(node.settings)
    return Envelope("chapter", payload, ((key.id, key.sign(pae("chapter", payload))),)).to_bytes()


def test_a_status_of_tomorrow_hides_one_chapter_and_no_other(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, resting = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    today.announce(a_run(name="Ours"))
    resting.announce(a_run(name="Theirs"))
    federation.settle()
    assert "Theirs" in Phone(today).get("/runs").text

    def content(listed: list[RegistryEntry]) -> bytes:
        changed = [
            msgspec.structs.replace(one, status="resting") if one.chapter == resting.chapter_id else one
            for one in listed
        ]
        return msgspec.json.encode(RegistryBin(chapters=changed))

    monkeypatch.setattr(registry, "_content", content)
    federation.clock.tick(minutes=1)
    with federation.hq.session() as session:
        registry.set_status(
            session, federation.hq.settings, resting.chapter_id, "paused", federation.clock(), registry.COMMAND_LINE
        )
    federation.settle()
    page = Phone(today).get("/runs").text
    assert "Ours" in page
    assert "Theirs" not in page
    with today.session() as session:
        entry = chapters.entry_of(session, resting.chapter_id)
    assert entry
    assert entry.status == "resting"


def test_lines_of_a_feed_that_are_of_a_later_version_are_passed_over_in_silence(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, newer = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    newer.announce(a_run(name="Theirs"))
    made = feed.write_block
    later = [
        json.dumps({"payload": "{}", "payloadType": type_, "signatures": [], "more": {"a": 1}}).encode()
        for type_ in (
            payload_type("chapter").replace(".v1+", ".v2+"),
            payload_type("chapter").replace("chapter", "weather"),
        )
    ]
    monkeypatch.setattr(feed, "write_block", lambda lines, *last, **named: made([*later, *lines], *last, **named))
    report = federation.poll(today, only=newer)
    assert report.troubles == []
    assert "Theirs" in Phone(today).get("/runs").text


def test_what_a_later_program_of_ours_said_is_taken_over_in_words_that_this_one_writes(
    federation: LocalFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder was put back together with the program that it was copied under."""
    node = federation.add_chapter(LONDON)
    weekly = node.announce(a_run(name="Weekly"))
    daily = node.announce(a_run(name="Runs every day"))
    cancel(node, weekly.id, "other")
    federation.clock.tick(minutes=1)
    later = in_the_words_of_tomorrow(node, version=int(federation.clock().timestamp()))
    with node.session() as session:
        intake.put_document(session, node.settings, node.chapter_id, later, federation.clock())
        held = parsed.document_of(session.get(HeldDocument, node.chapter_id))
    assert held
    found = {one.name: one for one in held.listings}
    assert unknown_words(held) == []
    assert found["Weekly"].audience == "some", "nobody is told that a run for some is for everyone"
    assert found["Weekly"].facilities == ["water"]
    assert found["Runs every day"].schedule.rrule is None, "no date is made up"
    assert state_on(node, node.chapter_id, weekly.id) == "cancelled"
    assert daily.id == found["Runs every day"].id


def test_our_own_program_writes_no_word_that_is_in_none_of_the_lists(federation: LocalFederation) -> None:
    node = federation.add_chapter(LONDON)
    node.announce(a_run())
    payload = more_words(json.loads(document_of(node, node.chapter_id))["payload"], node.chapter_id)
    document = read_document(payload, ChapterDocument)
    assert set(unknown_words(document)) == {"wheel", "sauna", "carers", "gsw-Latn-CH", "on-request", "next-day"}
    with pytest.raises(ValueError, match="wheel"):
        write_document(document)


def test_hq_writes_a_status_that_it_does_not_know_as_one_that_shows_nothing(federation: LocalFederation) -> None:
    federation.add_chapter(LONDON)
    with federation.hq.session() as session:
        entries = [msgspec.structs.replace(one, status="resting") for one in registry.entries(session).values()]
    [entry] = read_bin(registry._content(entries)).chapters
    assert entry.status == "suspended"


@pytest.fixture
def seen(federation: LocalFederation, monkeypatch: pytest.MonkeyPatch) -> Any:
    """(a phone at an older node, address of a chapter of tomorrow, its runs by name)."""
    today, newer = federation.add_chapter(LONDON), federation.add_chapter(PETERBOROUGH)
    speaks_tomorrow(monkeypatch, newer.chapter_id)
    runs = {name: newer.announce(a_run(name=name)) for name in ("Weekly", "Runs every day", "Runs on Mars")}
    with newer.session() as session:
        moved = datetime(2026, 6, 4, 19, 0)  # noqa: DTZ001 - as clocks go there
        dates.move(session, newer.settings, runs["Weekly"].id, THURSDAY, moved, None, "", federation.clock())
        for name in ("Runs every day", "Runs on Mars"):
            dates.cancel(session, newer.settings, runs[name].id, THURSDAY, "weather", "Ice.", federation.clock())
    federation.settle()
    return Phone(today), newer.chapter_id, runs


def test_what_a_page_says_of_words_that_it_does_not_know(seen: Any) -> None:
    phone, chapter, runs = seen
    response = phone.get(f"/runs/{chapter}/{runs['Weekly'].id}")
    page = words(response)
    assert re.search(r'href="http[^"]+" rel="noopener">The chapter’s own site', response.text.partition("Where")[0])
    assert "? Check the chapter’s own site" in page
    assert "Not confirmed yet" in page, "the dates after it are as ever"
    assert "A run: see the chapter’s own site" in page
    assert "For some people only. See the chapter’s own site." in page
    assert "Drinking water" in page
    assert "A lead will be there" not in page
    assert "Someone will be there from" not in page.partition("Where")[0]
    for unknown in ("sauna", "wheel", "carers", "on-request", "next-day", "gsw", "postponed", "mood"):
        assert unknown not in page


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "Runs every day",
            "This site can’t read how often this run is on. You’ll find its dates on the chapter’s own site.",
        ),
        ("Runs on Mars", "This site doesn’t know the time zone Mars/Olympus_Mons, so it can’t show the dates."),
    ],
)
def test_a_rule_or_a_zone_that_this_node_does_not_know_is_said_wherever_the_run_is_seen(
    seen: Any, name: str, why: str
) -> None:
    phone, chapter, runs = seen
    for path in (f"/runs/{chapter}/{runs[name].id}", f"/chapters/{chapter}", "/runs", "/runs?near=London"):
        page = words(phone.get(path))
        assert name in page, path
        assert why in page, path
        assert "Ice." in page, path
        assert "No upcoming dates" not in page, path
    page = words(phone.get(f"/runs/{chapter}/{runs[name].id}?date={THURSDAY}"))
    assert "There’s no run on that day" not in page
    assert "Cancelled" in page


def test_hq_is_told_of_runs_whose_dates_its_node_cannot_tell(federation: LocalFederation, seen: Any) -> None:
    _, chapter, _ = seen
    with federation.hq.session() as session:
        person = people.add(session, "Ada", COMMAND_LINE, federation.clock())
        token = sign_in.make_link(session, person.id, federation.clock())
    ada = Phone(federation.hq)
    assert ada.post(f"/signin/{token}").status_code == 303
    page = words(ada.get(f"/hq/chapters/{chapter}"))
    assert "Runs every day: This site can’t read how often this run is on." in page
    assert "Runs on Mars: This site doesn’t know the time zone Mars/Olympus_Mons" in page
    assert "We don’t know of any runs" not in page
