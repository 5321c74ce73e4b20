"""A real browser goes to every page once and notes all there is to say against it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route

from ..support.browser import DESK, PHONE, page
from .look import Look
from .world import World

#: The nodes on whose pages the lead, or a person of HQ, is signed in.
SIGNED_IN = (
    "london", "peterborough", "brisbane", "long", "waiting", "suspended", "young", "hq", "young-hq", "wide",
)  # fmt: skip
NARROW = {"width": 320, "height": 640}
Rules = dict[str, str | list[str]]
_EVERY_RULE: Rules = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: All that another theme can change.
_RULES_OF_COLOUR: Rules = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
#: What Axe.run does, but that it reads half a megabyte into the page before each run, and takes all results out of it.
_RUN = """async (options) => (await axe.run(options)).violations
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`))"""
_AXE: str = Axe().axe_script
#: Links and buttons that are less than 44 px high, but for those in the middle of a text.
_SMALL = """() => [...document.querySelectorAll("a, button, summary, select, input")]
    .filter((one) => one.checkVisibility() && !one.matches("[type=hidden], [type=radio], [type=checkbox]"))
    .filter((one) => !one.matches(".skip, .unseen, [href*='geonames.org'], [href*='/licenses/by/4.0']"))
    .filter((one) => !one.matches("[href*='/open-government-licence/'], [href$='/zipcodes']"))
    .filter((one) => !one.matches("[href*='naturalearthdata.com']"))
    .filter((one) => one.getBoundingClientRect().height < 44)
    .map((one) => one.outerHTML)"""
#: What stands past the end of the column, but for the scene that is as wide as the window.
_PAST = """() => {
    const main = document.querySelector("main");
    const end = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
    return [...main.querySelectorAll("*")]
        .filter((one) => one.checkVisibility() && !one.closest(".bleed, .unseen, svg"))
        .filter((one) => one.getBoundingClientRect().right > end + 1)
        .map((one) => one.outerHTML.slice(0, 200));
}"""
_OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
_WHOLE = """() => ({
    language: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll("h1")].map((one) => one.textContent.trim()),
    words: document.body.innerText,
    commands: [...document.querySelectorAll("code")].map((one) => one.innerText),
    help: document.querySelectorAll("a[href^='/help'], .lines a[href^='tel:']").length,
})"""


@dataclass
class Seen:
    """A page as it came over the wire, and what the browser found. `sizes`: address to bytes with its headers."""

    look: Look
    url: str
    status: int = 0
    html: str = ""
    whole: dict[str, object] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    width: int = 0
    small: list[str] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)


class Walk:
    """One visitor and one lead, each with one page that goes everywhere. Nothing is kept between two pages."""

    def __init__(self, world: World, browser: Browser, closing: ExitStack) -> None:
        self._world = world
        self.visitor = closing.enter_context(page(browser))
        self.lead = closing.enter_context(page(browser))
        self.others = {role: closing.enter_context(page(browser)) for role in ("member", "co-lead")}
        for one in (self.visitor, self.lead, *self.others.values()):
            network = one.context.new_cdp_session(one)
            network.send("Network.enable")
            network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        for node in SIGNED_IN:
            self._sign_in(self.lead, node, "lead")
        for node in world.being_set_up:
            self._begin(node)
        for role, one in self.others.items():
            for node in ("london", "brisbane"):
                self._sign_in(one, node, role)

    def _sign_in(self, opened: Page, node: str, role: str) -> None:
        opened.goto(self._world.url(node, self._world.link(node, role)))
        opened.get_by_role("button").click()
        opened.wait_for_url("**?done=signed-in")

    def _begin(self, node: str) -> None:
        """Open the set-up, as whoever sets up."""
        self.lead.goto(self._world.url(node, self._world.set_up_link(node)))
        self.lead.get_by_role("button").click()
        self.lead.wait_for_url(re.compile("/setup/(?!begin)"))

    @contextmanager
    def at(self, look: Look) -> Iterator[tuple[Page, Seen]]:
        """The page, opened as somebody on a phone opens it."""
        self._world.go_to(look.stage)
        self._world.make_links()
        opened = self.others[look.role] if look.role else self.lead if look.is_lead else self.visitor
        seen = Seen(look, self._world.url(look.node, look.path))
        # A lead's page asks again while a change is on its way: the former page is not to ask into this one's list.
        opened.goto("about:blank")
        with _listening(opened, seen), look.during(self._world) if look.during else nullcontext():
            answer = _open(opened, seen)
            seen.status, seen.html = answer.status, answer.text()
            yield opened, seen


def examine(opened: Page, seen: Seen) -> None:
    """Note what there is to say against the page that is open."""
    opened.evaluate(_OPEN)
    seen.whole = opened.evaluate(_WHOLE)
    opened.evaluate(_AXE)
    seen.cookies = [one["name"] for one in opened.context.cookies(seen.url)]
    for how, size, scheme, rules in (
        ("on a phone", PHONE, "light", _EVERY_RULE),
        ("at dusk", PHONE, "dark", _RULES_OF_COLOUR),
        ("at a desk", DESK, "light", _EVERY_RULE),
    ):
        opened.emulate_media(color_scheme=scheme)
        opened.set_viewport_size(size)
        seen.violations += [f"{how}: {found}" for found in _violations(opened, rules)]
    opened.set_viewport_size(NARROW)
    seen.width = opened.evaluate("document.documentElement.scrollWidth")
    seen.small = opened.evaluate(_SMALL)
    opened.set_viewport_size(PHONE)
    seen.past = opened.evaluate(_PAST)


def violations(opened: Page) -> list[str]:
    """What axe has against the page that is open, as it is."""
    opened.evaluate(_AXE)
    return _violations(opened, _EVERY_RULE)


def _violations(opened: Page, rules: Rules) -> list[str]:
    found: list[str] = opened.evaluate(_RUN, {"runOnly": rules, "resultTypes": ["violations"]})
    return found


def _open(opened: Page, seen: Seen) -> Response:
    if seen.look.is_forged:
        return _forge(opened, seen)
    if seen.look.sent is not None or seen.look.headers:
        opened.route(seen.url, partial(_send, seen.look), times=1)
    answer = opened.goto(seen.url)
    assert answer is not None
    return answer


def _send(look: Look, route: Route) -> None:
    """Go there with what the look says: with headers of its own, or with a form as one's own page would send it."""
    headers = {**route.request.headers, **look.headers}
    if look.sent is None:
        route.continue_(headers=headers)
        return
    form = {"content-type": "application/x-www-form-urlencoded"}
    route.continue_(method="POST", headers=headers | form, post_data=urlencode(look.sent))


def _forge(opened: Page, seen: Seen) -> Response:
    opened.goto("about:blank")
    opened.set_content(f'<form method="post" action="{seen.url}"><button>Go</button></form>')
    with opened.expect_navigation() as going:
        opened.get_by_role("button").click()
    return going.value


@contextmanager
def _listening(opened: Page, seen: Seen) -> Iterator[None]:
    own = re.compile(rf"the server responded with a status of {seen.look.status}\b")

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not own.search(message.text):
            seen.said.append(message.text)

    def loaded(request: Request) -> None:
        sizes = request.sizes()
        seen.sizes[request.url] = sizes["responseBodySize"] + sizes["responseHeadersSize"]

    def asked(request: Request) -> None:
        seen.sizes.setdefault(request.url, 0)

    listeners = {"console": heard, "requestfinished": loaded, "request": asked}
    for event, listener in listeners.items():
        opened.on(event, listener)  # type: ignore[call-overload]
    yield
    for event, listener in listeners.items():
        opened.remove_listener(event, listener)
