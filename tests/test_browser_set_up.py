"""From the one-time link to a listed chapter, in a real browser at 390 px, with a real HQ and a real mail server."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from .support.browser import chromium, page
from .support.members.mail_server import Mailbox, mail_server
from .support.processes import free_port_base, rtr, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.usefixtures("gazetteer")]

Look = Callable[[Page, str], None]
#: Milliseconds for what asks another server.
_SLOW = 30_000


@dataclass
class Server:
    """`rtr serve` on a folder, which may be killed and started again."""

    data: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def rtr(self, *words: str) -> str:
        """What a command prints."""
        done = rtr(self.data, *words, **self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "deploy.commands", "--data", str(self.data), "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=os.environ | self.environment, stdout=log, stderr=log)
        wait_until(self._answers, f"{self.data.name} to answer", patience=180)

    def kill(self) -> None:
        """Kill it (-9)."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it."""
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=60)

    @property
    def log(self) -> Path:
        """What it has said."""
        return self.data.with_suffix(".log")

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.log.read_text()
        try:
            return requests.get(f"{self.url}/help", timeout=2).ok
        except requests.RequestException:
            return False


@contextmanager
def serving(data: Path, port: int, **environment: str) -> Iterator[Server]:
    server = Server(data, port, environment)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def hq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp("hq"), free_port_base(1)
    with serving(folder / "hq", port) as server:
        where = ["--base-url", server.url, "--network", "loopback", "--port", str(port)]
        roots = ["--contact", "hq@example.org", "--root-keys", str(folder / "roots")]
        server.rtr("hq", "init", "--name", "HQ", *where, *roots)
        server.start()
        yield server


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def leeds(tmp_path: Path) -> Iterator[Server]:
    port = free_port_base(1)
    named = {"RTR_BASE_URL": f"http://127.0.0.1:{port}", "RTR_NETWORK": "loopback", "RTR_PORT": str(port)}
    with serving(tmp_path / "leeds", port, **named) as server:
        server.start()
        yield server


def link_in(log: Path) -> str:
    """The link that stands in the log."""
    return re.findall(r"http\S+/setup/begin/\S+", log.read_text())[-1]


def go_on(phone: Page) -> None:
    phone.get_by_role("button", name="Continue").or_(
        phone.get_by_role("link", name="Continue", exact=True)
    ).first.click()


def begin(phone: Page, link: str, look: Look) -> None:
    phone.goto(link)
    look(phone, "begin")
    phone.get_by_role("button", name="Start the set-up here").click()
    expect(phone).to_have_url(re.compile("/setup/(?!begin)"), timeout=_SLOW)


def choose_town(phone: Page, look: Look) -> None:
    look(phone, "town")
    phone.get_by_label("Your town").fill("Leeds")
    go_on(phone)
    expect(phone.get_by_label("Leeds, England")).to_be_checked(timeout=_SLOW)
    look(phone, "which one")
    go_on(phone)


def write_down(phone: Page, amid: Callable[[], None], button: str, look: Look, name: str) -> None:
    """Show a key, let something happen, then prove that it is on paper."""
    look(phone, f"{name} explained")
    phone.get_by_role("button", name="Show the key").click()
    on_paper = phone.get_by_role("button", name="It’s on paper")
    expect(on_paper).to_be_visible(timeout=_SLOW)
    groups = phone.locator("ol.paper-key li").all_inner_texts()
    look(phone, f"{name} shown")
    on_paper.click()
    expect(phone.get_by_role("button", name=button)).to_be_visible(timeout=_SLOW)
    look(phone, f"{name} asked")
    for label in phone.locator("form.kept label").all():
        phone.get_by_label(label.inner_text(), exact=True).fill(groups[int(label.inner_text().split()[-1]) - 1])
    amid()
    phone.get_by_role("button", name=button).click()


def set_mail_up(phone: Page, mailbox: Mailbox, look: Look) -> None:
    look(phone, "mail")
    phone.get_by_label("Mail server").fill("127.0.0.1")
    phone.get_by_label("STARTTLS").check()
    phone.get_by_label("Port, if").fill("1")
    phone.get_by_label("Address that emails come from").fill("letters@leeds.example.org")
    phone.get_by_label("Where should the test email go?").fill("ada@example.org")
    phone.get_by_role("button", name="Send the test email").click()
    expect(phone.get_by_text("We couldn’t reach this server").first).to_be_visible(timeout=_SLOW)
    look(phone, "mail refused")
    phone.get_by_label("Port, if").fill(str(mailbox.port))
    phone.get_by_role("button", name="Send the test email").click()
    expect(phone.get_by_text("The mail server has taken the test email")).to_be_visible(timeout=_SLOW)
    look(phone, "mail kept")
    go_on(phone)


