"""Passkeys with Chromium's virtual authenticator, at http://localhost: made, used, and refused where they must be."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from node.members import sign_in
from node.members.accounts import passkeys
from node.members.accounts.passkeys import PasskeyRefused, Site
from node.models import Challenge, Passkey, Person

from ...support.browser import chromium, page
from ...support.network import LONDON, Clock, LocalNode, free_ports, served
from ...support.set_up import Founder, being_set_up
from ...support.web_client import Phone, words

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Iterator[LocalNode]:
    """A node that answers at http://localhost, too: no browser makes a passkey for 127.0.0.1."""
    port = free_ports(1)[0]
    made = LocalNode(tmp_path / "london", clock, port, trusted_hosts=(f"localhost:{port}",))
    made.found_chapter(LONDON)
    with served(made):
        yield made
    made.close()


def here(node: LocalNode, path: str = "") -> str:
    return f"http://localhost:{node.settings.port}{path}"


def site_of(node: LocalNode) -> Site:
    return Site("localhost", here(node), "London")


@contextmanager
def phone_with_a_lock(browser: Browser) -> Iterator[Page]:
    """A page in a browser whose authenticator says yes by itself."""
    with page(browser) as opened:
        devtools = opened.context.new_cdp_session(opened)
        devtools.send("WebAuthn.enable")
        options: dict[str, Any] = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield opened


def signed_in(opened: Page, node: LocalNode, role: str = "lead") -> Person:
    person = node.add_lead("Sam", role)
    with node.session() as session:
        token = sign_in.make_link(session, person.id, node.clock())
    opened.goto(here(node, f"/signin/{token}"))
    opened.get_by_role("button", name="Sign in here").click()
    opened.wait_for_url("**?done=signed-in")
    return person


def make_passkey(opened: Page, node: LocalNode) -> None:
    opened.goto(here(node, "/me/passkeys"))
    opened.get_by_role("button", name="Make one on this phone").click()
    opened.wait_for_url("**?done=passkey-added")


def answer_to(opened: Page, options: str) -> str:
    """What the phone answers to options of the node, as the page's form would send it."""
    return str(
        opened.evaluate(
            """async (options) => JSON.stringify((await navigator.credentials.get({
                publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options))})).toJSON())""",
            options,
        )
    )


def test_a_passkey_is_made_and_signs_in_without_a_name(browser: Browser, node: LocalNode) -> None:
    with phone_with_a_lock(browser) as opened:
        signed_in(opened, node)
        make_passkey(opened, node)
        assert "Linux, Chrome" in opened.inner_text("main")
        opened.context.clear_cookies()
        opened.goto(here(node, "/signin"))
        opened.get_by_role("button", name="Sign in with a passkey").click()
        opened.wait_for_url("**/lead?done=signed-in")
    with node.session() as session:
        assert session.scalars(select(Passkey)).one().used_at == node.clock()
        assert session.scalars(select(Challenge)).all() == []


@pytest.fixture
def new_node(tmp_path: Path, clock: Clock) -> Iterator[LocalNode]:
    """A chapter that is founded, and whose set-up goes on with who its lead is."""
    port = free_ports(1)[0]
    with closing(being_set_up(tmp_path / "leeds", clock, port, trusted_hosts=(f"localhost:{port}",))) as made:
        founder = Founder(made).begin()
        assert founder.found().status_code == 303
        founder.leave("backup-key", "mail")
        with served(made):
            yield made


@pytest.mark.usefixtures("gazetteer")
def test_whoever_sets_up_makes_a_passkey_on_the_way_and_goes_on(browser: Browser, new_node: LocalNode) -> None:
    with phone_with_a_lock(browser) as opened:
        opened.goto(here(new_node, Founder(new_node).link()))
        opened.get_by_role("button", name="Start the set-up here").click()
        opened.get_by_label("First name").fill("Ada")
        opened.get_by_role("button", name="Continue").click()
        opened.get_by_role("link", name="Passkeys: sign in with your phone’s own lock").click()
        opened.get_by_role("button", name="Make one on this phone").click()
        opened.wait_for_url("**?done=passkey-added")
        opened.get_by_role("link", name="Continue the set-up").click()
        expect(opened.get_by_role("link", name="Announce the first run")).to_be_visible()
        opened.context.clear_cookies()
        opened.goto(here(new_node, "/signin"))
        opened.get_by_role("button", name="Sign in with a passkey").click()
        opened.wait_for_url("**?done=signed-in")


