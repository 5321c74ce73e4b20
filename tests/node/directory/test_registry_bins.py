"""A registry in bins: what a change sends again, and what a reader refuses (PROTOCOL.md §6.2)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.demo.corpus import make_chapters
from federation.documents import RegistryEntry
from federation.envelope import read, seal
from federation.errors import Malformed
from federation.words import Status
from node.database import writing
from node.directory import chapters, registry
from node.errors import InvalidInput, NotFound
from node.hq.registry import MAX_BINS, entries, let_replace, set_status, sign_registry, split
from node.keys import load_signing_key
from node.models import HeldBin, HeldRegistry, RegistryChapter
from node.sync import Sync
from node.wire.outbound import Outbound

from ...support.federation_makers import NOW, ChapterMaker, HqMaker, Members, registry_bin, sha256
from ...support.network import (
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

MANY = 1200


def entries_of(count: int, since: datetime = NOW) -> dict[str, RegistryEntry]:
    return {chapter.id: chapter.entry(since) for chapter in make_chapters(count, 0, NOW)}


def sign(hq: LocalNode, known: dict[str, RegistryEntry]) -> None:
    with hq.session() as session, writing(session):
        sign_registry(session, hq.settings, entries(session) | known, hq.clock.tick(seconds=5))


def say_status(hq: LocalNode, chapter: str, status: Status) -> None:
    with hq.session() as session:
        set_status(session, hq.settings, chapter, status, hq.clock.tick(seconds=5))


def known_to(node: LocalNode) -> dict[str, RegistryEntry]:
    with node.session() as session:
        return entries(session)


def bins_asked(federation: LocalFederation, since: int) -> list[str]:
    return [url for _, url in federation.wire.sent[since:] if "/bins/" in url]


def test_up_to_500_chapters_stand_in_one_bin() -> None:
    assert list(split(list(entries_of(500).values()))) == [""]


def test_more_chapters_are_split_by_the_next_letter_of_their_ids() -> None:
    known = entries_of(MANY)
    bins = split(list(known.values()))
    assert len(bins) == 32
    assert all(entry.chapter.startswith(prefix) for prefix, listed in bins.items() for entry in listed)
    assert sum(map(len, bins.values())) == MANY


def test_a_bin_that_grows_large_is_split_again_and_no_two_overlap() -> None:
    crowd = [ChapterMaker().entry(chapter=f"a{id_[1:]}") for id_ in entries_of(MANY)]
    bins = split([RegistryEntry(**members) for members in crowd])
    assert all(len(prefix) == 2 for prefix in bins)
    assert not any(longer.startswith(prefix) for prefix, longer in pairwise(sorted(bins)))


def test_a_registry_never_outgrows_an_envelope_however_many_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ChapterMaker().entry()
    ids = (f"{a}{b}{c}{'a' * 21}" for a in "abcdefghijklmnopqrstuvwxyz234567" for b in "abcdefghijklmnop" for c in "ab")
    crowd = [RegistryEntry(**one | {"chapter": id_}) for id_ in ids]
    monkeypatch.setattr("node.hq.registry.SPLIT_AT", 1)
    assert 400 < len(split(crowd)) <= MAX_BINS


def test_all_chapters_of_a_split_registry_are_known_to_a_reader(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    sign(federation.hq, entries_of(MANY))
    federation.poll(london)
    assert known_to(london) == known_to(federation.hq)
    assert len(known_to(london)) == MANY + 1


def test_a_change_of_one_chapter_sends_one_bin_again(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    sign(federation.hq, entries_of(MANY))
    federation.poll(london)
    sent = len(federation.wire.sent)
    chosen = sorted(entries_of(MANY))[7]
    say_status(federation.hq, chosen, "paused")
    federation.poll(london)
    (asked,) = bins_asked(federation, sent)
    assert known_to(london)[chosen].status == "paused"
    assert len(known_to(london)) == MANY + 1
    with federation.hq.session() as session:
        content = session.get_one(HeldBin, asked.rsplit("/", 1)[1]).content
        whole = sum(len(row.content) for row in session.query(HeldBin).filter(HeldBin.registry_version > 0))
    assert len(content) * 20 < whole


def test_the_bins_of_the_registry_before_are_kept_for_who_reads_it_now(federation: LocalFederation) -> None:
    sign(federation.hq, entries_of(MANY))
    chosen = sorted(entries_of(MANY))[0]
    say_status(federation.hq, chosen, "paused")
    with federation.hq.session() as session:
        assert session.query(HeldBin).count() == 32 + 1
    say_status(federation.hq, chosen, "active")
    say_status(federation.hq, chosen, "suspended")
    with federation.hq.session() as session:
        assert session.query(HeldBin).count() == 32 + 1


@pytest.fixture
def hq(london: LocalNode) -> HqMaker:
    """An HQ that London's node has joined."""
    maker = HqMaker()
    with london.session() as session, writing(session):
        registry.pin(session, "http://127.0.0.1:8100", maker.roots, maker.id, maker.roots[0].digest)
    return maker


