"""A runner says "I'm coming", and hears at once that the lead has cancelled: at 390 px, without JavaScript."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from .canaries.traces import files, found
from .support.browser import PHONE, chromium, page
from .support.members.letters import text_of
from .support.processes import Demo, demo, first_listing, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: Seconds within which everybody who was told that the run is on is told that it is off.
SOON = 10
WHO, ADDRESS, WORDS = "Qwrenna", "qwrenna.canary@example.org", "Qwrenna walks the hills slowly"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("week") / "demo") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@contextmanager
def phone(browser: Browser) -> Iterator[Page]:
    """A phone of its own, without JavaScript. No page of it is wider than its screen."""
    with page(browser, java_script_enabled=False) as opened:
        yield opened
        # By the browser's own reckoning, since no script runs in the page.
        metrics = opened.context.new_cdp_session(opened).send("Page.getLayoutMetrics")
        assert metrics["cssContentSize"]["width"] <= PHONE["width"]


def mailed(running: Demo, address: str) -> list[EmailMessage]:
    """The letters to one address that London's node has sent, the first first."""
    folder = running.folder / "letters" / "london"
    letters = [message_from_bytes(file.read_bytes(), policy=SMTP) for file in sorted(folder.glob("*.eml"))]
    return [one for one in letters if one["To"] == address]  # type: ignore[misc]  # by this policy EmailMessages


def wait_for_letter(running: Demo, address: str, subject: str) -> EmailMessage:
    """The letter to that address whose subject begins so."""

    def those() -> list[EmailMessage]:
        return [one for one in mailed(running, address) if str(one["Subject"]).startswith(subject)]

    wait_until(lambda: bool(those()), f"the letter “{subject}”", 20)
    return those()[0]


def say_coming(running: Demo, opened: Page) -> None:
    """From London's page of its run to the form: the first of two taps."""
    chapter, run = first_listing(running, "london")
    opened.goto(running.url("london") + f"/runs/{chapter}/{run}")
    opened.get_by_role("link", name="I’m coming").click()


def come_without_giving_anything(running: Demo, opened: Page) -> None:
    """Two taps, and a private page that says what it cannot do."""
    say_coming(running, opened)
    opened.get_by_role("button", name="Yes, I’m coming").first.click()
    expect(opened.get_by_text("We can’t reach you, so check here before you leave.")).to_be_visible()
    assert opened.context.cookies() == []


def come_for_the_first_time(running: Demo, opened: Page) -> None:
    """With a name and an address, which its owner confirms by the link in the one letter that comes."""
    say_coming(running, opened)
    opened.get_by_label("It’s my first time").check()
    opened.get_by_text("Tell us a little more, if you like").click()
    opened.get_by_label("A first name or nickname").fill(WHO)
    opened.get_by_label("A message to the leads").fill(WORDS)
    opened.get_by_label("Email, for reminders and changes").fill(ADDRESS)
    opened.get_by_role("button", name="Yes, I’m coming and send this").click()
    expect(opened.get_by_text("an email is on its way")).to_be_visible()
    mine = opened.url
    link = re.search(r"http\S+/confirm/\S+", text_of(wait_for_letter(running, ADDRESS, "Can we email you?")))
    assert link
    opened.goto(link[0])
    opened.get_by_role("button", name="Yes, email me").click()
    expect(opened.get_by_role("heading", name="Thank you")).to_be_visible()
    opened.goto(mine)
    expect(opened.get_by_text("We’ll email you if something changes.")).to_be_visible()


def see_who_comes(running: Demo, lead: Page) -> None:
    """The lead's page of the day: one who comes for the first time, and one who said no more than yes."""
    lead.goto(running.command("london", "signin-link").strip())
    lead.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    lead.get_by_role("link", name=re.compile("Who’s coming")).first.click()
    coming = lead.get_by_role("region", name="Who’s coming")
    expect(coming.get_by_text("first time", exact=True)).to_have_count(1)
    expect(coming.get_by_role("listitem")).to_have_count(1)
    expect(coming).to_contain_text(WHO)
    expect(coming).to_contain_text("1 more said only that they’re coming.")


def cancel(running: Demo, lead: Page) -> float:
    """Cancel the first date in two taps. When, by the monotonic clock."""
    lead.goto(running.url("london") + "/lead")
    lead.get_by_text("Change or cancel").first.click()
    lead.get_by_role("button", name=re.compile("weather", re.IGNORECASE)).first.click()
    tapped = time.monotonic()
    expect(lead.get_by_text("Cancelled").first).to_be_visible()
    return tapped


def calendar_says_cancelled(address: str) -> bool:
    """Whether a calendar has a date with "Cancelled" first in its summary."""
    return "\r\nSUMMARY:Cancelled: " in requests.get(address, timeout=10).text.replace("\r\n ", "")


def is_cancelled(opened: Page) -> bool:
    opened.reload()
    said = opened.locator(".hero").inner_text()
    return "Cancelled" in said and "It’s because of the weather." in said


def test_a_cancellation_reaches_whoever_comes_by_page_calendar_and_letter_within_ten_seconds(
    running: Demo, browser: Browser
) -> None:
    chapter, run = first_listing(running, "london")
    with phone(browser) as bare, phone(browser) as first_timer, phone(browser) as lead:
        come_without_giving_anything(running, bare)
        come_for_the_first_time(running, first_timer)
        see_who_comes(running, lead)
        private = running.url("london") + urlsplit(bare.url).path + "/calendar.ics"
        served = {name: f"{running.url(name)}/runs/{chapter}/{run}/calendar.ics" for name in ("london", "brisbane")}
        assert not any(calendar_says_cancelled(one) for one in (private, *served.values()))
        tapped = cancel(running, lead)
        heard = {
            "the private page": lambda: is_cancelled(bare),
            "the private calendar": lambda: calendar_says_cancelled(private),
            "London’s calendar of the run": lambda: calendar_says_cancelled(served["london"]),
            "Brisbane’s calendar of the run": lambda: calendar_says_cancelled(served["brisbane"]),
            "the letter": lambda: any(
                str(one["Subject"]).startswith("Cancelled: ") for one in mailed(running, ADDRESS)
            ),
        }
        for what, has_heard in heard.items():
            wait_until(has_heard, what, SOON, pause=0.5)
            took = time.monotonic() - tapped
            print(f"{what}: {took:.1f} s after the tap")
            assert took <= SOON
        expect(bare.get_by_role("heading", name=re.compile("instead|nearest", re.IGNORECASE))).to_be_visible()


def test_nothing_of_whoever_comes_is_in_a_log_or_with_another_node(running: Demo) -> None:
    wanted = [WHO.encode(), ADDRESS.encode(), WORDS.encode()]
    for name in running.names():
        log = (running.folder / name / "serve.log").read_bytes()
        assert log
        assert found(wanted, log) == set(), name
        others = files(running.folder / name) if name != "london" else {}
        assert not {file for file, content in others.items() if found(wanted, content)}, name
        assert not list((running.folder / "letters" / name).glob("*.eml")) or name == "london"
