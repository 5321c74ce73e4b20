"""federation.trust: root chains of chapters and of HQ (PROTOCOL.md §5)."""

from typing import Any

import pytest

from federation.acceptance import read_claim
from federation.documents import ChapterRoot, HqRoot
from federation.envelope import Envelope
from federation.errors import BrokenChain, Malformed, WeakKey, WrongSignature
from federation.trust import MAX_ROOTS, genesis, successor, walk

from ..support.federation_makers import ChapterMaker, HqMaker, key, sealed


def chapter_root(maker: ChapterMaker, version: int, *signers: str, **changes: Any) -> Envelope:
    keys = [key(name) for name in signers] or [maker.root_key]
    return sealed("chapter-root", maker.root_members(version, **changes), *keys)


def test_s5_1_the_first_root_makes_the_id() -> None:
    maker = ChapterMaker()
    root = genesis(maker.roots[0], ChapterRoot)
    assert (root.id, root.version, root.digest) == (maker.id, 1, maker.roots[0].digest)


def test_s5_1_white_space_in_the_first_root_makes_another_id() -> None:
    maker = ChapterMaker()
    spaced = Envelope("chapter-root", maker.roots[0].payload + " ", ())
    with pytest.raises(WrongSignature):
        genesis(spaced, ChapterRoot)


def test_s5_1_a_first_root_that_its_own_keys_did_not_sign_is_refused() -> None:
    with pytest.raises(WrongSignature):
        genesis(chapter_root(ChapterMaker(), 1, "stranger"), ChapterRoot)


def test_s4_5_a_root_that_was_read_for_its_claim_is_not_read_again() -> None:
    maker = ChapterMaker()
    first, second = maker.roots[0], maker.rotate()
    claims = [read_claim(first), read_claim(second)]
    roots = [genesis(first, ChapterRoot, claims[0])]
    roots.append(successor(roots[0], second, claims[1]))
    assert [root.document for root in roots] == claims
    assert all(root.document is claim for root, claim in zip(roots, claims, strict=True))


def test_s4_5_a_claim_signs_nothing() -> None:
    maker = ChapterMaker()
    first, second = chapter_root(maker, 1, "stranger"), chapter_root(maker, 2, "stranger")
    with pytest.raises(WrongSignature):
        genesis(first, ChapterRoot, read_claim(first))
    with pytest.raises(WrongSignature):
        successor(maker.chain[0], second, read_claim(second))


def test_s5_1_a_first_root_needs_its_own_threshold() -> None:
    hq = HqMaker()
    with pytest.raises(WrongSignature):
        genesis(sealed("hq-root", hq.root_members(), hq.root_keys[0], hq.root_keys[0]), HqRoot)


def test_s5_1_a_first_root_that_names_a_chapter_is_malformed() -> None:
    maker = ChapterMaker()
    with pytest.raises(Malformed):
        genesis(chapter_root(maker, 1, chapter=maker.id), ChapterRoot)


def test_s5_1_a_later_root_without_a_chapter_is_malformed() -> None:
    with pytest.raises(Malformed):
        genesis(sealed("chapter-root", ChapterMaker().root_members() | {"version": 2}, key("london root")), ChapterRoot)


def test_s5_1_a_chain_does_not_begin_with_a_later_root() -> None:
    with pytest.raises(BrokenChain):
        genesis(ChapterMaker().rotate(), ChapterRoot)


def test_s5_1_the_roots_of_another_chapter_are_refused() -> None:
    with pytest.raises(BrokenChain):
        walk(ChapterMaker("leeds").roots, ChapterRoot, ChapterMaker().id)


def test_s5_1_a_chapters_root_is_no_hqs_root() -> None:
    with pytest.raises(Malformed):
        genesis(ChapterMaker().roots[0], HqRoot)


def test_s5_2_roots_follow_one_another_one_at_a_time() -> None:
    maker = ChapterMaker()
    maker.rotate()
    maker.rotate()
    chain = walk(maker.roots, ChapterRoot, maker.id)
    assert [root.version for root in chain] == [1, 2, 3]
    assert {root.id for root in chain} == {maker.id}