def adopt(node: LocalNode, hq: HqMaker, parts: dict[str, list[Members]], **changes: object) -> None:
    """Have `node` adopt a registry whose bins are `parts`, by prefix."""
    contents = {prefix: registry_bin(entries) for prefix, entries in parts.items()}
    bins = [
        {"prefix": prefix, "digest": sha256(content), "count": len(parts[prefix])}
        for prefix, content in contents.items()
    ]
    envelope = hq.registry([], node.clock.tick(seconds=5), **({"bins": bins} | changes))
    with node.session() as session:
        checked = registry.check(session, envelope, {sha256(c): c for c in contents.values()}, node.clock())
        with writing(session):
            registry.adopt(session, checked, node.clock(), from_hq=True)


def entry(id_: str, **changes: object) -> Members:
    return ChapterMaker().entry(chapter=id_ + "a" * (24 - len(id_)), **changes)


def test_s6_2_a_reader_takes_any_partition_by_prefix(london: LocalNode, hq: HqMaker) -> None:
    adopt(london, hq, {"": [entry("aa"), entry("ab"), entry("b")]})
    adopt(london, hq, {"aa": [entry("aa")], "ab": [entry("ab", status="paused")], "b": [], "c": [entry("c")]})
    assert {id_[:2]: one.status for id_, one in known_to(london).items()} == {
        "aa": "active",
        "ab": "paused",
        "ca": "active",
    }
    adopt(london, hq, {"a": [entry("ab")], "c": [entry("c")]})
    assert [id_[:2] for id_ in known_to(london)] == ["ab", "ca"]


@pytest.mark.parametrize("prefixes", [("a", "ab"), ("", "b"), ("a", "a"), ("ab", "b", "abc")])
def test_s6_2_bins_that_overlap_are_refused_and_the_held_registry_stays(
    london: LocalNode, hq: HqMaker, prefixes: tuple[str, ...]
) -> None:
    adopt(london, hq, {"": [entry("zz")]})
    digest = sha256(registry_bin([]))
    bins = [{"prefix": prefix, "digest": digest, "count": 0} for prefix in prefixes]
    with pytest.raises(Malformed, match="overlap"):
        adopt(london, hq, {"": []}, bins=bins)
    assert [id_[:2] for id_ in known_to(london)] == ["zz"]


@pytest.fixture
def served_by_hq(tmp_path: Path) -> Iterator[tuple[LocalFederation, LocalNode, LocalNode]]:
    """HQ, London and Brisbane, HQ and Brisbane each behind its own port."""
    federation = LocalFederation(tmp_path, Clock(), iter(free_ports(3)))
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    federation.settle()
    with served(federation.hq), served(brisbane):
        yield federation, london, brisbane
    federation.close()


def sign_overlapping_bins(hq: LocalNode) -> None:
    """As an HQ whose software is wrong: its own key, a newer version, and every chapter in two bins."""
    with hq.session() as session, writing(session):
        row = session.get_one(HeldRegistry, 1)
        members = json.loads(read(row.envelope).payload)
        members |= {"version": members["version"] + 60, "bins": members["bins"] * 2}
        envelope = seal("registry", json.dumps(members), [load_signing_key(hq.settings)])
        row.version, row.envelope, row.digest = members["version"], envelope.to_bytes(), envelope.digest


