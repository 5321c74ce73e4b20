"""What happens to a date is told to whoever comes, right after the transaction that changes it."""

from datetime import UTC, date, datetime, time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from sqlalchemy import insert, select

from federation.documents import MeetingPoint
from node import jobs
from node.chapter import dates, publishing, series
from node.database import RevisionReader, writing
from node.mail import outbox
from node.members import coming, telling
from node.members.comers import news
from node.members.coming import Given
from node.models import Coming, Letter, Run
from web.letters.comers import KINDS

from ....support.full_disk import full_disk
from ....support.network import LocalNode, a_run
from ....support.taps import THURSDAY, cancel, confirm, move, undo

NEXT = date(2026, 6, 11)


def say(
    node: LocalNode, run: Run | str, email: str = "ada@example.org", is_confirmed: bool = True, **given: Any
) -> str:
    run_id = run if isinstance(run, str) else run.id
    with node.session() as session:
        wanted = Given(email=email, **given)
        token = coming.say(session, node.settings, run_id, THURSDAY, wanted, node.clock())
    if is_confirmed and email:
        with node.session() as session, writing(session):
            for row in session.scalars(select(Coming)):
                row.email_confirmed_at = node.clock()
    return token


def minute(node: LocalNode) -> None:
    """A minute of the node's jobs passes."""
    node.clock.tick(minutes=1)
    jobs.tell(node.handle)
    outbox.send_due(node.handle)


def at(node: LocalNode, text: str) -> None:
    node.clock.now = datetime.fromisoformat(text).replace(tzinfo=UTC)
    jobs.tell(node.handle)
    outbox.send_due(node.handle)


def mails(node: LocalNode) -> list[EmailMessage]:
    folder = LocalNode.letters_folder(node.settings.data)
    read = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]
    return [cast(EmailMessage, one) for one in read]


def subjects(node: LocalNode) -> list[str]:
    return [str(one["Subject"]) for one in mails(node) if one["Subject"] != "Can we email you?"]


