"""Each address is written once, in its route. Pages and redirects ask for an address by the name of its view."""

import re
from pathlib import Path

import pytest

import web

ROOT = Path(web.__file__).parent
#: The beginning of an address of this program that is written by hand, after a quotation mark.
BY_HAND = re.compile(r"""(?:href|action|formaction)="/|["'`]/(?:lead|hq|runs|chapters|help|privacy|signin)\b""")
#: The page for an error that may have broken everything else. Its addresses are written by hand.
ALONE = "errors/500.html"
TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != ALONE])
def test_no_template_writes_an_address_by_hand(name: str) -> None:
    assert BY_HAND.findall((ROOT / "templates" / name).read_text()) == []


def test_no_script_writes_an_address_by_hand() -> None:
    scripts = list((ROOT / "static").glob("*.js"))
    assert len(scripts) >= 2
    assert [path.name for path in scripts if BY_HAND.search(path.read_text())] == []


def test_no_redirect_writes_an_address_by_hand() -> None:
    found = [path for path in ROOT.rglob("*.py") if re.search(r"""redirect\(f?["']/""", path.read_text())]
    assert found == []


def test_the_page_that_stands_alone_leads_to_pages_that_are_there() -> None:
    written = set(re.findall(r'href="\{\{ request\.script_root \}\}(/\w+)"', (ROOT / "templates" / ALONE).read_text()))
    assert written == {"/runs", "/help"}
