"""The picture beside a shared link: two dots on a path at dusk, and a few words. Drawn, and never a photo.

Whoever is sent the link may see the picture for years. So its words say what stays true when a date is cancelled.
"""

from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from federation.text import tidy_line

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SIZE = 1200, 630
#: Atkinson Hyperlegible Next of the Braille Institute (SIL Open Font License 1.1: fonts/OFL.txt).
_FONT = Path(__file__).parents[1] / "fonts" / "AtkinsonHyperlegibleNext-SemiBold.ttf"
#: The colours of static/mark.svg on those of static/theme.css.
_SKY, _SUN, _FAR, _NEAR, _PATH = "#f1e0d0", "#e9b394", "#c9b3c0", "#4f4470", "#e6d9c8"
_INK, _SOFT, _DOTS = "#2b2733", "#5c5466", ("#c0714f", "#b9aede")
_MARGIN, _LEAST_SIZE = 72, 28
#: Drawn twice as large, then made smaller: the drawing itself has hard edges.
_FINE = 2
#: No letters have this one: it is drawn as what stands for a missing letter.
_MISSING = "\uffff"


class Words(NamedTuple):
    """The words of a picture, from the top: small, large, and of middle size."""

    whose: str
    when: str
    where: str


@lru_cache(maxsize=64)
def png(words: Words) -> bytes:
    """The picture with these words, as a PNG of SIZE."""
    from PIL import Image, ImageDraw  # imported where it is used: most processes never draw

    image = Image.new("RGB", (SIZE[0] * _FINE, SIZE[1] * _FINE), _SKY)
    _scene(ImageDraw.Draw(image))
    image = image.resize(SIZE, Image.Resampling.BOX)
    _write(ImageDraw.Draw(image), words)
    return _packed(image)


def _scene(draw: "ImageDraw") -> None:
    _dot(draw, 930, 430, 105, _SUN)
    _hill(draw, _FAR, ((0, 440), (240, 405), (520, 430), (820, 392), (1200, 428)))
    _hill(draw, _NEAR, ((0, 520), (300, 492), (640, 512), (940, 470), (1200, 500)))
    for x, y in _smooth([(330, 660), (470, 585), (580, 562), (700, 545), (800, 515), (890, 484)]):
        _dot(draw, x, y, 9, _PATH)
    for (x, y), colour in zip(((560, 535), (618, 527)), _DOTS, strict=True):
        _dot(draw, x, y, 25, colour)


def _dot(draw: "ImageDraw", x: float, y: float, radius: int, colour: str) -> None:
    draw.ellipse([(one * _FINE) for one in (x - radius, y - radius, x + radius, y + radius)], colour)


def _hill(draw: "ImageDraw", colour: str, line: tuple[tuple[int, int], ...]) -> None:
    edge = [*_smooth(list(line)), (SIZE[0], SIZE[1]), (0, SIZE[1])]
    draw.polygon([(x * _FINE, y * _FINE) for x, y in edge], colour)


def _smooth(points: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """A curve from the first point to the last (Chaikin's corners, cut six times)."""
    line: list[tuple[float, float]] = [*points]
    for _ in range(6):
        cut = [line[0]]
        for (x, y), (to_x, to_y) in pairwise(line):
            cut += [(0.75 * x + 0.25 * to_x, 0.75 * y + 0.25 * to_y), (0.25 * x + 0.75 * to_x, 0.25 * y + 0.75 * to_y)]
        line = [*cut, line[-1]]
    return line


def _write(draw: "ImageDraw", words: Words) -> None:
    top = 64
    for text, size, colour in ((words.whose, 38, _SOFT), (words.when, 84, _INK), (words.where, 48, _INK)):
        shown = tidy_line(text)
        font = _fitting(shown, size) if shown else None
        if font is not None:
            draw.text((_MARGIN, top), shown, colour, font)
            top += round(size * 1.35)


def _fitting(text: str, size: int) -> Any:
    """Letters in which `text` fits on one line; None where they lack one of its letters, or it is too long."""
    for smaller in range(size, _LEAST_SIZE - 1, -4):
        font = _font(smaller)
        if font.getlength(text) <= SIZE[0] - 2 * _MARGIN:
            return font if _has_all(font, text) else None
    return None


@lru_cache(maxsize=16)
def _font(size: int) -> Any:
    from PIL import ImageFont

    # The other engine fails on letters that a font does not have, and this font has none that need it.
    return ImageFont.truetype(_FONT, size, layout_engine=ImageFont.Layout.BASIC)


def _has_all(font: Any, text: str) -> bool:
    missing = bytes(font.getmask(_MISSING))
    return all(one.isspace() or bytes(font.getmask(one)) != missing for one in set(text))


def _packed(image: "Image") -> bytes:
    out = BytesIO()
    image.quantize(64).save(out, "PNG")  # with optimize=True 73 ms instead of 47, for 12 KB instead of 14
    return out.getvalue()
