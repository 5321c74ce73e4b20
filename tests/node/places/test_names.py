"""Names as they are compared."""

import pytest

from node.places.names import fold, squash


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Elephant Castle", "Elephant & Castle"),
        ("Newcastle on Tyne", "Newcastle-upon-Tyne"),
        ("Miltonkeynes", "Milton Keynes"),
        ("kings lynn", "King’s Lynn"),
        ("Saint Ives", "St. Ives"),
    ],
)
def test_what_people_leave_out_does_not_matter(typed: str, name: str) -> None:
    assert squash(fold(typed)) == squash(fold(name))


def test_the_first_and_the_last_word_of_a_name_are_never_left_out() -> None:
    assert (squash("london on"), squash("the hague"), squash("under")) == ("londonon", "thehague", "under")