def test_s6_2_overlapping_bins_over_the_wire_are_refused_once_aloud_and_the_round_goes_on(
    served_by_hq: tuple[LocalFederation, LocalNode, LocalNode], caplog: pytest.LogCaptureFixture
) -> None:
    federation, london, brisbane = served_by_hq
    before = held_registry(london)
    sign_overlapping_bins(federation.hq)
    sync = Sync(replace(london.handle, wire=Outbound("loopback"), clock=lambda: federation.clock.tick(seconds=1)))
    for number in range(2):
        brisbane.announce(a_run(name=f"Run {number}"))
        report = sync.round(only=brisbane.settings.base_url)
        assert [said for said in report.troubles if "overlap" in said] == report.troubles != []
        assert (report.answered, report.stored) == ([brisbane.settings.base_url], 1)
    assert held_registry(london) == before
    assert known_to(london).keys() == {london.chapter_id, brisbane.chapter_id}
    assert [record.levelname for record in caplog.records if "overlap" in record.message] == ["WARNING"]


def held_registry(node: LocalNode) -> tuple[int, str]:
    with node.session() as session:
        held = session.get_one(HeldRegistry, 1)
        return held.version, held.digest


def test_s6_2_a_bin_with_another_count_than_the_registry_says_is_refused(london: LocalNode, hq: HqMaker) -> None:
    content = registry_bin([entry("a")])
    lie = [{"prefix": "a", "digest": sha256(content), "count": 2}]
    with pytest.raises(Malformed, match="as many"):
        adopt(london, hq, {"a": [entry("a")]}, bins=lie)


def test_a_registry_checked_against_one_that_is_gone_is_checked_again(london: LocalNode, hq: HqMaker) -> None:
    adopt(london, hq, {"a": [entry("a")], "b": [entry("b")]})
    content, other = registry_bin([entry("a")]), registry_bin([entry("b", status="left")])
    refs = [
        {"prefix": "a", "digest": sha256(content), "count": 1},
        {"prefix": "b", "digest": sha256(other), "count": 1},
    ]
    newest = hq.registry([], london.clock.tick(hours=1), bins=refs)
    with london.session() as session:
        checked = registry.check(session, newest, {sha256(other): other}, london.clock())
    london.clock.tick(minutes=-30)
    adopt(london, hq, {"": [entry("c")]})
    london.clock.tick(minutes=30)
    with london.session() as session, writing(session):
        registry.adopt(session, checked, london.clock(), from_hq=True)
        assert session.get_one(HeldRegistry, 1).digest == newest.digest
    assert [one.status for one in known_to(london).values()] == ["active", "left"]


def test_a_chapter_that_left_is_shown_as_its_successor_and_not_before(federation: LocalFederation) -> None:
    london, new = (federation.add_chapter(profile) for profile in (LONDON, BRISBANE))
    hq = federation.hq
    with hq.session() as session:
        let_replace(session, hq.settings, new.chapter_id, london.chapter_id, federation.clock.tick(seconds=5))
        assert chapters.successor_of(session, london.chapter_id) is None
    say_status(hq, london.chapter_id, "left")
    federation.poll(new)
    for node in (hq, new):
        with node.session() as session:
            assert chapters.successor_of(session, london.chapter_id) == new.chapter_id


def test_hq_names_no_successor_that_makes_no_sense(federation: LocalFederation) -> None:
    one, two, three = (federation.add_chapter(p).chapter_id for p in (LONDON, BRISBANE, PETERBOROUGH))
    hq = federation.hq

    def replace(new: str, former: str) -> None:
        with hq.session() as session:
            let_replace(session, hq.settings, new, former, federation.clock.tick(seconds=5))

    replace(two, one)
    for new, former, problem in ((one, one, "same"), (three, one, "taken"), (one, two, "circle")):
        with pytest.raises(InvalidInput, match=problem):
            replace(new, former)
    with pytest.raises(NotFound):
        replace("a" * 24, one)
    with hq.session() as session:
        assert session.get_one(RegistryChapter, two).replaces == one
