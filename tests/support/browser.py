"""A real Chromium for tests and screenshots: Debian's, headless, with an empty profile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

#: Arguments of its command line: it asks nobody, and needs neither a sandbox nor a graphics card.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """The browser, closed at the end. `more`: further arguments of its command line."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *more])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of a fresh profile: phone-sized, unless `options` of a browser context say otherwise."""
    context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB"} | options)
    try:
        yield context.new_page()
    finally:
        context.close()
