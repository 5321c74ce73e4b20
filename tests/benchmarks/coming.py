"""Five hundred people say "I'm coming" within half a minute, and the node is killed in the middle.

The node has one processor and 256 MB. Each person opens the run's page and the form, and taps; whoever gets no answer
taps again on the same page, as people do. After the restart every link that was given must open, and nobody may be
there twice.
"""

import re
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from ..support.limits_of_machine import Limited, limited
from ..support.web_client import hidden
from .nodes import Served, count_comers, form_of_a_run
from .table import Row

PEOPLE, SECONDS, MEMORY_MB = 500, 30.0, 256
_AT_ONCE = 40
_PATIENCE = 60.0
_PAUSE = 0.25


class _Limited(Served):
    """A node that is served in bounds."""

    prefix: tuple[str, ...] = ()

    def _command(self) -> list[str]:
        return [*self.prefix, *super()._command()]

    def kill(self) -> None:
        """As the power fails: nothing is said to the process."""
        self.process.kill()
        self.process.wait()


@dataclass
class _Answers:
    """What people saw. `taps`: seconds of each tap that was answered. `waits`: from the first tap to the answer."""

    links: list[str] = field(default_factory=list)
    taps: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def measure() -> list[Row]:
    """One evening."""
    with tempfile.TemporaryDirectory() as folder, limited(MEMORY_MB) as bounds:
        node = _Limited(Path(folder))
        path = form_of_a_run(node)
        node.prefix = tuple(bounds.prefix)
        node.start()
        try:
            answers, outage = _evening(node, path)
            opened = sum(_opens(node, link) for link in answers.links)
        finally:
            node.stop()
        return _rows(answers, opened, count_comers(node), outage, bounds)


def _evening(node: _Limited, path: str) -> tuple[_Answers, float]:
    """What people saw, and how long nobody answered (seconds)."""
    answers, began = _Answers(), time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as people:
        for number in range(PEOPLE):
            people.submit(_person, node.url, path, number, began + SECONDS * number / PEOPLE, answers)
        time.sleep(max(0.0, began + SECONDS / 2 - time.monotonic()))
        killed = time.monotonic()
        node.kill()
        node.start()
        outage = time.monotonic() - killed
    return answers, outage


def _person(url: str, path: str, number: int, at: float, answers: _Answers) -> None:
    """One person, on a phone of their own."""
    time.sleep(max(0.0, at - time.monotonic()))
    headers = {"X-Forwarded-For": f"198.51.{number // 250}.{number % 250}", "Origin": url}
    with requests.Session() as phone:
        phone.headers.update(headers)
        _until_answered(phone, "GET", url + path.partition("/coming")[0], {}, answers.pages, answers)
        form = _until_answered(phone, "GET", url + path, {}, answers.pages, answers).text
        found = re.search(r'name="form_id"[^>]*value="([^"]*)"', form)
        assert found is not None
        typed = {**hidden(form, path), "form_id": found[1]}
        if number % 3 == 0:
            typed |= {"first_time": "y", "name": f"Runner {number}", "message": "I walk slowly.", "emergency": "Jo"}
        began = time.monotonic()
        said = _until_answered(phone, "POST", url + path, typed, answers.taps, answers)
    assert said.status_code == 303, said.status_code
    with answers.lock:
        answers.waits.append(time.monotonic() - began)
        answers.links.append(said.headers["Location"])


def _until_answered(
    phone: requests.Session, method: str, url: str, form: dict[str, str], taken: list[float], answers: _Answers
) -> requests.Response:
    """The answer, however often it has to be asked for. `taken`: where the seconds of an answer are noted."""
    last = time.monotonic() + _PATIENCE
    while True:
        began = time.monotonic()
        try:
            answer = phone.request(method, url, data=form or None, allow_redirects=False, timeout=20)
            if answer.status_code < 500:
                with answers.lock:
                    taken.append(time.monotonic() - began)
                return answer
        except requests.RequestException:
            pass
        assert time.monotonic() < last, f"no answer to {method} in {_PATIENCE:.0f} s"
        with answers.lock:
            answers.again += 1
        time.sleep(_PAUSE)


def _opens(node: Served, link: str) -> bool:
    headers = {"X-Forwarded-For": f"203.0.113.{hash(link) % 250}"}
    answer = requests.get(node.url + link, headers=headers, timeout=20)
    return answer.status_code == 200 and "You said you’re coming" in answer.text


def _rows(answers: _Answers, opened: int, count: int, outage: float, bounds: Limited) -> list[Row]:
    peak = bounds.peak_mb()
    where = f"1 core, {MEMORY_MB} MB ({bounds.how})"
    memory = "not counted here" if peak is None else f"{peak:.0f} MB with the pages of files"
    return [
        Row(
            f"{PEOPLE} say they come in {SECONDS:.0f} s, kill -9 between",
            f"{opened} of {len(answers.links)} links open",
            where,
            goal=f"{PEOPLE} of {PEOPLE}",
            met=opened == len(answers.links) == PEOPLE,
        ),
        Row(
            "people noted, though some tapped again",
            f"{count}; {answers.again} asked again",
            goal=f"{PEOPLE}",
            met=count == PEOPLE,
        ),
        Row("the tap, answered", _words(answers.taps)),
        Row("the run's page and the form", _words(answers.pages)),
        Row("from the first tap to the link", _words(answers.waits)),
        Row("nobody answered", f"{outage:.1f} s"),
        Row("the most memory", memory, goal="no process ended", met=not bounds.was_out_of_memory()),
    ]


def _words(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:.0f}, p99 {cuts[98] * 1000:.0f} ms, n={len(seconds)}"
