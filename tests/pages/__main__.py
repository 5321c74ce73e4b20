"""Screenshots of every page in every situation, on a phone and at a desk, by day and at dusk, for people to look at."""

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from ..support.browser import DESK, PHONE, chromium
from .table import all_looks
from .walk import Walk
from .world import world

FOLDER = Path("screenshots")


def main(words: list[str]) -> None:
    """Those whose name has one of `words`; without any, all."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as data, world(Path(data)) as made, chromium() as browser, ExitStack() as closing:
        walk = Walk(made, browser, closing)
        for name, look in all_looks().items():
            if not words or any(word in name for word in words):
                with walk.at(look) as (opened, _):
                    taken = dict(_taken(opened))
                # Not before: a look may be one at a disk that is full.
                for ending, picture in taken.items():
                    (FOLDER / f"{_slug(name)}-{ending}.png").write_bytes(picture)


def _taken(opened: Page) -> Iterator[tuple[str, bytes]]:
    for scheme, mark in (("dark", "-dusk"), ("light", "")):
        opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for size in (DESK, PHONE):
            opened.set_viewport_size(size)
            yield f"{size['width']}{mark}", opened.screenshot(full_page=True)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "home"


if __name__ == "__main__":
    main(sys.argv[1:])
