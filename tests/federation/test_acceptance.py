"""federation.acceptance: may this document replace the held one? (PROTOCOL.md §6 to §8)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.acceptance import (
    Held,
    Verdict,
    claimed_author,
    judge,
    next_version,
    open_bin,
    open_chapter,
    open_registry,
    require_listed,
    require_root_on_chain,
)
from federation.documents import RegistryEntry
from federation.envelope import Envelope
from federation.errors import (
    BrokenChain,
    ForbiddenMember,
    Malformed,
    MissingRoot,
    NotActive,
    Older,
    OutOfTime,
    UnknownChapter,
    WrongSignature,
)
from federation.payloads import read_bin

from ..support.federation_makers import (
    DAY,
    HOUR,
    NOW,
    ChapterMaker,
    HqMaker,
    key,
    listing,
    registry_bin,
    sealed,
    sha256,
)

A, B = "a" * 64, "b" * 64


def entry(maker: ChapterMaker, **changes: Any) -> RegistryEntry:
    return read_bin(registry_bin([maker.entry(**changes)])).chapters[0]


# The registry (§6).


def test_s6_1_a_registry_signed_by_hqs_registry_key_is_read() -> None:
    hq = HqMaker()
    assert open_registry(hq.registry([b'{"chapters":[]}']), hq.root, NOW).hq == hq.id


@pytest.mark.parametrize("signer", ["stranger", "hq bulletin", "hq root 1"])
def test_s6_1_a_registry_signed_by_any_other_key_is_refused(signer: str) -> None:
    hq = HqMaker()
    forged = sealed("registry", hq.registry_members([b'{"chapters":[]}']), key(signer))
    with pytest.raises(WrongSignature):
        open_registry(forged, hq.root, NOW)


def test_s6_1_a_registry_of_a_former_registry_key_is_refused() -> None:
    hq = HqMaker()
    old = hq.registry([b'{"chapters":[]}'])
    hq.rotate(registry_keys=[key("hq registry 2").public])
    with pytest.raises(WrongSignature):
        open_registry(old, hq.root, NOW)


def test_s6_1_a_registry_of_another_hq_is_refused() -> None:
    hq = HqMaker()
    other = hq.registry([b'{"chapters":[]}'], hq="a" * 24)
    with pytest.raises(BrokenChain):
        open_registry(other, hq.root, NOW)


def test_s6_1_a_registry_from_the_future_is_refused() -> None:
    hq = HqMaker()
    assert open_registry(hq.registry([b'{"chapters":[]}'], NOW + DAY), hq.root, NOW)
    with pytest.raises(OutOfTime):
        open_registry(hq.registry([b'{"chapters":[]}'], NOW + DAY + HOUR), hq.root, NOW)


def test_s6_1_a_registry_fresh_for_more_than_14_days_is_refused() -> None:
    hq = HqMaker()
    with pytest.raises(OutOfTime):
        open_registry(hq.registry([b'{"chapters":[]}'], fresh_until="2026-06-15T09:00:01Z"), hq.root, NOW)


def test_s6_1_an_old_registry_is_still_read() -> None:
    hq = HqMaker()
    assert open_registry(hq.registry([b'{"chapters":[]}']), hq.root, NOW + 400 * DAY)


def test_s6_2_a_bin_is_known_by_its_digest() -> None:
    content = registry_bin([ChapterMaker().entry()])
    assert open_bin(content, sha256(content), "").chapters[0].chapter == ChapterMaker().id
    with pytest.raises(Malformed):
        open_bin(content + b" ", sha256(content), "")


def test_s6_2_a_bin_that_is_not_text_is_a_refusal_and_not_a_crash() -> None:
    with pytest.raises(Malformed):
        open_bin(b"\xff", sha256(b"\xff"), "")


def test_s6_2_a_chapter_in_the_wrong_bin_is_refused() -> None:
    content = registry_bin([ChapterMaker().entry()])
    right, wrong = ChapterMaker().id[0], "a" if ChapterMaker().id[0] != "a" else "b"
    assert open_bin(content, sha256(content), right)
    with pytest.raises(Malformed):
        open_bin(content, sha256(content), wrong)


def test_s6_2_a_chapter_twice_in_a_bin_is_refused() -> None:
    content = registry_bin([ChapterMaker().entry()] * 2)
    with pytest.raises(Malformed):
        open_bin(content, sha256(content), "")


def test_s6_2_a_bin_with_a_forbidden_member_is_refused() -> None:
    content = registry_bin([ChapterMaker().entry(rank=1)])
    with pytest.raises(ForbiddenMember):
        open_bin(content, sha256(content), "")


def test_s6_2_a_chain_that_passes_through_the_registrys_root_may_be_longer() -> None:
    maker = ChapterMaker()
    maker.rotate()
    require_root_on_chain(maker.chain, entry(maker))


def test_s6_2_a_chain_shorter_than_the_registrys_root_is_not_enough_yet() -> None:
    maker = ChapterMaker()
    with pytest.raises(MissingRoot):
        require_root_on_chain(maker.chain, entry(maker, root_version=2, root_digest=A))


def test_s6_2_a_chain_that_passes_the_registrys_root_by_is_refused() -> None:
    maker = ChapterMaker()
    with pytest.raises(BrokenChain):
        require_root_on_chain(maker.chain, entry(maker, root_digest=A))


@pytest.mark.parametrize("status", ["active", "paused"])
def test_s6_3_documents_of_active_and_paused_chapters_are_taken(status: str) -> None:
    assert require_listed(entry(ChapterMaker(), status=status)).status == status


@pytest.mark.parametrize("status", ["suspended", "dropped", "left"])
def test_s6_3_documents_of_suspended_dropped_and_left_chapters_are_refused(status: str) -> None:
    with pytest.raises(NotActive):
        require_listed(entry(ChapterMaker(), status=status))


def test_s6_3_a_chapter_that_the_registry_does_not_name_is_unknown() -> None:
    with pytest.raises(UnknownChapter):
        require_listed(None)


# The chapter's document (§7, §8.1).


def test_s7_2_a_document_signed_by_the_chapters_signing_key_is_read() -> None:
    maker = ChapterMaker()
    assert open_chapter(maker.document(), maker.chain[-1], NOW).chapter == maker.id


@pytest.mark.parametrize("signer", ["stranger", "london root", "hq registry"])
def test_s7_2_a_document_signed_by_any_other_key_is_refused(signer: str) -> None:
    maker = ChapterMaker()
    with pytest.raises(WrongSignature):
        open_chapter(sealed("chapter", maker.members(), key(signer)), maker.chain[-1], NOW)


def test_s7_2_a_document_that_names_another_chapter_is_refused() -> None:
    maker = ChapterMaker()
    with pytest.raises(BrokenChain):
        open_chapter(maker.document(chapter=ChapterMaker("leeds").id), maker.chain[-1], NOW)


def test_s7_2_a_document_of_a_root_not_held_yet_is_worth_another_try() -> None:
    maker = ChapterMaker()
    held = maker.chain[-1]
    maker.rotate()
    with pytest.raises(MissingRoot):
        open_chapter(maker.document(), held, NOW)


def test_s7_2_a_document_that_cites_a_root_not_held_under_a_held_key_waits_too() -> None:
    maker = ChapterMaker()
    with pytest.raises(MissingRoot):
        open_chapter(maker.document(root_version=2), maker.chain[-1], NOW)


def test_s5_3_after_a_rotation_the_former_signing_key_signs_nothing_more() -> None:
    maker = ChapterMaker()
    old = maker.document()
    maker.rotate()
    with pytest.raises(WrongSignature):
        open_chapter(old, maker.chain[-1], NOW)


def test_s5_3_a_signing_key_that_stays_keeps_its_documents() -> None:
    maker = ChapterMaker()
    old = maker.document()
    maker.roots.append(sealed("chapter-root", maker.root_members(2), maker.root_key))
    assert open_chapter(old, maker.chain[-1], NOW).root_version == 1


def test_s3_4_a_signed_document_with_a_forbidden_member_is_refused() -> None:
    maker = ChapterMaker()
    with pytest.raises(ForbiddenMember):
        open_chapter(maker.document(listings=[listing(going=5)]), maker.chain[-1], NOW)


def test_s3_1_the_bytes_are_verified_before_they_are_parsed() -> None:
    maker = ChapterMaker()
    with pytest.raises(WrongSignature):
        open_chapter(Envelope("chapter", "not JSON", maker.document().signatures), maker.chain[-1], NOW)


def test_s8_1_a_document_issued_more_than_a_day_from_now_is_refused() -> None:
    maker = ChapterMaker()
    assert open_chapter(maker.document(NOW + DAY), maker.chain[-1], NOW)
    with pytest.raises(OutOfTime):
        open_chapter(maker.document(NOW + DAY + HOUR), maker.chain[-1], NOW)


def test_s8_1_a_document_past_its_expiry_is_refused() -> None:
    maker = ChapterMaker()
    assert open_chapter(maker.document(), maker.chain[-1], NOW + 14 * DAY - HOUR)
    with pytest.raises(OutOfTime):
        open_chapter(maker.document(), maker.chain[-1], NOW + 14 * DAY)


def test_s8_1_a_document_past_fresh_until_is_still_taken() -> None:
    maker = ChapterMaker()
    assert open_chapter(maker.document(), maker.chain[-1], NOW + 3 * DAY)


# The floor and ties (§8.2, §8.3).


def test_s8_2_a_first_document_is_taken() -> None:
    assert judge(None, 1, A) is Verdict.REPLACE


def test_s8_2_a_newer_document_replaces_an_older_one() -> None:
    assert judge(Held(5, A), 6, B) is Verdict.REPLACE


def test_s8_2_an_older_document_never_replaces_a_newer_one() -> None:
    with pytest.raises(Older):
        judge(Held(5, A), 4, B)


def test_s8_2_the_floor_stays_after_the_held_document_has_gone() -> None:
    for version in (4, 5):
        with pytest.raises(Older):
            judge(Held(5, None), version, A)
    assert judge(Held(5, None), 6, A) is Verdict.REPLACE


def test_s8_2_the_same_document_again_changes_nothing() -> None:
    assert judge(Held(5, A), 5, A) is Verdict.SAME


def test_s8_3_of_two_documents_of_one_version_the_lower_digest_wins() -> None:
    assert judge(Held(5, B), 5, A) is Verdict.REPLACE_TIED
    assert judge(Held(5, A), 5, B) is Verdict.KEEP_TIED


@given(st.permutations([(3, A), (3, B), (2, "c" * 64), (3, "d" * 64)]))
def test_s8_3_all_receivers_end_with_one_document_in_whatever_order_they_come(order: list[tuple[int, str]]) -> None:
    held: Held | None = None
    for version, digest in order:
        try:
            if judge(held, version, digest) in (Verdict.REPLACE, Verdict.REPLACE_TIED):
                held = Held(version, digest)
        except Older:
            continue
    assert held == Held(3, A)


def test_s8_2_the_next_version_is_the_second_and_rises_even_if_the_clock_went_back() -> None:
    assert next_version(0, NOW) == int(NOW.timestamp())
    assert next_version(int(NOW.timestamp()) + 50, NOW) == int(NOW.timestamp()) + 51


# Whose is it? (§4.5)


def test_s4_5_a_document_and_a_later_root_say_whose_they_are() -> None:
    maker = ChapterMaker()
    assert claimed_author(maker.document()) == claimed_author(maker.rotate()) == maker.id


def test_s4_5_a_first_root_says_whose_it_is_by_its_digest() -> None:
    assert claimed_author(ChapterMaker().roots[0]) == ChapterMaker().id


def test_s4_5_hqs_documents_are_no_chapters() -> None:
    with pytest.raises(Malformed):
        claimed_author(HqMaker().roots[0])


def test_s4_5_a_claim_is_read_by_the_strict_parser_alone() -> None:
    with pytest.raises(Malformed):
        claimed_author(Envelope("chapter", '{"chapter":1,"chapter":2}', ()))


# What is urgent (§13.1).
