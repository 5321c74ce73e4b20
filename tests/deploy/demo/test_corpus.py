"""The corpus: chapters that are documents only, each as true as a node's own."""

from itertools import islice

from deploy.demo.corpus import make_chapters
from federation.acceptance import open_chapter
from federation.documents import ChapterRoot
from federation.trust import walk

from ...support.federation_makers import NOW


def test_every_chapter_of_the_corpus_passes_the_verifier_of_any_other() -> None:
    for chapter in make_chapters(40, 3, NOW):
        root = walk([chapter.root], ChapterRoot, chapter.id)[-1]
        document = open_chapter(chapter.document, root, NOW)
        assert len(document.listings) == 3
        assert root.document.base_url == chapter.base_url


def test_no_two_chapters_share_an_id_and_the_same_seed_makes_the_same_bytes() -> None:
    first, again = (list(make_chapters(200, 1, NOW, seed=7)) for _ in range(2))
    assert first == again
    assert len({chapter.id for chapter in first}) == 200
    assert next(make_chapters(1, 1, NOW, seed=8)).id != first[0].id


def test_the_towns_of_the_corpus_are_all_over_the_world() -> None:
    found = [open_chapter(c.document, walk([c.root], ChapterRoot, c.id)[-1], NOW) for c in make_chapters(300, 1, NOW)]
    assert len({document.profile.country for document in found}) > 25
    assert len({document.listings[0].schedule.timezone for document in found}) > 25


def test_the_caller_says_where_the_chapters_live() -> None:
    made = make_chapters(10, 1, NOW, at=lambda number: f"http://127.0.0.1:{number + 1}")
    assert [chapter.base_url for chapter in islice(made, 2)] == ["http://127.0.0.1:1", "http://127.0.0.1:2"]
