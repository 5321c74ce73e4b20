"""A server whose clock is hours out: it says so, to the lead and to the operator, and a cancellation gets through."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .support.processes import Demo, LeadBrowser, demo, rtr, wait_until
from .test_processes import days_of, listing_path

pytestmark = pytest.mark.processes

#: libfaketime, which shows a process another time. Deadlines and pauses keep the machine's own.
_LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("clock") / "demo") as started:
        yield started


@pytest.fixture(scope="module")
def lead(running: Demo) -> LeadBrowser:
    """London's, signed in while the clock was right."""
    return LeadBrowser(running, "london")


def by_a_clock_of(error: str) -> dict[str, str]:
    """The environment of a process whose clock is so far out."""
    assert _LIBRARY, "please run: sudo apt-get install faketime"
    return {"LD_PRELOAD": str(_LIBRARY), "FAKETIME": error, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@pytest.mark.skipif(sys.platform != "linux", reason="libfaketime is Debian's")
@pytest.mark.parametrize(("error", "said", "number"), [("+3h", "ahead", 0), ("-3h", "behind", 1)])
def test_a_wrong_clock_is_named_and_a_cancellation_gets_through(
    running: Demo, lead: LeadBrowser, error: str, said: str, number: int
) -> None:
    running.kill("london")
    running.start("london", **by_a_clock_of(error))
    wait_until(
        lambda: f"180 minutes {said}" in rtr(running.folder / "london", "doctor", **by_a_clock_of(error)).stdout,
        "the doctor to say so",
    )
    warning = "This server’s clock is more than ten minutes out from the other servers’."
    wait_until(lambda: warning in lead.get("/lead"), "the board to say so")
    run, day = days_of(lead)[number]
    note = f"By a clock of {error}"
    assert lead.post(f"/lead/runs/{run}/dates/{day}/cancel", reason="weather", note=note).status_code == 303
    page = f"{listing_path(running, 'london')}?day={day}"
    for name in running.names():
        wait_until(lambda name=name: note in running.page(name, page), f"{name} to say cancelled", 20)
