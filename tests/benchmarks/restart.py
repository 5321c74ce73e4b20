"""A node that starts again and again behind a real Caddy, under load: whose request is lost, and who is there twice?

People open pages and say "I'm coming" through Caddy with the lines of deploy/files/Caddyfile. The node is stopped as
systemd and Docker do it, and started at once, 20 times; then `rtr upgrade` brings a version whose database is another.
Nobody taps again: what was not answered is lost. Each tap that was answered must be there at the end, once.
"""

import http.client
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from ..support.caddy import DEBIANS, NEW
from ..support.installed import installed
from ..support.processes import free_port_base, wait_until
from ..support.socket_keeper import SocketKeeper
from ..support.web_client import hidden
from .nodes import Served, count_comers, form_of_a_run
from .table import Row

RESTARTS, READERS, COMERS = 20, 3, 2
#: Seconds between two restarts, and between two requests of one person.
_BETWEEN, _PAUSE = 1.0, 0.02
_PATIENCE = 60.0
_PAGES = ("/", "/runs", "/chapters", "/privacy")


@dataclass
class Answers:
    """What people saw. `waits`: seconds of each request. `lost`: what was seen instead of an answer."""

    pages: int = 0
    taps: int = 0
    waits: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Visitors:
    """People who read and tap until they are told to stop. Each visit comes from another address."""

    def __init__(self, node: Served, port: int, form: str) -> None:
        self._host, self._port, self._form, self._url = node.url.removeprefix("http://"), port, form, node.url
        self._numbers, self._stop, self.answers = count(1), threading.Event(), Answers()

    @contextmanager
    def at_work(self) -> Iterator[Answers]:
        """While the block runs, and until each has had the last answer."""
        people = [threading.Thread(target=self._read) for _ in range(READERS)]
        people += [threading.Thread(target=self._come) for _ in range(COMERS)]
        for one in people:
            one.start()
        try:
            yield self.answers
        finally:
            self._stop.set()
            for one in people:
                one.join()

    def _read(self) -> None:
        while not self._stop.wait(_PAUSE):
            number = next(self._numbers)
            if self._ask(number, "GET", _PAGES[number % len(_PAGES)], "")[0] == http.HTTPStatus.OK:
                with self.answers.lock:
                    self.answers.pages += 1

    def _come(self) -> None:
        while not self._stop.wait(_PAUSE):
            number = next(self._numbers)
            status, page = self._ask(number, "GET", self._form, "")
            found = re.search(r'name="form_id"[^>]*value="([^"]*)"', page)
            if status != http.HTTPStatus.OK or found is None:
                continue
            typed = urlencode({**hidden(page, self._form), "form_id": found[1]})
            if self._ask(number, "POST", self._form, typed)[0] == http.HTTPStatus.SEE_OTHER:
                with self.answers.lock:
                    self.answers.taps += 1

    def _ask(self, number: int, method: str, path: str, typed: str) -> tuple[int, str]:
        """The status and the page. 0 where nobody answered."""
        source = f"127.{20 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
        connection = http.client.HTTPConnection("127.0.0.1", self._port, _PATIENCE, (source, 0))
        headers = {"Host": self._host, "Origin": self._url, "Content-Type": "application/x-www-form-urlencoded"}
        began, status, page = time.monotonic(), 0, ""
        try:
            connection.request(method, path, typed or None, headers)
            answer = connection.getresponse()
            status, page = answer.status, answer.read().decode()
            seen = str(status)
        except (OSError, http.client.HTTPException) as error:
            seen = type(error).__name__
        finally:
            connection.close()
        with self.answers.lock:
            self.answers.waits.append(time.monotonic() - began)
            if status not in (http.HTTPStatus.OK, http.HTTPStatus.SEE_OTHER):
                self.answers.lost.append(f"{method} {seen}")
        return status, page


def measure() -> list[Row]:
    """Restarts, and one upgrade."""
    return [
        *_restarts("the image's Caddy", NEW, Served),
        *_restarts("Debian's Caddy, sockets kept", DEBIANS, _Kept),
        *_restarts("Debian's Caddy, no socket kept", DEBIANS, Served),
        *_upgrade(),
    ]


class _Kept(Served):
    """A node whose sockets are kept while it starts again, as systemd keeps them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._keeper = SocketKeeper(folder)

    def _begin(self, command: list[str], environ: dict[str, str]) -> "subprocess.Popen[bytes]":
        return self._keeper.start(command, env=environ, stderr=subprocess.DEVNULL)


def _restarts(behind: str, kind: tuple[str, Path], served: type[Served]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        node = served(Path(folder))
        form = form_of_a_run(node)
        node.start()
        try:
            with caddy(Path(folder), node.port, kind) as port, Visitors(node, port, form).at_work() as answers:
                for _ in range(RESTARTS):
                    time.sleep(_BETWEEN)
                    node.stop()
                    node.start()
                time.sleep(_BETWEEN)
        finally:
            node.stop()
        return _rows(f"{RESTARTS} restarts by SIGTERM behind {behind}", answers, count_comers(node))


def _upgrade() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        node = Served(folder)
        form = form_of_a_run(node)
        with installed(folder, node.folder) as machine:
            machine.systemctl("start")
            wait_until(lambda: _answers(node.port), "the node to answer")
            source = machine.add("two", machine.tree("two", 'op.execute("CREATE TABLE later (x)")'))
            with caddy(folder, node.port, DEBIANS) as port, Visitors(node, port, form).at_work() as answers:
                time.sleep(_BETWEEN)
                done = machine.upgrade(source)
                time.sleep(_BETWEEN)
            assert done.returncode == 0, done.stderr
        return _rows("`rtr upgrade` behind Debian's Caddy", answers, count_comers(node))


@contextmanager
def caddy(folder: Path, node: int, kind: tuple[str, Path]) -> Iterator[int]:
    """A real Caddy in front of the node on that port, with the project's own lines, but without TLS. Its port."""
    program, caddyfile = kind
    text, port = caddyfile.read_text(), free_port_base(1)
    block = text[text.index("\treverse_proxy") : text.rindex("}")]
    block = re.sub(r"\{\$NODE:[^}]*\}", f"127.0.0.1:{node}", block)
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https off\n}}\n\nhttp://:{port} {{\n{block}}}\n")
    command = [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    home = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=home)
    try:
        wait_until(lambda: _answers(port), "Caddy to answer")
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()


def _rows(what: str, answers: Answers, noted: int) -> list[Row]:
    lost = ", ".join(f"{answers.lost.count(one)} {one}" for one in sorted(set(answers.lost)))
    asked = answers.pages + answers.taps
    return [
        Row(
            f"{what}: requests without an answer",
            f"{lost or 0} of {len(answers.waits)}",
            goal="0",
            met=not answers.lost and asked > 0,
        ),
        Row(
            f"{what}: taps noted, of those answered",
            f"{noted} of {answers.taps}",
            goal="all, none twice",
            met=noted == answers.taps > 0,
        ),
        Row(f"{what}: the longest that anybody waited", f"{max(answers.waits):.1f} s"),
    ]