def say_who(phone: Page, mailbox: Mailbox, look: Look) -> None:
    look(phone, "you")
    phone.get_by_label("First name").fill("Ada")
    go_on(phone)
    look(phone, "ways back in")
    before = len(mailbox.taken)
    phone.get_by_label("Your email address").fill("ada@example.org")
    phone.get_by_role("button", name="Add this address").click()
    wait_until(lambda: len(mailbox.taken) > before, "the letter with the code")
    body = mailbox.taken[-1].get_body(("plain",))
    assert body
    code = re.search(r"\b\d{3}\s?\d{3}\b", body.get_content())
    assert code, body.get_content()
    phone.get_by_label("The six digits").fill(code[0])
    phone.get_by_role("button", name="Yes, add this address").click()
    phone.get_by_role("link", name="Continue the set-up").click()


def announce(phone: Page, look: Look) -> None:
    look(phone, "run")
    phone.get_by_role("link", name="Announce the first run").click()
    phone.get_by_label("Name of the run").fill("Thursday evening run")
    phone.get_by_label("First date").fill(f"{datetime.now(UTC).date() + timedelta(days=3)}")
    phone.get_by_label("Start", exact=True).fill("18:30")
    phone.get_by_label("Meeting point").fill("City Square")
    phone.get_by_label("Address").first.fill("City Square, Leeds LS1 2ES")
    phone.get_by_label("How to find it").first.fill("By the statue of the Black Prince.")
    phone.locator("#point").fill("53.7961, -1.5478")
    phone.get_by_role("button", name="Announce it").last.click()
    expect(phone.get_by_text("Your run is announced").or_(phone.get_by_text("This site shows it"))).to_be_visible(
        timeout=_SLOW
    )
    look(phone, "board")
    phone.get_by_role("link", name="Continue the set-up").click()


def join(phone: Page, invitation: str, look: Look) -> None:
    look(phone, "hq")
    field = phone.get_by_label("HQ’s invitation")
    field.fill(invitation[:40])
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_text("This isn’t a whole invitation").first).to_be_visible()
    look(phone, "hq cut off")
    # As a chat program breaks it.
    field.fill(f"{invitation[:60]}\n{invitation[60:]}\n")
    phone.get_by_role("button", name="Join").click()


def nothing(_: Page, __: str) -> None:
    """Look at nothing."""


def whole_walk(leeds: Server, hq: Server, mailbox: Mailbox, browser: Browser, look: Look, *, script: bool) -> None:
    """All steps, each on another phone than the one before it, by a new link; the server is killed at each."""

    def again() -> None:
        leeds.kill()
        leeds.start()

    steps: list[Callable[[Page], None]] = [
        lambda phone: choose_town(phone, look),
        lambda phone: write_down(phone, again, "Start the chapter", look, "paper key"),
        lambda phone: write_down(phone, again, "Use this key", look, "backup key"),
        lambda phone: set_mail_up(phone, mailbox, look),
        lambda phone: say_who(phone, mailbox, look),
        lambda phone: announce(phone, look),
        lambda phone: join(phone, hq.rtr("hq", "invite", "--note", "Leeds"), look),
    ]
    for number, step in enumerate(steps):
        link = leeds.rtr("setup-link") if number else link_in(leeds.log)
        with page(browser, java_script_enabled=script) as phone:
            begin(phone, link, look if number == 0 else nothing)
            step(phone)
            expect(phone).to_have_url(re.compile("/setup/"), timeout=_SLOW)
            if step is steps[-1]:
                expect(phone.get_by_text("HQ lists your chapter")).to_be_visible(timeout=_SLOW)
                look(phone, "done")
                phone.get_by_role("button", name="To your runs").click()
                expect(phone).to_have_url(re.compile("/lead"))


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_chapter_is_set_up_from_the_link_in_the_log_until_hq_lists_it(
    leeds: Server, hq: Server, mailbox: Mailbox, browser: Browser, script: bool
) -> None:
    whole_walk(leeds, hq, mailbox, browser, nothing, script=script)
    own = requests.get(f"{leeds.url}/fed/v1/status", timeout=5).json()["chapter"]
    wait_until(lambda: own in requests.get(f"{hq.url}/chapters", timeout=5).text, "HQ to list Leeds", pause=1)
    log = leeds.log.read_text()
    assert len(re.findall("/setup/begin/", log)) == 1
    assert "Traceback" not in log
