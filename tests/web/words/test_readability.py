"""The texts of pages and letters are easy to read, and the measure tells an easy text from a hard one."""

import pytest

from .readability import grade, hard_words, sentences_of
from .test_plain_words import every_text

EASY = "You come to the meeting point. Someone says hello. We set off slowly, and talk, or don’t."
HARD = "Participation necessitates unconditional confirmation of individual availability by the coordinator."
PAGE = """<main><h1>Availability</h1><p>Please wait. <q>An incomprehensible annotation.</q></p>
<ul><li>Please wait.</li><li>Toilets</li></ul><p>Is it on?</p></main>"""


def test_the_measure_tells_an_easy_text_from_a_hard_one() -> None:
    assert grade(EASY.split(". ")) < 6
    assert grade([HARD]) > 15


def test_a_page_is_measured_by_our_own_sentences_alone() -> None:
    assert sentences_of(PAGE) == ["Please wait.", "Is it on?"]


@pytest.mark.parametrize(
    "rooms",
    [
        ("templates/public/", "public/", "templates/errors/", "errors.py", "templates/parts/"),
        ("templates/coming/", "forms/members/coming.py", "words/members/coming.py"),
        ("letters/", "templates/letters/"),
        ("templates/members/", "templates/signin/", "forms/members/", "words/members/"),
        ("templates/leads/", "forms/", "words/"),
        ("templates/hq/", "words/hq.py", "forms/hq.py"),
    ],
)
def test_whoever_has_nine_years_of_school_can_read_the_texts_of_each_room(rooms: tuple[str, ...]) -> None:
    said = [text for file, text in every_text() if file.startswith(rooms)]
    sentences = [one for text in said for one in sentences_of(f"<p>{text}</p>")]
    assert len(sentences) >= 30
    assert grade(sentences) <= 9, [(one, hard_words(one)) for one in sentences if len(hard_words(one)) > 2]