def test_a_passkey_that_was_removed_opens_nothing(browser: Browser, node: LocalNode) -> None:
    with phone_with_a_lock(browser) as opened:
        signed_in(opened, node, "member")
        make_passkey(opened, node)
        opened.get_by_role("button", name="Remove").click()
        opened.wait_for_url("**?done=passkey-removed")
        opened.context.clear_cookies()
        opened.goto(here(node, "/signin"))
        opened.get_by_role("button", name="Sign in with a passkey").click()
        opened.wait_for_url("**/signin/passkey")
        assert "Your phone didn’t sign you in" in opened.inner_text("main")
        assert opened.context.cookies() == []


def test_a_phone_without_a_passkey_of_this_site_reads_that_it_did_not_work(browser: Browser, node: LocalNode) -> None:
    with phone_with_a_lock(browser) as opened:
        opened.goto(here(node, "/signin"))
        opened.get_by_role("button", name="Sign in with a passkey").click()
        opened.get_by_text("Your phone didn’t sign you in").wait_for()


def test_without_javascript_no_button_promises_a_passkey(browser: Browser, node: LocalNode) -> None:
    with page(browser, java_script_enabled=False) as opened:
        opened.goto(here(node, "/signin"))
        assert not opened.get_by_role("button", name="Sign in with a passkey").is_visible()
        assert opened.get_by_role("button", name="Send me a code").is_visible()


def test_an_answer_counts_once_in_time_and_for_this_site_alone(browser: Browser, node: LocalNode) -> None:
    with phone_with_a_lock(browser) as opened:
        signed_in(opened, node)
        make_passkey(opened, node)

        def ask() -> str:
            with node.session() as session:
                return answer_to(opened, passkeys.options_to_sign_in(session, site_of(node), node.clock()))

        once, late, elsewhere, port = ask(), ask(), ask(), ask()

    def use(answer: str, site: Site) -> str:
        with node.session() as session:
            return passkeys.use(session, site, answer, "a phone", node.clock())

    assert use(once, site_of(node))
    for answer, site in (
        (once, site_of(node)),
        (elsewhere, Site("evil.example", here(node), "")),
        (elsewhere, site_of(node)),
        (port, Site("localhost", "http://localhost:1", "")),
    ):
        with pytest.raises(PasskeyRefused):
            use(answer, site)
    node.clock.tick(minutes=6)
    with pytest.raises(PasskeyRefused):
        use(late, site_of(node))


def test_nobody_adds_a_passkey_with_what_somebody_else_was_asked(browser: Browser, node: LocalNode) -> None:
    kim = node.add_lead("Kim")
    with phone_with_a_lock(browser) as opened:
        sam = signed_in(opened, node)
        with node.session() as session:
            asked = passkeys.options_to_add(session, node.settings, site_of(node), sam, node.clock())
        made = opened.evaluate(
            """async (options) => JSON.stringify((await navigator.credentials.create({
                publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options))})).toJSON())""",
            asked,
        )
    with node.session() as session, pytest.raises(PasskeyRefused):
        passkeys.add(session, site_of(node), kim.id, made, "a phone", node.clock())
    with node.session() as session:
        assert session.scalars(select(Passkey)).all() == []


@pytest.mark.parametrize(
    "answer",
    ["", "{}", "[]", "null", '{"response":1}', "[" * 5000, "x" * 30_000, '{"response":{"clientDataJSON":"e30"}}'],
)
def test_what_is_no_answer_of_a_phone_is_refused(london: LocalNode, answer: str) -> None:
    response = Phone(london).post("/signin/passkey", data={"answer": answer})
    assert response.status_code == 422
    assert "Set-Cookie" not in response.headers
    lead = Phone(london).sign_in()
    assert lead.post("/me/passkeys", data={"answer": answer}).status_code == 422


def test_at_an_address_of_numbers_the_page_offers_no_passkey(london: LocalNode) -> None:
    assert "passkey" not in words(Phone(london).get("/signin"))
    assert Phone(london).post("/signin/passkey/options").status_code == 404
    assert "can’t make passkeys" in words(Phone(london).sign_in().get("/me/passkeys"))
