"""A lead's board in words."""

import pytest

from node.relay.queue import Progress
from web.words import board


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(hq=None, acknowledged=1, of=2, done=False), "Telling the other sites…"),
        (Progress(hq=True, acknowledged=2, of=2, done=True), "Done. Every site shows this now."),
        (Progress(hq=False, acknowledged=2, of=6, done=False), "Telling the other sites…"),
        (
            Progress(hq=False, acknowledged=7, of=7, done=True),
            "7 of 8 sites show this. The other one will as soon as it’s back.",
        ),
        (
            Progress(hq=False, acknowledged=1, of=2, done=True),
            "1 of 3 sites show this. The others will as soon as they’re back.",
        ),
        (
            Progress(hq=True, acknowledged=6, of=6, done=True, is_everybody=False),
            "Done. 7 sites show this, and pass it on to all the others.",
        ),
    ],
)
def test_how_far_a_change_has_come_is_said_as_a_lead_needs_it(progress: Progress, words: str) -> None:
    assert board.reach_words(progress) == words
