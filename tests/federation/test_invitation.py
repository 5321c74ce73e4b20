"""federation.invitation: one line that a person can paste (PROTOCOL.md §10)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import FederationError, Malformed
from federation.invitation import Invitation, new_secret, read_invitation

from ..support.federation_makers import HqMaker, write

HQ = HqMaker()
INVITATION = Invitation("https://hq.example.org", HQ.id, HQ.roots[0].digest, "0" * 64)


def packed(members: object) -> str:
    return "rtr1." + base64.urlsafe_b64encode(write(members).encode()).decode().rstrip("=")


def test_s10_1_an_invitation_comes_back_as_it_went() -> None:
    assert read_invitation(str(INVITATION)) == INVITATION


def test_s10_1_white_space_around_an_invitation_does_not_matter() -> None:
    assert read_invitation(f"  {INVITATION}\n") == INVITATION


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rtr1.",
        str(INVITATION)[5:],
        str(INVITATION).replace("rtr1.", "rtr2."),
        str(INVITATION)[:-2],
        str(INVITATION)[:60] + " " + str(INVITATION)[60:],
        "rtr1." + "a" * 2000,
        packed({"hq_url": "https://hq.example.org"}),
        packed([1]),
    ],
)
def test_s10_1_an_invitation_that_was_cut_or_changed_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_invitation(text)


@given(st.text(max_size=100))
def test_s10_1_arbitrary_text_raises_nothing_but_refusals(text: str) -> None:
    try:
        read_invitation("rtr1." + text)
    except FederationError:
        return


def test_s10_1_a_secret_is_32_random_bytes_and_never_shown() -> None:
    secret = new_secret()
    assert len(bytes.fromhex(secret)) == 32
    assert secret not in repr(Invitation("https://hq.example.org", HQ.id, HQ.roots[0].digest, secret))
