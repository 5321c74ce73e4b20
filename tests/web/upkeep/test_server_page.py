"""The leads' page of the server: what needs a hand, in plain words, and lines of two weeks."""

import re
from datetime import timedelta

import pytest

from node.models import Person, Sample
from node.upkeep import doctor, watch
from node.upkeep.doctor import Check
from node.upkeep.doctor.checks import broken, look, well
from web.upkeep.plots import HEIGHT, WIDTH, plot
from web.words.upkeep.server import CHECKS

from ...support.leads import add_lead
from ...support.members.letters import sent, text_of
from ...support.network import START, LocalFederation, LocalNode
from ...support.web_client import Phone, words


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    found: list[Check] = []
    monkeypatch.setattr("node.upkeep.doctor.examine_node", lambda _: found)
    return found


def sample(hours: float, memory: int | None) -> Sample:
    return Sample(at=START - timedelta(hours=hours), memory_mb=memory, letters_waiting=0)


def test_every_check_has_plain_words() -> None:
    assert set(doctor.NAMES) - {"settings", "serving"} == set(CHECKS)


def test_what_needs_a_hand_comes_first_in_plain_words_with_its_fix(london: LocalNode, says: list[Check]) -> None:
    says += [
        Check("backup", well("the last backup is of today")),
        Check("disk", broken("3 MB free on the disk of /data", "free some space")),
        Check("rehearsal", look("nobody has tried", "rtr restore --check FILE")),
    ]
    watch.look(london.handle)
    shown = words(Phone(london).sign_in().get("/lead/server"))
    order = [
        shown.index(text)
        for text in ("Needs a hand", "The server is running out of room", "Worth a look", "All is well")
    ]
    assert order == sorted(order)
    assert "3 MB free on the disk of /data free some space" in shown
    assert "There’s a recent backup." in shown


def test_a_node_that_has_not_looked_says_so(london: LocalNode) -> None:
    assert "hasn’t looked at itself yet" in words(Phone(london).sign_in().get("/lead/server"))


def test_whoever_has_mended_something_looks_again_at_once_and_nobody_is_written_to(
    london: LocalNode, ada: Person, says: list[Check]
) -> None:
    phone = Phone(london).sign_in()
    says += [Check("disk", broken("3 MB free", "free some space"))]
    watch.look(london.handle)
    london.clock.tick(minutes=2)
    assert phone.post("/lead/server").status_code == 303
    assert "Needs a hand" in words(phone.get("/lead/server"))
    assert sent(london) == []
    says[0] = Check("disk", well("9 GB free"))
    london.clock.tick(minutes=2)
    phone.post("/lead/server")
    shown = words(phone.get("/lead/server"))
    assert "Needs a hand" not in shown
    assert "It last looked just now." in shown


def test_who_taps_twice_is_shown_the_same_look(london: LocalNode, says: list[Check]) -> None:
    phone = Phone(london).sign_in()
    says += [Check("disk", well("9 GB free"))]
    phone.post("/lead/server")
    says[0] = Check("disk", broken("3 MB free", "free some space"))
    phone.post("/lead/server")
    assert "Needs a hand" not in words(phone.get("/lead/server"))
    london.clock.tick(seconds=21)
    phone.post("/lead/server")
    assert "Needs a hand" in words(phone.get("/lead/server"))


def test_the_board_names_what_two_looks_in_a_row_found_to_need_a_hand(london: LocalNode, says: list[Check]) -> None:
    phone, line = Phone(london).sign_in(), "The server needs a hand: "
    says += [Check("disk", broken("3 MB free", "free some space")), Check("backup", well("today"))]
    watch.look(london.handle)
    assert line not in words(phone.get("/lead"))
    london.clock.tick(hours=1)
    watch.look(london.handle)
    board = words(phone.get("/lead"))
    assert line in board
    assert "What to do" in board
    says[0] = Check("disk", well("9 GB free"))
    london.clock.tick(hours=1)
    watch.look(london.handle)
    assert line not in words(phone.get("/lead"))


def test_a_real_look_is_shown_with_its_plots_and_tables(london: LocalNode) -> None:
    for _ in range(3):
        watch.look(london.handle)
        london.clock.tick(hours=1)
    page = Phone(london).sign_in().get("/lead/server").text
    assert page.count("<svg viewBox=") == 3
    assert page.count("<polyline") == 3
    assert "Memory in megabytes: now" in page
    assert len(re.findall(r"<caption>", page)) == 3


def test_hqs_people_have_the_page_too(federation: LocalFederation) -> None:
    with federation.hq.session():
        add_lead(federation.hq, "Kim")
    watch.look(federation.hq.handle)
    assert "This server" in words(Phone(federation.hq).sign_in().get("/hq/server"))


def test_a_co_lead_does_not_see_it(london: LocalNode) -> None:
    phone = Phone(london).sign_in("Cara", "co-lead")
    assert phone.get("/lead/server").status_code == 403
    assert "/lead/server" not in phone.get("/lead").text


def test_the_letter_names_what_needs_a_hand_and_nobody(london: LocalNode, ada: Person, says: list[Check]) -> None:
    says.append(Check("disk", broken("3 MB free on the disk of /data", "free some space")))
    for _ in range(2):
        watch.look(london.handle)
        london.clock.tick(hours=1)
    (letter,) = sent(london)
    assert letter["Subject"] == "Your chapter’s server needs a hand"
    assert "Room to store things: The server is running out of room." in text_of(letter)
    assert f"{london.settings.base_url}/lead/server" in text_of(letter)
    assert "/data" not in text_of(letter)


def test_a_trouble_that_is_over_before_the_letter_goes_is_not_told(
    london: LocalNode, ada: Person, says: list[Check]
) -> None:
    says.append(Check("disk", broken("3 MB free", "free some space")))
    for _ in range(2):
        watch.look(london.handle)
        london.clock.tick(hours=1)
    says[:] = [Check("disk", well("3000 MB free"))]
    watch.look(london.handle)
    assert sent(london) == []


def test_a_line_stays_in_its_picture_and_breaks_where_the_server_was_off() -> None:
    drawn = plot(
        "Memory", [sample(300, 80), sample(299, 90), sample(10, 40), sample(9, 50)], lambda s: s.memory_mb, START
    )
    assert drawn is not None
    assert (len(drawn.lines), drawn.last, drawn.most) == (2, 50, 90)
    points = [tuple(map(float, point.split(","))) for line in drawn.lines for point in line.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert points == sorted(points)


def test_a_lone_sample_is_drawn_and_none_is_no_plot() -> None:
    alone = plot("Memory", [sample(1, 0)], lambda one: one.memory_mb, START)
    assert alone is not None
    assert len(alone.lines[0].split()) == 2
    assert (alone.last, alone.most) == (0, 0)
    assert plot("Memory", [sample(1, None)], lambda one: one.memory_mb, START) is None


def test_the_table_says_the_least_and_the_most_of_each_day() -> None:
    drawn = plot("Memory", [sample(30, 7), sample(29, 3), sample(1, 5)], lambda one: one.memory_mb, START)
    assert drawn is not None
    assert [(least, most) for _, least, most in drawn.days] == [(5, 5), (3, 7)]
