"""A promise, the listing and who has given it: they change together, whoever taps what in which order."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from node.chapter import dates, pauses, publishing
from node.chapter.dates import NoPromise
from node.database import CannotWrite
from node.errors import InvalidInput, NotFound
from node.input.stale_pages import StalePage
from node.members import people
from node.members.leading import calls, promises
from node.members.leading.rota import Assignment, Rota
from node.models import Duty, Person, Run

from ...support.full_disk import full_disk
from ...support.leads import drop_out, look, promise, told, waiting
from ...support.network import LocalNode
from ...support.taps import THURSDAY, cancel, move, undo

NEXT = THURSDAY + timedelta(days=7)
STARTS = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_wednesday(london: LocalNode) -> None:
    london.clock.now = STARTS - timedelta(hours=30)


def page(node: LocalNode, run: Run, day: date = THURSDAY) -> dates.DateView:
    with node.session() as session:
        return dates.require_date(session, session.get_one(Run, run.id), day, node.clock())


def lead_of(node: LocalNode, run: Run, day: date = THURSDAY, duty: str = "lead") -> Assignment:
    with node.session() as session:
        found = session.get_one(Run, run.id)
        given = Rota(session, found).on(dates.require_date(session, found, day, node.clock())).of(duty)
        session.expunge_all()
        return given


def who(node: LocalNode, run: Run, day: date = THURSDAY, duty: str = "lead") -> tuple[str, bool]:
    """The first name of whoever is down for it, and whether it is promised."""
    given = lead_of(node, run, day, duty)
    return given.person.first_name if given.person else "", given.is_promised


def tap(node: LocalNode, run: Run, lead: Person, day: date = THURSDAY) -> str:
    """That lead taps "I'll be there" on a page of now."""
    return promise(node, run, lead, day, saw=page(node, run, day).mark)


def hand_over(
    node: LocalNode, run: Run, whose: Person | None, to: Person, day: date = THURSDAY, duty: str = "lead"
) -> bool:
    with node.session() as session:
        of = whose.id if whose else None
        return promises.hand_over(session, node.settings, run.id, day, duty, of, to.id, node.clock())


def test_a_promise_is_in_the_listing_and_its_lead_is_known_here_alone(london: LocalNode, run: Run, ada: Person) -> None:
    assert tap(london, run, ada) == "promised"
    assert page(london, run).state == "confirmed"
    assert who(london, run) == ("Ada", True)
    with london.session() as session:
        signed = str(publishing.build(session, london.clock()))
    assert "confirmed" in signed
    assert "Ada" not in signed


def test_of_two_who_tap_at_once_the_first_has_it_and_the_second_reads_so(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    seen = page(london, run).mark
    assert promise(london, run, ada, saw=seen) == "promised"
    assert promise(london, run, ben, saw=seen) == "taken"
    assert who(london, run) == ("Ada", True)


def test_a_double_tap_is_one_promise(london: LocalNode, run: Run, ada: Person) -> None:
    seen = page(london, run).mark
    promise(london, run, ada, saw=seen)
    with london.session() as session:
        first = session.get_one(Duty, (run.id, THURSDAY, "lead")).promised_at
    london.clock.tick(seconds=2)
    assert promise(london, run, ada, saw=seen) == "promised"
    with london.session() as session:
        assert session.get_one(Duty, (run.id, THURSDAY, "lead")).promised_at == first


def test_a_promise_by_a_page_of_before_a_move_is_refused_and_nobody_is_down_for_it(
    london: LocalNode, run: Run, ada: Person
) -> None:
    seen = page(london, run).mark
    move(london, run, "2026-06-04T19:30")
    with pytest.raises(StalePage):
        promise(london, run, ada, saw=seen)
    assert who(london, run) == ("", False)


@pytest.mark.parametrize(
    "otherwise",
    [
        lambda node, run: move(node, run, "2026-06-04T19:30"),
        cancel,
        undo,
    ],
    ids=["moved", "cancelled", "undone"],
)
def test_a_promise_ends_at_once_with_what_the_listing_says(
    london: LocalNode, run: Run, ada: Person, otherwise: Callable[[LocalNode, Run], None]
) -> None:
    tap(london, run, ada)
    otherwise(london, run)
    assert who(london, run) == ("Ada", False)
    look(london)
    with london.session() as session:
        assert session.get_one(Duty, (run.id, THURSDAY, "lead")).promised_at is None


def test_a_date_that_was_moved_is_promised_by_whoever_says_so_for_the_new_hour(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ada)
    move(london, run, "2026-06-04T19:30")
    assert tap(london, run, ben) == "promised"
    assert who(london, run) == ("Ben", True)
    look(london)
    assert who(london, run) == ("Ben", True)


def test_who_drops_out_takes_the_promise_back_everywhere(london: LocalNode, run: Run, ada: Person) -> None:
    tap(london, run, ada)
    assert drop_out(london, run, ada)
    assert page(london, run).state == "unconfirmed"
    assert who(london, run) == ("", False)


def test_a_moved_date_stays_where_it_is_when_its_lead_drops_out(london: LocalNode, run: Run, ada: Person) -> None:
    move(london, run, "2026-06-04T19:30")
    tap(london, run, ada)
    drop_out(london, run, ada)
    view = page(london, run)
    assert (view.state, f"{view.starts:%H:%M}") == ("moved", "19:30")


def test_an_old_page_drops_nobody_elses_promise(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    tap(london, run, ada)
    drop_out(london, run, ada)
    tap(london, run, ben)
    assert not drop_out(london, run, ada)
    assert page(london, run).state == "confirmed"
    assert who(london, run) == ("Ben", True)


def test_a_lead_can_say_for_another_that_they_cannot_be_there_and_that_one_is_told(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ada)
    london.clock.now = STARTS - timedelta(hours=3)
    with london.session() as session:
        promises.drop_out(
            session, london.settings, run.id, THURSDAY, ada.id, ben.id, "Ada is in hospital", london.clock()
        )
    assert told(london, waiting(london)) == ["dropped_out to Ada"]
    assert page(london, run).state == "unconfirmed"


def test_a_line_that_is_too_long_changes_nothing(london: LocalNode, run: Run, ada: Person) -> None:
    tap(london, run, ada)
    with pytest.raises(InvalidInput):
        drop_out(london, run, ada, "x" * 201)
    assert page(london, run).state == "confirmed"


def test_nobody_promises_during_a_pause(london: LocalNode, run: Run, ada: Person) -> None:
    with london.session() as session:
        pauses.pause(session, london.settings, None, THURSDAY - timedelta(days=1), None, "", london.clock())
    with pytest.raises(NoPromise):
        tap(london, run, ada)
    assert who(london, run) == ("", False)


@pytest.mark.parametrize("gone", [True, False], ids=["removed", "member now"])
def test_who_leads_no_more_has_promised_nothing_any_more(
    london: LocalNode, run: Run, ada: Person, ben: Person, gone: bool
) -> None:
    tap(london, run, ben)
    london.clock.now = STARTS - timedelta(hours=4)
    with london.session() as session:
        if gone:
            people.remove(session, london.settings, ben.id, london.clock())
        else:
            people.set_role(session, london.settings, ben.id, "member", london.clock())
    assert page(london, run).state == "unconfirmed"
    assert look(london) == ["cover to Ada"]
    with pytest.raises(NotFound):
        tap(london, run, ben)


def test_what_a_lead_wrote_to_the_others_goes_with_the_account(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ben)
    drop_out(london, run, ben, "I have a cold")
    with london.session() as session:
        people.remove(session, london.settings, ben.id, london.clock())
        assert session.get_one(Duty, (run.id, THURSDAY, "lead")).line == ""


def test_what_was_promised_for_a_date_that_is_over_is_left_alone_when_its_lead_goes(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ben)
    london.clock.now = STARTS + timedelta(days=4)
    with london.session() as session:
        before = session.get_one(dates.Chapter, 1).last_version
        people.remove(session, london.settings, ben.id, london.clock())
        assert session.get_one(dates.Chapter, 1).last_version == before
    look(london)
    with london.session() as session:
        assert session.get_one(dates.RunDate, (run.id, THURSDAY)).state == "confirmed"


def test_a_promise_that_is_handed_over_stays_until_the_other_says_yes(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ada)
    assert hand_over(london, run, ada, ben)
    assert told(london, waiting(london)) == ["handed_over to Ben"]
    assert page(london, run).state == "confirmed"
    assert who(london, run) == ("Ada", True)
    version = last_version(london)
    assert tap(london, run, ben) == "promised"
    assert who(london, run) == ("Ben", True)
    assert last_version(london) == version


def last_version(node: LocalNode) -> int:
    with node.session() as session:
        return session.get_one(dates.Chapter, 1).last_version


def test_who_was_asked_can_still_say_yes_after_the_asker_dropped_out(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ada)
    hand_over(london, run, ada, ben)
    drop_out(london, run, ada)
    assert lead_of(london, run).offered_to is None
    assert tap(london, run, ben) == "promised"


def test_a_question_can_be_taken_back(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    tap(london, run, ada)
    hand_over(london, run, ada, ben)
    with london.session() as session:
        promises.keep(session, run.id, THURSDAY, "lead", ada.id)
    assert tap(london, run, ben) == "taken"


def test_a_turn_that_nobody_has_promised_passes_at_once_and_a_double_tap_is_one_letter(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    hand_over(london, run, None, ben)
    assert hand_over(london, run, ben, ben)
    assert who(london, run) == ("Ben", False)
    assert told(london, waiting(london)) == ["handed_over to Ben"]


def test_a_duty_that_is_another_leads_by_now_is_not_handed_over(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ben)
    assert not hand_over(london, run, ada, ada)
    assert who(london, run) == ("Ben", True)


def test_two_turns_are_swapped(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    hand_over(london, run, None, ada)
    hand_over(london, run, None, ben, NEXT)
    with london.session() as session:
        assert promises.swap(session, london.settings, run.id, THURSDAY, "lead", ada.id, NEXT, london.clock())
    assert who(london, run) == ("Ben", False)
    assert who(london, run, NEXT) == ("Ada", False)


def test_a_promised_date_is_swapped_only_once_the_other_says_yes(
    london: LocalNode, run: Run, ada: Person, ben: Person
) -> None:
    tap(london, run, ada)
    hand_over(london, run, None, ben, NEXT)
    with london.session() as session:
        assert promises.swap(session, london.settings, run.id, THURSDAY, "lead", ada.id, NEXT, london.clock())
    assert who(london, run) == ("Ada", True)
    assert page(london, run).state == "confirmed"


def test_what_another_has_promised_is_not_swapped_away(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    hand_over(london, run, None, ada)
    tap(london, run, ben, NEXT)
    with london.session() as session:
        assert not promises.swap(session, london.settings, run.id, THURSDAY, "lead", ada.id, NEXT, london.clock())
    assert who(london, run, NEXT) == ("Ben", True)


def test_a_back_marker_is_known_here_alone_and_publishes_nothing(london: LocalNode, run: Run, ada: Person) -> None:
    version = last_version(london)
    promise(london, run, ada, duty="back-marker")
    assert who(london, run, duty="back-marker") == ("Ada", True)
    assert page(london, run).state == "unconfirmed"
    assert last_version(london) == version


def test_a_member_cannot_lead(london: LocalNode, run: Run) -> None:
    member = london.add_lead("Mo", "member")
    with pytest.raises(NotFound):
        tap(london, run, member)


@pytest.mark.parametrize(
    "act",
    [
        lambda node, run, ada, ben: tap(node, run, ben, NEXT),
        lambda node, run, ada, ben: drop_out(node, run, ada, "ill"),
        lambda node, run, ada, ben: hand_over(node, run, ada, ben),
        lambda node, run, ada, ben: holiday(node, ada),
    ],
    ids=["promise", "drop out", "hand over", "days off"],
)
def test_on_a_full_disk_nothing_is_changed_and_nobody_is_told_and_a_second_tap_succeeds(
    london: LocalNode, run: Run, ada: Person, ben: Person, act: Callable[..., object]
) -> None:
    tap(london, run, ada)
    london.clock.now = STARTS - timedelta(hours=5)
    before = snapshot(london)
    with full_disk(london), pytest.raises(CannotWrite):
        act(london, run, ada, ben)
    assert snapshot(london) == before
    assert act(london, run, ada, ben)
    assert snapshot(london) != before


def test_a_lead_drops_out_though_the_disk_has_no_room_for_the_letters_and_the_search_asks_the_others(
    london: LocalNode, run: Run, ada: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap(london, run, ada)
    london.clock.now = STARTS - timedelta(hours=5)
    with monkeypatch.context() as patched:
        patched.setattr(calls, "tell", full)
        assert drop_out(london, run, ada, "ill")
    assert (page(london, run).state, waiting(london)) == ("unconfirmed", [])
    assert look(london) == ["cover to Ben"]


def full(*_: object, **__: object) -> None:
    raise OperationalError("INSERT", {}, Exception("database or disk is full"))


def holiday(node: LocalNode, lead: Person) -> int:
    with node.session() as session:
        return promises.go_on_holiday(session, node.settings, lead.id, THURSDAY, NEXT, node.clock())


def snapshot(node: LocalNode) -> list[object]:
    """What is kept of duties, of dates, and of letters."""
    with node.session() as session:
        queries = ("SELECT * FROM duty", "SELECT * FROM run_date", "SELECT key FROM letter", "SELECT * FROM holiday")
        return [tuple(map(tuple, session.execute(text(query)))) for query in queries]
