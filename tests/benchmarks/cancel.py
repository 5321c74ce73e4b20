"""How long until every other node's page says cancelled, with polling switched off and HQ dead half of the time."""

import re
import statistics
import tempfile
import time
from pathlib import Path

from ..processes import Demo, LeadBrowser, demo, first_listing, wait_until
from .table import Row

TRIALS = 20
_OTHERS = ("peterborough", "brisbane")


def measure() -> list[Row]:
    """One row for the trials with HQ alive, one for those with HQ dead, one for all."""
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
