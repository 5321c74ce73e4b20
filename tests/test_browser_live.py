"""In a real browser, the answer of the live check comes onto the open page by itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from node.chapter import publishing
from node.database import writing
from node.models import Run
from web import close, create_app

from .node.sync.test_live_check import World, checker_of
from .support.browser import chromium, page
from .support.network import LocalFederation
from .support.processes import free_port_base

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@contextmanager
def served(world: World) -> Iterator[str]:
    """Brisbane's pages at a free port; London is asked when the test says so."""
    port = free_port_base()
    settings = replace(world.brisbane.settings, trusted_hosts=(f"127.0.0.1:{port}",))
    app = create_app(replace(world.brisbane.handle, settings=settings))
    app.extensions["live_check"] = checker_of(world.brisbane, world.pool)
    server = make_server("127.0.0.1", port, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
        close(app)


@pytest.mark.parametrize("java_script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_cancellation_comes_onto_the_open_page(
    federation: LocalFederation, browser: Browser, java_script: bool
) -> None:
    world = World(federation)
    world.clock.tick(days=3)
    world.cancel()
    with served(world) as url, page(browser, java_script_enabled=java_script) as phone:
        phone.goto(f"{url}/runs/{world.london.chapter_id}/{world.run.id}")
        expect(phone.locator("#checked")).to_contain_text("Checking with London…")
        expect(phone.locator("#its-state")).to_contain_text("Please don’t set off until this says")
        world.pool.work()
        if not java_script:
            phone.get_by_role("link", name="Refresh").click()
        expect(phone.locator("#its-state")).to_contain_text("Cancelled", timeout=10_000)
        expect(phone.locator("#its-dates").get_by_text("Cancelled")).to_have_count(1)
        expect(phone.get_by_text("A lead will be there")).to_have_count(0)
        expect(phone.locator("#checked")).to_contain_text("Last checked with London at")
        expect(phone.locator("#checked")).to_have_class("heard")
        expect(phone.locator("#its-instead")).to_contain_text("The nearest one isn’t confirmed yet")
        expect(phone.locator("#checked")).not_to_have_attribute("data-asking", "")


def test_a_run_that_is_gone_by_its_chapters_answer_leaves_the_open_page(
    federation: LocalFederation, browser: Browser
) -> None:
    world = World(federation)
    world.clock.tick(days=3)
    with world.london.session() as session, writing(session):
        session.delete(session.get_one(Run, world.run.id))
        publishing.publish(session, world.london.settings, world.clock(), urgent=True)
    with served(world) as url, page(browser) as phone:
        phone.goto(f"{url}/runs/{world.london.chapter_id}/{world.run.id}")
        expect(phone.locator("#checked")).to_contain_text("Checking with London…")
        world.pool.work()
        expect(phone.locator("h1")).to_contain_text("This run has ended", timeout=10_000)
