"""The contrast of the colours, computed from the custom properties (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from itertools import product
from pathlib import Path

import pytest

import web

STATIC = Path(web.__file__).with_name("static")
GROUNDS = ("paper", "raised", "wash", "wash-bad")
TEXTS = ("ink", "soft", "accent", "cancelled")
PAIRS = (
    *product(TEXTS, GROUNDS),
    ("on-accent", "accent"),
    ("on-confirmed", "confirmed"),
    *product(("moved",), GROUNDS),
    *product(("ink", "accent"), ("sky",)),
    *product(("ink", "soft"), ("land", "water")),
)


def themes() -> dict[str, dict[str, str]]:
    paper, dusk = (STATIC / "theme.css").read_text().split("@media")
    light = dict(re.findall(r"--([\w-]+): (#\w{6});", paper))
    return {"paper": light, "dusk": light | dict(re.findall(r"--([\w-]+): (#\w{6});", dusk))}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["paper", "dusk"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_every_text_can_be_read_on_every_ground(theme: str, text: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["paper", "dusk"])
@pytest.mark.parametrize(("mark", "ground"), [*product(("edge", "focus", "terra", "lilac"), ("paper", "raised"))])
def test_edges_focus_rings_and_the_two_dots_stand_out(theme: str, mark: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[mark], colours[ground]) >= 3


def test_no_style_sheet_names_a_colour_of_its_own() -> None:
    for sheet in ("site.css", "lead.css", "map.css"):
        named = re.findall(r"#[0-9a-f]{3,8}\b", (STATIC / sheet).read_text())
        assert set(named) <= {"#000"}, sheet


def test_no_style_sheet_knows_left_and_right() -> None:
    """A language that is read from the right needs a translation, and no sheet of its own."""
    physical = re.compile(
        r"[{;]\s*(?:(?:margin|padding|border|scroll-margin)-(?:left|right)|left|right)\b[^:]*:|: (?:left|right)\b"
    )
    for sheet in STATIC.glob("*.css"):
        assert physical.findall(sheet.read_text()) == [], sheet.name


def test_no_template_carries_a_style_or_a_script_of_its_own() -> None:
    for template in STATIC.with_name("templates").rglob("*.html"):
        if template.parent.name == "letters":
            continue  # a mail program asks for no style sheet
        # A data block is no script (HTML §4.12.1): browsers skip it before they ask the CSP. Search engines read it.
        text = template.read_text().replace('<script type="application/ld+json">', "")
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", text), template


def test_every_class_that_a_template_names_is_in_a_style_sheet() -> None:
    """A button whose class was renamed in the sheet alone looked like the one that most people want."""
    sheets = "".join(sheet.read_text() for sheet in STATIC.glob("*.css"))
    drawn = set(re.findall(r"\.([a-z][\w-]*)", sheets))
    for template in STATIC.with_name("templates").rglob("*.html"):
        plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "…", template.read_text(), flags=re.DOTALL)
        named = {one for names in re.findall(r'class="([^"]*)"', plain) for one in names.split() if "…" not in one}
        # Microformats name what a text is, for whoever reads pages by program.
        named = {one for one in named if not re.match(r"(h|p|u|dt)-", one)}
        assert named <= drawn, (template, named - drawn)
