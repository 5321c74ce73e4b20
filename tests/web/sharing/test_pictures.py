"""The pictures beside a shared link."""

import re
from io import BytesIO

import pytest
from PIL import Image

from node.models import Run
from web.formats import picture
from web.formats.picture import Words

from ...support.network import LocalNode, a_run
from ...support.taps import cancel, confirm
from ...support.web_client import Phone


@pytest.fixture
def run(london: LocalNode) -> Run:
    return london.announce(a_run())


def named(node: LocalNode, path: str) -> str:
    """The path of the picture that a page names."""
    [found] = re.findall(r'property="og:image" content="([^"]+)"', Phone(node).get(path).text)
    return found.removeprefix(node.settings.base_url).replace("&amp;", "&")


def test_each_page_names_a_picture_of_the_size_that_it_says(london: LocalNode, run: Run) -> None:
    for path in ("/", "/runs", f"/chapters/{london.chapter_id}", f"/runs/{london.chapter_id}/{run.id}"):
        answer = Phone(london).get(named(london, path))
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        with Image.open(BytesIO(answer.data)) as image:
            assert image.size == (1200, 630)
        assert len(answer.data) < 40_000


def test_a_picture_stays_the_same_when_a_date_is_confirmed_or_cancelled(london: LocalNode, run: Run) -> None:
    path = f"/runs/{london.chapter_id}/{run.id}"
    before = named(london, path)
    confirm(london, run)
    assert named(london, f"{path}?date=2026-06-04") == before
    cancel(london, run)
    assert named(london, path) == before


def test_the_picture_of_a_cancelled_date_is_another_one(london: LocalNode, run: Run) -> None:
    path = f"/runs/{london.chapter_id}/{run.id}"
    cancel(london, run)
    usual, cancelled = named(london, path), named(london, f"{path}?date=2026-06-04")
    assert Phone(london).get(usual).data != Phone(london).get(cancelled).data


def test_words_whose_letters_are_missing_are_left_out_and_no_boxes_drawn() -> None:
    assert picture.png(Words("", "東京", "")) == picture.png(Words("", "", ""))
    assert picture.png(Words("", "Zürich", "")) != picture.png(Words("", "", ""))


def test_a_long_name_stays_on_the_picture() -> None:
    assert picture.png(Words("n" * 80, "Every Thursday, 18:30", "p" * 80))


def test_an_unknown_run_has_no_picture(london: LocalNode) -> None:
    assert Phone(london).get(f"/runs/{london.chapter_id}/nothing/picture.png").status_code in (404, 410)
