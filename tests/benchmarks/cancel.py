"""How long until every other node's page says cancelled.

With four nodes: polling switched off, and HQ dead half of the time. With the whole movement: as the demo polls, then
with polling switched off. There each trial is another chapter's: of one chapter's changes six an hour are passed on.
"""

import re
import statistics
import tempfile
import time
from pathlib import Path

from deploy.demo.movement import MOST_NODES

from ..support.processes import Demo, LeadBrowser, demo, first_listing, wait_until
from .table import Row

TRIALS = 20
GOAL_SECONDS = 5
_OTHERS = ("peterborough", "brisbane")


def measure() -> list[Row]:
    """Four nodes: HQ alive, HQ dead, all trials. The movement: with polling, and without."""
    return _few() + _movement()


def _movement() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder) / "demo", MOST_NODES) as running:
        polling = _of_many_chapters(running)
        running.restart_all(RTR_POLL_SECONDS="0")
        alone = _of_many_chapters(running)
    return [
        _row(f"cancel to all pages, {MOST_NODES} nodes, polling", polling),
        _row(f"cancel to all pages, {MOST_NODES} nodes, polling off", alone),
    ]


def _row(what: str, seconds: list[float]) -> Row:
    within = sum(one <= GOAL_SECONDS for one in seconds)
    goal = f"<= {GOAL_SECONDS} s, {TRIALS} of {TRIALS}"
    return Row(what, f"{_words(seconds)}, {within} in time", goal=goal, met=within == TRIALS == len(seconds))


def _of_many_chapters(running: Demo) -> list[float]:
    """Each trial cancels the next date of another chapter that has one to cancel."""
    took: list[float] = []
    for name in running.names()[1:]:
        lead = LeadBrowser(running, name)
        dates = re.findall(r"/lead/runs/([a-z2-7]{8})/dates/(\d{4}-\d\d-\d\d)/cancel", lead.get("/lead"))
        if dates and len(took) < TRIALS:
            run, day = dates[0]
            path = f"/runs/{running.node(name)['chapter']}/{run}?date={day}"
            took.append(_until_cancelled(running, lead, f"/lead/runs/{run}/dates/{day}", path))
    return took


def _until_cancelled(running: Demo, lead: LeadBrowser, form: str, path: str) -> float:
    names = running.names()
    assert not any(says_cancelled(running, name, path) for name in names)
    began = time.monotonic()
    assert lead.post(f"{form}/cancel", reason="weather", note="").status_code == 303
    for name in names:
        wait_until(lambda name=name: says_cancelled(running, name, path), name, pause=0.01)
    return time.monotonic() - began


def _few() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder) / "demo") as running:
        running.restart_all(RTR_POLL_SECONDS="0")
        lead = LeadBrowser(running, "london")
        alive, dead = _trials(running, lead)
    return [
        Row("cancel to all pages, HQ alive", _words(alive)),
        Row("cancel to all pages, HQ killed", _words(dead)),
        Row(
            "cancel to all pages, all trials",
            _words(alive + dead),
            goal="<= 2 s, max <= 5 s",
            met=statistics.median(alive + dead) <= 2 and max(alive + dead) <= 5,
        ),
    ]


def _trials(running: Demo, lead: LeadBrowser) -> tuple[list[float], list[float]]:
    chapter, run = first_listing(running, "london")
    days = sorted(set(re.findall(rf"/lead/runs/{run}/dates/(\d{{4}}-\d\d-\d\d)/cancel", lead.get("/lead"))))
    alive: list[float] = []
    dead: list[float] = []
    for trial in range(TRIALS):
        without_hq = trial % 2 == 1
        if without_hq:
            running.kill("hq")
        others = _OTHERS if without_hq else ("hq", *_OTHERS)
        pages = [(name, f"/runs/{chapter}/{run}?date={days[trial % len(days)]}") for name in others]
        form = f"/lead/runs/{run}/dates/{days[trial % len(days)]}"
        (dead if without_hq else alive).append(_one(running, lead, form, pages))
        if without_hq:
            running.start("hq", RTR_POLL_SECONDS="0")
    return alive, dead


def _one(running: Demo, lead: LeadBrowser, form: str, pages: list[tuple[str, str]]) -> float:
    began = time.monotonic()
    assert lead.post(f"{form}/cancel", reason="weather", note="").status_code == 303
    for name, path in pages:
        wait_until(lambda name=name, path=path: says_cancelled(running, name, path), f"{name}", pause=0.01)
    took = time.monotonic() - began
    assert lead.post(f"{form}/undo", state="cancelled").status_code == 303
    for name, path in pages:
        wait_until(lambda name=name, path=path: not says_cancelled(running, name, path), f"{name}", pause=0.01)
    return took


def says_cancelled(running: Demo, name: str, path: str) -> bool:
    """Whether the first screen of a listing's page says that this date is cancelled."""
    return "Cancelled" in running.page(name, path).split("<h2", 1)[0]


def _words(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s, max {max(seconds):.2f} s, n={len(seconds)}"