def body(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def kinds(node: LocalNode) -> list[str]:
    with node.session() as session:
        return [
            one.kind for one in session.scalars(select(Letter).order_by(Letter.id)) if one.kind != "confirm_address"
        ]


def test_a_cancellation_is_queued_before_anybody_else_writes(london: LocalNode, run: Run) -> None:
    say(london, run)
    cancel(london, run)
    assert kinds(london) == ["cancelled"]
    minute(london)
    assert subjects(london) == ["Cancelled: Thursday 4 June, 18:30"]


def test_the_letter_names_reason_note_and_the_nearest_run_that_is_on(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    cancel(london, run)
    minute(london)
    text = body(mails(london)[-1])
    for said in ("It’s because of the weather.", "Ice", "Thursday 11 June, 18:30", f"/c/{token}"):
        assert said in text


def test_nobody_without_a_confirmed_address_is_written_to(london: LocalNode, run: Run) -> None:
    say(london, run, email="")
    say(london, run, email="kim@example.org", is_confirmed=False)
    cancel(london, run)
    minute(london)
    assert kinds(london) == []


def test_a_cancellation_that_fails_tells_nobody(london: LocalNode, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    say(london, run)
    monkeypatch.setattr(
        publishing, "spread_news", lambda session, settings, now: telling.tell(session, settings, now) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        cancel(london, run)
    assert kinds(london) == []


def test_news_that_fail_stop_no_cancellation(london: LocalNode, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    say(london, run)
    key = london.settings.members_key_file
    kept = key.rename(key.with_suffix(".elsewhere"))
    cancel(london, run)
    with london.session() as session:
        row = session.get_one(Run, run.id)
        assert dates.coming(session, row, london.clock())[0].state == "cancelled"
    assert "what follows from it was not written" in caplog.text
    kept.rename(key)
    minute(london)
    assert subjects(london) == ["Cancelled: Thursday 4 June, 18:30"]


def many_with_an_address(node: LocalNode, run: Run, many: int) -> None:
    """Let so many come, each with an address that is confirmed."""
    say(node, run)
    with node.session() as session, writing(session, is_private=True):
        one = session.scalars(select(Coming)).one()
        same = {name: getattr(one, name) for name in ("run_id", "day", "since", "said_for", "said_at", "given_for")}
        same |= {name: getattr(one, name) for name in ("email", "email_index", "email_confirmed_at")}
        session.execute(
            insert(Coming), [same | {"id": f"{n:032x}", "token_hash": f"{n:064x}"} for n in range(many - 1)]
        )


def test_a_cancellation_gets_through_though_the_disk_has_no_room_for_its_letters(
    london: LocalNode, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    many_with_an_address(london, run, 300)
    with full_disk(london, room=128 * 1024):
        cancel(london, run)
    with london.session() as session:
        assert dates.coming(session, session.get_one(Run, run.id), london.clock())[0].state == "cancelled"
    assert (kinds(london), "what follows from it was not written" in caplog.text) == ([], True)
    jobs.tell(london.restarted())
    assert kinds(london) == 300 * ["cancelled"]


def test_a_process_that_dies_between_a_cancellation_and_its_letters_tells_after_its_restart(
    london: LocalNode, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(london, run)
    with monkeypatch.context() as patched:
        patched.setattr(news, "queue", killed)
        with pytest.raises(KeyboardInterrupt):
            cancel(london, run)
    with london.session() as session:
        assert dates.coming(session, session.get_one(Run, run.id), london.clock())[0].state == "cancelled"
    jobs.tell(london.restarted())
    assert kinds(london) == ["cancelled"]


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_cancellation_that_is_undone_before_it_was_sent_is_not_told(london: LocalNode, run: Run) -> None:
    say(london, run)
    cancel(london, run)
    undo(london, run)
    minute(london)
    assert subjects(london) == []


def test_a_move_is_told_and_asks_again(london: LocalNode, run: Run) -> None:
    token = say(london, run)
    move(london, run, "2026-06-04T19:15")
    minute(london)
    assert subjects(london) == ["Moved: Thursday 4 June, 19:15"]
    with london.session() as session:
        coming.come_after_all(session, london.settings, token, THURSDAY, london.clock())
    minute(london)
    assert len(subjects(london)) == 1


@pytest.mark.parametrize("every_week", [False, True])
def test_a_letter_of_a_move_says_what_is_new_to_its_reader(london: LocalNode, run: Run, every_week: bool) -> None:
    say(london, run, every_week=every_week)
    move(london, run, "2026-06-05T19:15")
    minute(london)
    text = body(mails(london)[-1])
    assert "- Friday 5 June, 19:15" in text
    assert "It was: Thursday 4 June, 18:30." in text.splitlines()
    move(london, run, "2026-06-04T18:30", point=MeetingPoint("Tower Hill", "", "By the sundial.", 515100, -760))
    minute(london)
    text = body(mails(london)[-1])
    assert "- Tower Hill" in text
    assert "The meeting point is new." in text
    assert "It was:" not in text


def test_a_weekly_comer_hears_of_near_dates_but_not_of_days_off(london: LocalNode, run: Run) -> None:
    token = say(london, run, every_week=True)
    with london.session() as session:
        coming.stay_away(session, london.settings, token, NEXT, london.clock())
    cancel(london, run, NEXT)
    cancel(london, run, date(2026, 6, 25))
    minute(london)
    assert subjects(london) == []
    at(london, "2026-06-12T09:00")
    assert subjects(london) == ["Cancelled: Thursday 25 June, 18:30"]


def test_the_end_of_a_run_and_a_new_hour_of_the_series_are_told(london: LocalNode, run: Run) -> None:
    say(london, run)
    with london.session() as session:
        series.edit(session, london.settings, run.id, a_run(starts_at=time(19, 0)), london.clock.tick(minutes=1))
    minute(london)
    with london.session() as session:
        series.withdraw(session, london.settings, run.id, london.clock.tick(minutes=1))
    minute(london)
    assert subjects(london) == ["Moved: Thursday 4 June, 19:00", "Cancelled: Thursday 4 June, 19:00"]


def test_no_subject_says_anything_of_health(london: LocalNode) -> None:
    with london.app.test_request_context("/", base_url=london.settings.base_url):
        for kind in KINDS.values():
            assert not {"mental", "health", "therapy", "wellbeing"} & set(kind.sample().subject.casefold().split())


def test_letters_of_one_comer_leave_the_revision_as_it_is(london: LocalNode, run: Run) -> None:
    say(london, run)
    london.clock.now = datetime(2026, 6, 3, 17, 31, tzinfo=UTC)
    revision = RevisionReader(london.engine)
    before = revision()
    minute(london)
    assert subjects(london) == ["Thursday 4 June, 18:30"]
    assert revision() == before
    revision.close()


@pytest.mark.parametrize("now", ["2026-06-03T09:00", "2026-06-04T09:00"])
def test_a_day_that_its_run_has_no_more_is_told_to_be_off_on_its_very_day_too(
    london: LocalNode, run: Run, now: str
) -> None:
    """From today on the run is on Tuesdays: the date of Thursday is led to Tuesday, and no view has Thursday."""
    say(london, run)
    london.clock.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    tuesdays = a_run(starts_on=date(2026, 6, 2))
    with london.session() as session:
        series.edit(session, london.settings, run.id, tuesdays, london.clock.tick(minutes=1))
    minute(london)
    assert subjects(london)[-1] == "Cancelled: Thursday 4 June, 18:30"


@pytest.mark.parametrize("every_week", [False, True])
def test_who_does_not_know_of_a_move_reads_that_the_day_they_know_is_off(
    london: LocalNode, run: Run, every_week: bool
) -> None:
    say(london, run, every_week=every_week)
    move(london, run, "2026-06-05T19:15")
    cancel(london, run)
    minute(london)
    assert subjects(london) == ["Cancelled: Friday 5 June, 19:15. It was: Thursday 4 June, 18:30."]
    assert "isn’t going ahead on Friday 5 June, 19:15. It was: Thursday 4 June, 18:30." in body(mails(london)[-1])


def test_who_comes_every_time_reads_on_which_day_it_was(london: LocalNode, run: Run) -> None:
    say(london, run, every_week=True)
    with london.session() as session:
        fridays = a_run(starts_on=date(2026, 6, 5), starts_at=time(18, 0))
        series.edit(session, london.settings, run.id, fridays, london.clock.tick(minutes=1))
    minute(london)
    first, second = sorted(body(one) for one in mails(london) if str(one["Subject"]).startswith("Moved: "))
    assert "It was: Thursday 11 June, 18:30." in first
    assert "It was: Thursday 4 June, 18:30." in second


def test_a_date_that_is_over_is_told_to_nobody_when_its_run_leaves_that_day(london: LocalNode, run: Run) -> None:
    say(london, run)
    confirm(london, run)
    london.clock.now = datetime(2026, 6, 4, 20, 0, tzinfo=UTC)
    with london.session() as session:
        series.edit(session, london.settings, run.id, a_run(starts_on=date(2026, 6, 2)), london.clock.tick(minutes=1))
    minute(london)
    assert subjects(london) == []


def test_no_letter_says_that_a_run_is_on_that_nobody_has_promised(london: LocalNode, run: Run) -> None:
    say(london, run)
    cancel(london, run)
    minute(london)
    text = body(mails(london)[-1])
    assert "The nearest run that’s going ahead" not in text
    nearest = ("The nearest one isn’t confirmed yet", "less than 1 mile away", "Not confirmed yet")
    for said in (*nearest, "Please wait until it’s confirmed"):
        assert said in text
