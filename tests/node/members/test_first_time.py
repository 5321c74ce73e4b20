"""The letter to whoever comes for the first time, and photos: only their pixels stay."""

import io
import struct
import zipfile
import zlib
from datetime import date

import pytest
from PIL import Image

from node.chapter import series
from node.database import CannotWrite, writing
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.members import first_time
from node.models import Photo, Run

from ...support.full_disk import full_disk
from ...support.network import LocalNode


def picture(width: int = 640, height: int = 480, kind: str = "JPEG", color: str = "teal", **options: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), color).save(made, kind, **options)
    return made.getvalue()


def write(node: LocalNode, run: Run, words: str, saw: str | None = None) -> None:
    with node.session() as session:
        first_time.write(session, run.id, words, node.clock(), saw)


def letter(node: LocalNode, run: Run) -> str:
    with node.session() as session:
        return first_time.letter_of(session, run.id)


def add(node: LocalNode, run: Run, sent: bytes, shows: str = "The steps") -> None:
    with node.session() as session:
        first_time.add_photo(session, run.id, sent, shows, node.clock.tick(seconds=1))


def photos(node: LocalNode, run: Run) -> list[Photo]:
    with node.session() as session:
        found = list(first_time.photos_of(session, run.id))
        session.expunge_all()
        return found


def problem_of(sent: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        first_time.encode(sent)
    return refused.value.problems["photo"]


def test_a_letter_is_kept_changed_and_taken_back(london: LocalNode, run: Run) -> None:
    write(london, run, "Turn left at the station.")
    write(london, run, "Turn right at the station.")
    assert letter(london, run) == "Turn right at the station."
    write(london, run, "  ")
    assert letter(london, run) == ""


def test_an_old_page_overwrites_no_newer_letter(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        saw = first_time.mark_of(session, run.id)
    write(london, run, "By Sam")
    with pytest.raises(StalePage):
        write(london, run, "By Kim", saw)
    assert letter(london, run) == "By Sam"


def test_a_letter_is_public_and_names_no_way_to_reach_anybody(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput) as refused:
        write(london, run, "Ring me: 07700 900123")
    assert refused.value.problems == {"words": "personal"}


def test_a_photo_keeps_its_pixels_and_nothing_else(london: LocalNode, run: Run) -> None:
    exif = Image.Exif()
    exif[0x010E] = "canary description"
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 0.0)}
    add(london, run, picture(exif=exif, comment=b"canary comment", icc_profile=b"canary profile"))
    (kept,) = photos(london, run)
    assert b"canary" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as read:
        assert (read.format, read.size) == ("WEBP", (640, 480))
        assert dict(read.getexif()) == {}
        assert set(read.info) <= {"loop", "background", "timestamp", "duration"}


def test_a_photo_stands_upright_though_the_phone_lay_on_its_side() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert first_time.encode(picture(640, 480, exif=exif))[1:] == (480, 640)


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (3000, 4000), (6000, 200)])
def test_a_large_photo_is_made_small(width: int, height: int) -> None:
    made = first_time.encode(picture(width, height))
    assert max(made.width, made.height) == 1280
    assert len(made.content) <= first_time.MAX_KEPT


def test_the_noisiest_photo_is_small_enough_too() -> None:
    made = io.BytesIO()
    Image.effect_noise((2000, 1500), 255).convert("RGB").save(made, "PNG")
    assert len(first_time.encode(made.getvalue()).content) <= first_time.MAX_KEPT


def test_a_transparent_picture_stands_on_white() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(made, "PNG")
    with Image.open(io.BytesIO(first_time.encode(made.getvalue()).content)) as read:
        assert min(read.convert("RGB").getpixel((5, 5))) > 250


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is so large, and whose pixels are all alike."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(5000, 4000), (30_000, 30_000), (60_000, 60_000)])
def test_a_small_file_with_too_many_pixels_is_refused_unread(width: int, height: int) -> None:
    assert problem_of(bomb(width, height)) in ("range", "unreadable")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"<!doctype html><title>x</title>",
        picture()[:200],
        picture(kind="PNG")[:60],
        picture(kind="BMP"),
        picture(kind="TIFF"),
        b"\xff\xd8\xff\xe0" + b"\xff" * 500,
        bomb(1000, 1000),
    ],
)
def test_what_is_no_photo_is_refused(sent: bytes) -> None:
    assert problem_of(sent) == "unreadable"


def test_of_a_file_that_is_a_photo_and_something_else_only_the_photo_stays() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("canary.html", "<script>canary</script>")
    content = first_time.encode(picture() + archive.getvalue() + b"<script>canary</script>").content
    assert b"canary" not in content
    assert content.startswith(b"RIFF")


def test_a_file_that_is_too_long_is_not_even_opened() -> None:
    assert problem_of(picture() + b"\0" * first_time.MAX_SENT) == "too_long"


def test_a_run_has_four_photos_at_most_and_the_same_one_once(london: LocalNode, run: Run) -> None:
    for color in ("red", "green", "blue", "blue", "white"):
        add(london, run, picture(color=color))
    assert len(photos(london, run)) == 4
    with pytest.raises(InvalidInput) as refused:
        add(london, run, picture(color="black"))
    assert refused.value.problems == {"photo": "too_many"}


def test_a_photo_says_what_it_shows(london: LocalNode, run: Run) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(london, run, b"", " ")
    assert refused.value.problems == {"shows": "required", "photo": "required"}


def test_a_photo_of_another_run_is_not_taken_away(london: LocalNode, run: Run) -> None:
    add(london, run, picture())
    (kept,) = photos(london, run)
    with london.session() as session:
        first_time.remove_photo(session, "another", kept.id)
    assert len(photos(london, run)) == 1
    with london.session() as session:
        first_time.remove_photo(session, run.id, kept.id)
        first_time.remove_photo(session, run.id, kept.id)
        with pytest.raises(NotFound):
            first_time.photo(session, kept.id)


def test_letter_and_photos_end_with_their_run(london: LocalNode, run: Run) -> None:
    write(london, run, "Turn left.")
    add(london, run, picture())
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock())
    for days, left in ((1, 1), (21, 0)):
        london.clock.tick(days=days)
        with london.session() as session, writing(session) as transaction:
            first_time.sweep(transaction, london.clock())
        assert len(photos(london, run)) == left
        assert bool(letter(london, run)) == bool(left)
    assert london.clock().date() > date(2026, 6, 20)


def test_on_a_full_disk_neither_is_kept(london: LocalNode, run: Run) -> None:
    with full_disk(london):
        with pytest.raises(CannotWrite):
            write(london, run, "Turn left. " * 200)
        with pytest.raises(CannotWrite):
            add(london, run, picture())
    assert (letter(london, run), photos(london, run)) == ("", [])