@pytest.mark.parametrize("version", [1, 3])
def test_s5_2_a_root_that_skips_or_repeats_a_version_is_refused(version: int) -> None:
    maker = ChapterMaker()
    with pytest.raises(BrokenChain):
        successor(maker.chain[0], chapter_root(maker, version))


def test_s5_2_a_root_that_names_another_chapter_is_refused() -> None:
    maker = ChapterMaker()
    with pytest.raises(BrokenChain):
        successor(maker.chain[0], chapter_root(maker, 2, chapter=ChapterMaker("leeds").id))


def test_s5_2_new_root_keys_need_the_old_keys_signature_too() -> None:
    maker = ChapterMaker()
    taken_over = chapter_root(maker, 2, "thief", root_keys=[key("thief").public])
    with pytest.raises(WrongSignature):
        successor(maker.chain[0], taken_over)


def test_s5_2_new_root_keys_need_their_own_signature_too() -> None:
    maker = ChapterMaker()
    with pytest.raises(WrongSignature):
        successor(maker.chain[0], chapter_root(maker, 2, root_keys=[key("new").public]))


def test_s5_2_root_keys_change_when_old_and_new_both_sign() -> None:
    maker = ChapterMaker()
    next_ = chapter_root(maker, 2, "london root", "new", root_keys=[key("new").public])
    assert successor(maker.chain[0], next_).document.root_keys == [key("new").public]


def test_s5_2_a_threshold_may_rise_only_with_as_many_signatures() -> None:
    maker = ChapterMaker()
    keys = {"root_keys": [key("london root").public, key("second").public], "root_threshold": 2}
    with pytest.raises(WrongSignature):
        successor(maker.chain[0], chapter_root(maker, 2, **keys))
    assert successor(maker.chain[0], chapter_root(maker, 2, "london root", "second", **keys)).version == 2


def test_s5_2_hqs_root_needs_two_of_three() -> None:
    hq = HqMaker()
    assert successor(hq.root, sealed("hq-root", hq.root_members(2), *hq.root_keys[1:])).version == 2
    with pytest.raises(WrongSignature):
        successor(hq.root, sealed("hq-root", hq.root_members(2), hq.root_keys[2]))


def test_s5_2_no_root_at_all_is_a_broken_chain() -> None:
    with pytest.raises(BrokenChain):
        walk([], ChapterRoot, ChapterMaker().id)


def test_s5_2_a_chain_has_at_most_256_roots() -> None:
    maker = ChapterMaker()
    while len(maker.roots) < MAX_ROOTS:
        maker.rotate()
    assert len(walk(maker.roots, ChapterRoot, maker.id)) == MAX_ROOTS
    with pytest.raises(Malformed):
        walk([*maker.roots, maker.roots[-1]], ChapterRoot, maker.id)
    with pytest.raises(Malformed):
        successor(maker.chain[-1], maker.rotate())


@pytest.mark.parametrize(
    "changes",
    [
        {"root_threshold": 2},
        {"root_threshold": 0},
        {"root_threshold": True},
        {"root_keys": []},
        {"root_keys": [key("london root").public] * 2},
        {"signing_keys": []},
        {"signing_keys": [key(str(number)).public for number in range(9)]},
        {"signing_keys": [key("london root").public]},
        {"signing_keys": [key("london root").public.upper()]},
        {"version": 0},
        {"base_url": 5},
    ],
)
def test_s5_5_a_root_whose_keys_or_threshold_make_no_sense_is_malformed(changes: dict[str, Any]) -> None:
    members = ChapterMaker().root_members() | changes
    with pytest.raises(Malformed):
        genesis(sealed("chapter-root", members, key("london root")), ChapterRoot)


@pytest.mark.parametrize("member", ["root_keys", "signing_keys"])
def test_s4_2_a_root_with_a_low_order_key_is_refused_as_such(member: str) -> None:
    with pytest.raises(WeakKey):
        genesis(chapter_root(ChapterMaker(), 1, **{member: ["00" * 32]}), ChapterRoot)


def test_s5_5_hqs_online_keys_are_not_its_root_keys() -> None:
    hq = HqMaker()
    mixed = hq.root_members(registry_keys=[hq.root_keys[0].public])
    with pytest.raises(Malformed):
        genesis(sealed("hq-root", mixed, *hq.root_keys[:2]), HqRoot)
