"""A chapter whose leads say nothing for 14, 30 or 90 days: its leads are told, every site marks it, HQ names it."""

from datetime import date, timedelta

import pytest

from node.chapter import pauses, publishing
from node.database import writing
from node.directory import chapters
from node.facts import silence
from node.hq import watch
from node.models import Chapter, Person, Run

from ...support.leads import look as search
from ...support.leads import told, waiting
from ...support.members.letters import sent, text_of
from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import confirm
from ...support.web_client import Phone, words


def pass_days(node: LocalNode, days: int) -> None:
    """Days on which the node runs and signs by itself, and no lead does anything."""
    node.clock.now += timedelta(days=days)
    with node.session() as session:
        publishing.resign_if_due(session, node.settings, node.clock())


def look(node: LocalNode) -> list[str]:
    before = {letter.id for letter in waiting(node)}
    with node.session() as session:
        silence.look(session, node.settings, node.clock())
    return told(node, [letter for letter in waiting(node) if letter.id not in before])


def last_word(node: LocalNode) -> date | None:
    with node.session() as session:
        return session.get_one(Chapter, 1).last_word_on


@pytest.mark.parametrize(
    ("days", "step"), [(0, 0), (13, 0), (14, 14), (29, 14), (30, 30), (89, 30), (90, 90), (400, 90)]
)
def test_the_steps_are_14_30_and_90_days(days: int, step: int) -> None:
    assert silence.step_of(date(2026, 3, 4), date(2026, 3, 4) + timedelta(days=days)) == step


def test_of_what_is_not_known_nothing_is_said() -> None:
    assert silence.step_of(None, date(2026, 3, 4)) == 0


def test_a_tap_of_a_lead_is_a_word_and_what_the_node_does_by_itself_is_none(london: LocalNode, run: Run) -> None:
    assert last_word(london) == date(2026, 6, 1)
    pass_days(london, 2)
    search(london)
    assert last_word(london) == date(2026, 6, 1)
    confirm(london, run)
    assert last_word(london) == date(2026, 6, 3)


def test_each_lead_is_told_once_at_each_step(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    pass_days(london, 13)
    assert look(london) == []
    for days in (1, 16, 60):
        pass_days(london, days)
        assert look(london) == ["gone_quiet to Ada", "gone_quiet to Ben"]
        assert look(london) == []


def test_the_letter_says_since_when_and_only_while_it_is_true(london: LocalNode, run: Run, ada: Person) -> None:
    pass_days(london, 30)
    look(london)
    (letter,) = sent(london)
    assert "for 30 days, since 1 June 2026" in text_of(letter).replace("\n", " ")
    pass_days(london, 60)
    look(london)
    confirm(london, run, date(2026, 9, 3))
    assert sent(london) == []


def test_a_chapter_that_pauses_or_has_no_run_is_not_warned(london: LocalNode, ada: Person) -> None:
    pass_days(london, 20)
    assert look(london) == []
    london.announce(a_run())
    with london.session() as session:
        pauses.pause(session, london.settings, None, london.clock().date(), None, "", london.clock())
    pass_days(london, 20)
    assert look(london) == []


def test_a_node_that_noted_nothing_before_counts_from_today(london: LocalNode, run: Run, ada: Person) -> None:
    with london.session() as session, writing(session) as transaction:
        transaction.get_one(Chapter, 1).last_word_on = None
    pass_days(london, 100)
    assert look(london) == []
    assert last_word(london) == london.clock().date()


def test_every_site_marks_it_and_hq_names_it(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    pages = {}
    for days in (13, 1, 76):
        pass_days(london, days)
        federation.settle()
        with federation.hq.session() as session:
            needs = watch.needs(session, federation.clock())
        with london.session() as session:
            address = f"/runs/{chapters.own_id(session)}/{run.id}"
        pages[days] = (words(Phone(federation.hq).get(address)), needs.quiet_count, needs.silent_count)
    assert "No lead here has said anything" not in pages[13][0]
    assert "No lead here has said anything since 1 June 2026." in pages[1][0]
    assert "It might not be running any more." in pages[76][0]
    assert [count for _, *count in pages.values()] == [[0, 0], [1, 0], [1, 0]]
    board = words(Phone(federation.hq).sign_in().get("/hq"))
    assert "nothing since 1 June 2026, more than 90 days" in board


def test_the_chapters_own_board_says_it(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    said = "No lead has confirmed, cancelled, changed or checked anything here for 14 days."
    assert said not in words(phone.get("/lead"))
    pass_days(london, 14)
    assert said in words(phone.get("/lead"))
