"""A federation of real processes: what a newcomer's `make demo` starts, and what happens when nodes die."""

import json
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from .support.processes import Demo, LeadBrowser, demo, first_listing, wait_until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parent.parent
NAMES = ("hq", "london", "peterborough", "brisbane")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo") / "demo") as started:
        yield started


def listing_path(running: Demo, name: str) -> str:
    return "/runs/{}/{}".format(*first_listing(running, name))


def days_of(lead: LeadBrowser) -> list[tuple[str, str]]:
    """(run id, day) of every date on the lead's first page."""
    return re.findall(r"/lead/runs/([a-z2-7]{8})/dates/(\d{4}-\d\d-\d\d)/cancel", lead.get("/lead"))


def test_four_nodes_converge_and_say_so(running: Demo) -> None:
    assert re.match(r"converged: 4 nodes, 3 listings, \d+\.\d s$", running.converged)


def test_demo_json_names_every_node_with_its_process_and_a_sign_in_link(running: Demo) -> None:
    rows = json.loads((running.folder / "demo.json").read_text())["nodes"]
    assert [row["name"] for row in rows] == list(NAMES)
    assert all(isinstance(row["pid"], int) for row in rows)
    assert all(row["signin_url"].startswith(row["url"]) for row in rows[1:])


@pytest.mark.parametrize("name", NAMES)
def test_every_node_serves_every_chapters_run(running: Demo, name: str) -> None:
    html = running.page(name, "/runs")
    assert all(text in html for text in ("Monument", "river", "South Bank"))


def test_letters_of_the_demo_are_files_where_it_says(running: Demo) -> None:
    folder = running.folder / "letters" / "london"
    assert any(line.startswith("letters ") and "demo/letters/" in line for line in running.said)
    url = running.url("london")
    form_id = re.search(r'name="form_id"[^>]* value="([^"]+)"', running.page("london", "/signin"))
    assert form_id
    form = {"email": "robin@example.org", "form_id": form_id[1]}
    assert requests.post(f"{url}/signin/mail", data=form, headers={"Origin": url}, timeout=10).ok
    wait_until(lambda: any("To: robin@" in one.read_text() for one in folder.glob("*.eml")), "the letter", patience=15)


def test_a_cancellation_tapped_in_peterborough_shows_on_all_nodes(running: Demo) -> None:
    lead = LeadBrowser(running, "peterborough")
    run, day = days_of(lead)[0]
    path = listing_path(running, "peterborough")
    assert lead.post(f"/lead/runs/{run}/dates/{day}/cancel", reason="lead", note="").status_code == 303
    for name in NAMES:
        wait_until(lambda name=name: "Cancelled" in running.page(name, path), f"{name} to say cancelled", 10)


def test_a_stranger_cannot_cancel(running: Demo) -> None:
    run = first_listing(running, "london")[1]
    url = running.url("london")
    answer = requests.post(
        f"{url}/lead/runs/{run}/dates/2026-06-04/cancel", data={"reason": "lead"}, headers={"Origin": url}, timeout=10
    )
    assert answer.status_code == 401


def test_the_independent_verifier_accepts_a_real_nodes_feed(running: Demo) -> None:
    url = running.url("brisbane")
    hq = requests.get(f"{url}/fed/v1/status", timeout=10).json()["hq"]
    root = requests.get(f"{url}/fed/v1/hq/{hq}/root/1", timeout=10)
    command = [sys.executable, str(ROOT / "federation/examples/verify_feed.py"), url, root.headers["ETag"].strip('"')]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("ok ")) == (0, 3)


def test_londons_runs_stay_findable_while_it_is_dead_and_it_is_current_again_within_a_poll(running: Demo) -> None:
    path = listing_path(running, "london")
    running.kill("london")
    assert "Last checked with London" in running.page("brisbane", path)
    lead = LeadBrowser(running, "brisbane")
    run, day = days_of(lead)[1]
    lead.post(f"/lead/runs/{run}/dates/{day}/cancel", reason="weather", note="")
    running.start("london")
    brisbane = listing_path(running, "brisbane")
    # The demo polls every two seconds.
    wait_until(lambda: "Cancelled" in running.page("london", brisbane), "London to be current", 10)


def test_a_late_joiner_learns_londons_runs_from_brisbane_while_hq_and_london_are_dead(running: Demo) -> None:
    path = listing_path(running, "london")
    for name in ("peterborough", "london", "hq"):
        running.kill(name)
    forget_documents(running, "peterborough")
    running.start("peterborough")
    wait_until(lambda: "Monument" in running.page("peterborough", path), "Peterborough to know London", 20)


def test_without_even_the_others_addresses_one_named_peer_is_enough(running: Demo) -> None:
    path = listing_path(running, "london")
    running.kill("peterborough")
    forget_documents(running, "peterborough", and_addresses=True)
    running.start("peterborough")
    assert "Monument" not in running.page("peterborough", path)
    running.command("peterborough", "sync", "--peer", running.url("brisbane"))
    assert "Monument" in running.page("peterborough", path)
    for name in ("hq", "london"):
        running.start(name)


def forget_documents(running: Demo, name: str, *, and_addresses: bool = False) -> None:
    """Empty a dead node's folder of all other chapters' documents; also of their roots, which hold the addresses."""
    connection = sqlite3.connect(running.folder / name / "node.sqlite")
    own = str(running.node(name)["chapter"])
    with connection:
        connection.execute("DELETE FROM held_document WHERE chapter != ?", (own,))
        connection.execute("DELETE FROM held_listing WHERE chapter != ?", (own,))
        if and_addresses:
            connection.execute("DELETE FROM held_root WHERE author != ? AND seq IS NOT NULL", (own,))
            connection.execute("DELETE FROM peer")
    connection.close()


def test_every_acknowledged_cancellation_survives_kill_9_and_reaches_the_others(running: Demo) -> None:
    lead = LeadBrowser(running, "london")
    run = days_of(lead)[0][0]
    acknowledged = cancel_until_killed(running, lead, run)
    running.start("london")
    path = listing_path(running, "london")
    for name in NAMES:
        for day in acknowledged:
            wait_until(
                lambda name=name, day=day: cancelled_on(running, name, path, day), f"{name} to know of {day}", 20
            )


def cancel_until_killed(running: Demo, lead: LeadBrowser, run: str) -> list[str]:
    """Cancel and undo London's coming dates, 50 taps in all; kill -9 in the middle of them. Days seen as cancelled."""
    days = sorted({day for id_, day in days_of(lead) if id_ == run})
    state: dict[str, bool] = {}
    killer = threading.Thread(target=running.kill, args=("london",))
    for tap in range(50):
        if tap == 25:
            killer.start()
        day = days[tap % len(days)]
        word = "undo" if state.get(day) else "cancel"
        try:
            answer = lead.post(f"/lead/runs/{run}/dates/{day}/{word}", reason="other", note="", state="cancelled")
        except requests.ConnectionError:
            continue
        if answer.status_code == 303:
            state[day] = word == "cancel"
    killer.join()
    return [day for day, cancelled in state.items() if cancelled]


def cancelled_on(running: Demo, name: str, path: str, day: str) -> bool:
    return "Cancelled" in running.page(name, f"{path}?date={day}").split("<h2", 1)[0]
