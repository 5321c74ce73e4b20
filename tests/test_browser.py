"""A runner finds a run and a lead cancels one, in a real browser at 390 px, with and without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .support.browser import chromium, page
from .support.processes import Demo, demo, first_listing, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("browser") / "demo") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with page(browser, java_script_enabled=request.param) as opened:
        yield opened


def sign_in(running: Demo, phone: Page, name: str) -> None:
    phone.goto(running.command(name, "signin-link").strip())
    phone.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    expect(phone).to_have_url(re.compile(r"/lead"))


def test_a_runner_finds_londons_run_on_brisbanes_node(running: Demo, phone: Page) -> None:
    phone.goto(running.url("brisbane") + "/runs")
    phone.get_by_label(re.compile("near", re.IGNORECASE)).first.fill("London")
    phone.get_by_role("button", name=re.compile("find", re.IGNORECASE)).first.click()
    phone.get_by_role("link", name=re.compile("Thursday evening at the Monument")).first.click()
    expect(phone.get_by_text("Fish Street Hill").first).to_be_visible()
    expect(phone.get_by_text(re.compile(r"Last checked with London")).first).to_be_visible()


def test_peterborough_is_asked_about_far_away_and_then_found(running: Demo, phone: Page) -> None:
    phone.goto(running.url("brisbane") + "/runs?near=Peterborough")
    phone.get_by_role("link", name=re.compile("Peterborough, England")).click()
    expect(phone.get_by_role("link", name=re.compile("Tuesday by the river")).first).to_be_visible()


def test_a_lead_cancels_in_two_taps_and_undoes_it_in_one(running: Demo, phone: Page) -> None:
    sign_in(running, phone, "london")
    chapter, run = first_listing(running, "london")
    phone.get_by_text("Change or cancel").first.click()
    phone.get_by_role("button", name=re.compile("weather", re.IGNORECASE)).first.click()
    expect(phone.get_by_text("Cancelled").first).to_be_visible()
    assert "Cancelled" in running.page("london", f"/runs/{chapter}/{run}")
    wait_until(lambda: look_again(phone), "the board to say that all have it", 20, pause=0.5)
    phone.get_by_role("button", name=re.compile("undo", re.IGNORECASE)).first.click()
    expect(phone.get_by_text("It’s back on, but no lead has confirmed yet")).to_be_visible()
    phone.get_by_role("button", name=re.compile("I’ll be there")).first.click()
    expect(phone.get_by_text("Confirmed: a lead will be there")).to_be_visible()


def test_a_form_that_failed_opens_at_what_is_wrong_and_not_where_its_last_button_led(
    running: Demo, phone: Page
) -> None:
    sign_in(running, phone, "london")
    phone.goto(running.url("london") + "/lead/runs/new")
    phone.get_by_label("Name of the run").fill("Call 07700 900123")
    phone.get_by_label("On the map").fill("Peterborough")
    phone.get_by_role("button", name="Find it by name").click()
    phone.locator("button[name=use]").first.click()
    expect(phone).to_have_url(re.compile("#point$"))
    phone.get_by_role("button", name="Announce it").last.click()
    expect(phone).to_have_title(re.compile("^Error: "))
    expect(phone.locator("#problems")).to_be_focused()
    expect(phone.locator("#problems")).to_be_in_viewport()
    phone.get_by_role("link", name=re.compile("looks like a phone number")).click()
    expect(phone.get_by_label("Name of the run")).to_have_value("Call 07700 900123")


def look_again(phone: Page) -> bool:
    phone.reload()
    return "Every site shows this now" in phone.content()


def test_with_javascript_the_board_says_by_itself_how_far_a_change_has_come(running: Demo, browser: Browser) -> None:
    with page(browser) as opened:
        sign_in(running, opened, "brisbane")
        opened.get_by_text("Change or cancel").first.click()
        opened.get_by_role("button", name=re.compile("weather", re.IGNORECASE)).first.click()
        expect(opened.get_by_text("Every site shows this now").first).to_be_visible(timeout=20_000)


def test_a_form_keeps_what_was_typed_and_says_what_to_change(running: Demo, phone: Page) -> None:
    sign_in(running, phone, "london")
    phone.goto(running.url("london") + "/lead/runs/new")
    typed = "Sunday stroll, call 07700 900123"
    phone.get_by_label(re.compile("name", re.IGNORECASE)).first.fill(typed)
    phone.locator("form[method=post]").last.get_by_role("button").last.click()
    expect(phone.get_by_label(re.compile("name", re.IGNORECASE)).first).to_have_value(typed)


@pytest.mark.parametrize(("node", "path", "label"), [("london", "/runs", "Near"), ("hq", "/", "Where are you?")])
def test_places_are_proposed_to_the_keyboard_and_the_chosen_one_is_searched(
    running: Demo, browser: Browser, node: str, path: str, label: str
) -> None:
    with page(browser) as phone:
        phone.goto(running.url(node) + path)
        field = phone.get_by_role("combobox", name=label)
        proposed = phone.locator("#proposed").get_by_role("option")
        field.press_sequentially("southwark")
        expect(proposed.first).to_have_text(re.compile("Southwark, London"))
        expect(field).to_have_attribute("aria-expanded", "true")
        field.press("ArrowDown")
        expect(phone.locator("#proposed [aria-selected=true]")).to_have_count(1)
        field.press("Escape")
        expect(field).to_have_attribute("aria-expanded", "false")
        expect(field).to_have_value("southwark")
        field.press("Escape")
        expect(field).to_have_value("southwark")
        field.press("ArrowDown")
        proposed.first.wait_for()
        field.press("ArrowDown")
        field.press("Enter")
        expect(field).to_have_value(re.compile("Southwark, London"))
        field.press("Enter")
        expect(phone).to_have_url(re.compile(r"near=Southwark.*place=\d+"))


def test_near_me_sends_no_more_than_about_a_kilometre(running: Demo, browser: Browser) -> None:
    where = {"latitude": 51.510134, "longitude": -0.086012}
    with page(browser, geolocation=where, permissions=["geolocation"]) as phone:
        sent: list[str] = []
        phone.on("request", lambda request: sent.append(request.url))
        phone.goto(running.url("london") + "/runs")
        phone.get_by_role("button", name="Near me").click()
        expect(phone).to_have_url(re.compile(r"near=51\.51%2C\+-0\.09"))
        assert not any("51.510" in url for url in sent)
