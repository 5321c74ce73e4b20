"""The file of places, read: by name, by beginning, by id; and what is said where it is missing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from node.errors import NodeError
from node.places import gazetteer, lookup

pytestmark = pytest.mark.usefixtures("gazetteer")


def test_a_place_is_got_by_its_id() -> None:
    (brisbane,) = lookup.resolve("Brisbane, Queensland").every[:1]
    assert gazetteer.get(brisbane.id) == brisbane


@pytest.mark.parametrize("place_id", [0, -1, 2**70])
def test_an_unknown_id_has_no_place(place_id: int) -> None:
    assert gazetteer.get(place_id) is None


def test_without_the_file_the_message_says_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer, "GAZETTEER", tmp_path / "places.sqlite")
    with pytest.raises(gazetteer.GazetteerMissing, match="`make install`") as caught:
        lookup.resolve("London")
    assert isinstance(caught.value, NodeError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("build", [b"", b"no database" * 100])
def test_a_file_that_is_no_gazetteer_is_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: bytes
) -> None:
    monkeypatch.setattr(gazetteer, "GAZETTEER", tmp_path / "places.sqlite")
    gazetteer.GAZETTEER.write_bytes(build)
    with pytest.raises(gazetteer.GazetteerMissing, match="`make install`"):
        lookup.resolve("London")


def test_a_file_that_was_cut_short_is_a_missing_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = tmp_path / "places.sqlite"
    with gazetteer.GAZETTEER.open("rb") as whole:
        cut.write_bytes(whole.read(1_000_000))
    monkeypatch.setattr(gazetteer, "GAZETTEER", cut)
    for text in ("London", "PE1 1XS"):
        with pytest.raises(gazetteer.GazetteerMissing, match="`make install`"):
            lookup.resolve(text)


def test_a_file_of_an_older_edition_says_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "places.sqlite"
    older.write_bytes(gazetteer.GAZETTEER.read_bytes())
    with closing(sqlite3.connect(older)) as connection:
        connection.executescript("DROP VIEW coded; DROP TABLE postcode; PRAGMA user_version = 0;")
    monkeypatch.setattr(gazetteer, "GAZETTEER", older)
    with pytest.raises(gazetteer.GazetteerMissing, match="`make install`"):
        lookup.resolve("London")
