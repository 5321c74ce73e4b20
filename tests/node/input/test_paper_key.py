"""A root key on paper: what is typed is read, and a mistake is named by its line."""

import pytest

from federation.keys import SigningKey
from node.input import paper_key

KEY = SigningKey("8f3a11c290de77ab" * 4)


def test_the_four_lines_are_read_again_whatever_their_spaces_and_capitals() -> None:
    lines = paper_key.lines_of(KEY)
    assert [len(line) for line in lines] == [22] * 4
    for typed in ("\n".join(lines), "".join(lines).replace(" ", "").upper(), " - ".join(lines)):
        assert paper_key.read(typed).public == KEY.public


def test_the_same_digits_have_another_check_in_each_line() -> None:
    assert len({line[-2:] for line in paper_key.lines_of(KEY)}) == 4


def test_a_key_without_checks_is_read_as_it_was_written_before() -> None:
    assert paper_key.read(KEY.seed_hex() + "\n").public == KEY.public


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_mistake_is_named_by_its_line(number: int) -> None:
    lines = paper_key.lines_of(KEY)
    lines[number - 1] = "9" + lines[number - 1][1:]
    with pytest.raises(paper_key.Mistyped, match=f"line {number} has a mistake"):
        paper_key.read(" ".join(lines))


def test_two_lines_in_the_wrong_order_are_noticed() -> None:
    lines = paper_key.lines_of(KEY)
    with pytest.raises(paper_key.Mistyped, match="line 1 has a mistake"):
        paper_key.read(" ".join([lines[1], lines[0], *lines[2:]]))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("8f3o", r"the 4\. character is none of 0 to 9 and a to f \(perhaps 0\)"),
        ("8f3x", r"the 4\. character is none of 0 to 9 and a to f$"),
        ("8f3a", "has 72 digits, or 64 without checks; this has 4"),
        ("", "this has 0"),
    ],
)
def test_what_is_no_key_is_refused_in_words_that_do_not_repeat_it(typed: str, said: str) -> None:
    with pytest.raises(paper_key.Mistyped, match=said):
        paper_key.read(typed)
