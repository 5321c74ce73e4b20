"""federation.feed: cursors, and blocks that a cut answer never passes for (PROTOCOL.md §9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import FederationError, Malformed, UnknownCursor
from federation.feed import BLOCK, Block, Cursor, block_end, read_block, read_cursor, write_block

FEED = "abcdefgh"


@pytest.mark.parametrize("text", [None, "", "0"])
def test_s9_1_no_cursor_reads_from_the_start(text: str | None) -> None:
    assert read_cursor(text, FEED, 10) == 0


def test_s9_1_a_cursor_says_after_which_row_to_go_on() -> None:
    assert read_cursor(f"{FEED}.10", FEED, 10) == 10


@pytest.mark.parametrize(
    "text", ["1", "abcdefg.1", f"{FEED}.", f"{FEED}.-1", f"{FEED}.1\n", "ABCDEFGH.1", f"{FEED}.\u0661"]
)
def test_s9_1_a_cursor_of_another_shape_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_cursor(text, FEED, 10)


def test_s9_3_a_cursor_of_another_feed_is_unknown() -> None:
    with pytest.raises(UnknownCursor):
        read_cursor("hgfedcba.1", FEED, 10)


def test_s9_3_a_cursor_beyond_the_end_is_unknown() -> None:
    with pytest.raises(UnknownCursor):
        read_cursor(f"{FEED}.11", FEED, 10)


@pytest.mark.parametrize(("after", "end"), [(0, BLOCK), (1, BLOCK), (BLOCK - 1, BLOCK), (BLOCK, 2 * BLOCK)])
def test_s9_1_a_block_ends_at_the_next_multiple_of_500(after: int, end: int) -> None:
    assert block_end(after) == end


@given(st.lists(st.binary(min_size=1, max_size=20).filter(lambda line: b"\n" not in line)), st.booleans())
def test_s9_2_a_block_comes_back_as_it_went(lines: list[bytes], more: bool) -> None:
    block = Block(lines, Cursor(FEED, 7), more)
    assert read_block(write_block(lines, block.cursor, more)) == block


@given(st.data())
def test_s9_2_a_cut_block_is_refused_wherever_it_was_cut(data: st.DataObject) -> None:
    whole = write_block([b'{"payload":"{}"}', b"{}"], Cursor(FEED, 7), True)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(Malformed):
        read_block(cut)


@pytest.mark.parametrize(
    "last",
    [b"{}", b'{"cursor":"abcdefgh.1"}', b'{"cursor":1,"more":true}', b'{"cursor":"abcdefgh.1","more":1}', b"[]", b""],
)
def test_s9_2_a_block_without_its_last_line_is_refused(last: bytes) -> None:
    with pytest.raises(Malformed):
        read_block(b"{}\n" + last + b"\n")


@given(st.binary(max_size=200))
def test_s9_2_arbitrary_bytes_raise_nothing_but_refusals(data: bytes) -> None:
    try:
        read_block(data)
    except FederationError:
        return
