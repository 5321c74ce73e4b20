"""A folder that was put back from a backup repeats no promise that may have been taken back."""

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from federation.envelope import seal
from federation.keys import SigningKey
from federation.payloads import write_document
from node import jobs
from node.chapter import dates, publishing, runs
from node.database import writing
from node.directory import parsed
from node.errors import KeyUnreadable
from node.handle import Node
from node.keys import load_signing_key
from node.models import Chapter, HeldDocument, RestoreQuestion
from node.search import search
from node.search.query import Query
from node.sync import restored_folder

from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, a_run
from ...support.web_client import Phone, words
from ..sync.test_hostile_peers import copy_database
from .test_two_servers import FIRST, SECOND, Twins, begin, cancelled_since_the_copy, context_of, is_rival_known, version


@pytest.fixture
def twins(federation: LocalFederation, tmp_path: Path) -> Iterator[Twins]:
    made = Twins(federation, tmp_path / "copy")
    yield made
    made.other.close()


@pytest.fixture
def put_back(federation: LocalFederation) -> Twins:
    """The first date was confirmed, then cancelled. The folder is put back from between, and no other node answers."""
    made, copy = cancelled_since_the_copy(federation)
    federation.settle()
    made.clock.tick(minutes=1)
    copy_database(made.one, copy, back=True)
    federation.wire.down |= {made.brisbane.settings.base_url, federation.hq.settings.base_url}
    begin(made.one)
    return made


def test_while_nobody_answers_a_tap_on_another_date_promises_no_earlier_one_again(put_back: Twins) -> None:
    put_back.confirm(put_back.one, SECOND)
    assert [put_back.state(day, put_back.one) for day in (FIRST, SECOND)] == ["unconfirmed", "confirmed"]


def test_the_board_shows_it_so_and_a_promise_can_be_given_anew(put_back: Twins) -> None:
    phone = Phone(put_back.one).sign_in("Sam")
    assert "HQ’s server hasn’t answered" in words(phone.get("/lead"))
    with put_back.one.session() as session:
        [row] = runs.all_runs(session)
        views = {view.day: view.state for view in dates.coming(session, row, put_back.clock())}
    assert views[FIRST] == "unconfirmed"
    put_back.confirm(put_back.one, SECOND)
    assert put_back.state(FIRST, put_back.one) == "unconfirmed"
    put_back.confirm(put_back.one, FIRST)
    assert put_back.state(FIRST, put_back.one) == "confirmed"


def test_while_nobody_answers_no_page_of_this_server_repeats_an_earlier_promise(put_back: Twins) -> None:
    one = put_back.one
    assert put_back.state(FIRST, one) == "unconfirmed"
    with one.session() as session:
        found = search(session, Query(), put_back.clock()).found
    assert next(each.occurrence.state for each in found if each.occurrence.day == FIRST) == "unconfirmed"
    page = words(one.app.test_client().get(f"/runs/{one.chapter_id}/{put_back.run.id}"))
    assert "A lead will be there" not in page


def test_an_ordinary_start_shows_its_promises_again_once_the_seed_has_answered(federation: LocalFederation) -> None:
    made = Twins.__new__(Twins)
    made.federation, made.clock, made.one = federation, federation.clock, federation.add_chapter(LONDON)
    made.run = made.one.announce(a_run())
    made.confirm(made.one, FIRST)
    federation.settle()
    begin(made.one)
    assert made.state(FIRST, made.one) == "unconfirmed"
    jobs.sign(context_of(made))
    assert made.state(FIRST, made.one) == "confirmed"


def test_the_seed_is_asked_again_each_minute_until_it_answers(put_back: Twins) -> None:
    [asking] = [job for job in jobs.JOBS if job.name == "ask"]
    assert asking.seconds(put_back.one.settings) <= 60
    context = context_of(put_back)
    asking.run(context)
    assert not context.is_answered.is_set()
    put_back.federation.wire.down.clear()
    asking.run(context)
    assert put_back.state(FIRST, put_back.one) == "cancelled"
    asked = len(put_back.federation.wire.sent)
    asking.run(context)
    assert len(put_back.federation.wire.sent) == asked


def test_a_folder_that_is_put_back_without_its_key_shows_its_cancellation_and_signs_it_later(put_back: Twins) -> None:
    one, key = put_back.one, put_back.one.settings.signing_key_file
    key.rename(key.with_suffix(".away"))
    put_back.federation.wire.down.clear()
    context = context_of(put_back)
    with pytest.raises(KeyUnreadable):
        jobs.sign(context)
    assert [put_back.state(FIRST, at) for at in (one, put_back.brisbane)] == ["cancelled", "cancelled"]
    key.with_suffix(".away").rename(key)
    before = version(one)
    jobs.sign(context)
    assert version(one) > before
    put_back.federation.settle()
    assert [put_back.state(FIRST, at) for at in (one, put_back.brisbane)] == ["cancelled", "cancelled"]


def test_a_cancellation_that_is_handed_over_is_kept_though_the_key_is_not_this_chapters(put_back: Twins) -> None:
    one = put_back.one
    one.settings.signing_key_file.write_text(SigningKey.generate().seed_hex())
    with put_back.brisbane.session() as session:
        lost = session.get_one(HeldDocument, one.chapter_id).envelope
    sent = {"base_url": one.settings.base_url, "data": lost, "content_type": "application/json"}
    assert one.app.test_client().put(f"/fed/v1/documents/{one.chapter_id}", **sent).status_code in (201, 204)
    assert put_back.state(FIRST, one) == "cancelled"
    with one.session() as session:
        chapter, held = session.get_one(Chapter, 1), session.get_one(HeldDocument, one.chapter_id)
        assert chapter.signed_at is None
        assert chapter.last_digest != held.digest


def wait_in_vain(twins: Twins, rounds: int = 4) -> Node:
    """The server's jobs run again and again, as in real life, and no other node answers."""
    context = context_of(twins)
    for _ in range(rounds):
        jobs.poll(context)
        jobs.sign(context)
        twins.clock.tick(minutes=14)
    return context


def test_who_did_not_answer_a_poll_is_asked_again_before_anything_is_signed(put_back: Twins) -> None:
    context = wait_in_vain(put_back)
    assert not context.is_answered.is_set()
    put_back.clock.tick(hours=21)
    put_back.federation.wire.down.clear()
    jobs.sign(context)
    put_back.federation.settle()
    assert [put_back.state(FIRST, at) for at in (put_back.one, put_back.brisbane)] == ["cancelled", "cancelled"]


def test_a_tap_after_polls_in_vain_promises_no_earlier_date_again(put_back: Twins) -> None:
    wait_in_vain(put_back)
    put_back.confirm(put_back.one, SECOND)
    wait_in_vain(put_back, 1)
    put_back.federation.wire.down.clear()
    for reader in (put_back.federation.hq, put_back.brisbane):
        put_back.federation.poll(reader, only=put_back.one)
    assert [put_back.state(FIRST, at) for at in (put_back.one, put_back.brisbane)] == ["unconfirmed", "unconfirmed"]


@pytest.fixture
def behind(federation: LocalFederation) -> Twins:
    """Like `put_back`, but the other chapters answer and have not heard of the cancellation. Only the seed is away."""
    peterborough = federation.add_chapter(PETERBOROUGH)
    made, copy = cancelled_since_the_copy(federation)
    federation.wire.down |= {made.brisbane.settings.base_url, peterborough.settings.base_url}
    federation.relay(made.one)
    federation.wire.down = {federation.hq.settings.base_url}
    made.clock.tick(minutes=20)
    copy_database(made.one, copy, back=True)
    begin(made.one)
    return made


def test_neighbours_that_lag_do_not_vouch_for_an_earlier_promise(behind: Twins) -> None:
    context = wait_in_vain(behind)
    assert not context.is_answered.is_set()
    behind.confirm(behind.one, SECOND)
    behind.federation.relay(behind.one)
    assert [behind.state(day) for day in (FIRST, SECOND)] == ["unconfirmed", "confirmed"]
    behind.federation.wire.down.clear()
    jobs.sign(context)
    behind.federation.settle()
    assert [behind.state(day) for day in (FIRST, SECOND)] == ["cancelled", "confirmed"]


def test_a_chapter_whose_seed_is_gone_goes_on_without_the_promises_that_nobody_vouches_for(behind: Twins) -> None:
    context = wait_in_vain(behind)
    assert not context.is_answered.is_set()
    behind.clock.tick(hours=12)
    before = version(behind.one)
    jobs.sign(context)
    assert context.is_answered.is_set()
    behind.clock.tick(hours=21)
    jobs.sign(context)
    assert version(behind.one) > before
    behind.federation.settle()
    assert behind.state(FIRST) == "unconfirmed"
    with behind.one.session() as session:
        assert session.get_one(Chapter, 1).taken_over_at is not None


def test_without_the_seed_the_word_of_one_neighbour_of_two_is_not_enough(behind: Twins) -> None:
    behind.federation.wire.down.add(behind.brisbane.settings.base_url)
    behind.clock.tick(hours=13)
    jobs.sign(context_of(behind))
    with behind.one.session() as session:
        assert restored_folder.is_open(session)


def test_a_folder_that_is_put_back_while_it_asks_promises_nothing_from_before_its_next_start(put_back: Twins) -> None:
    one = put_back.one
    put_back.clock.tick(minutes=1)
    put_back.confirm(one, SECOND)
    copy = sqlite3.connect(":memory:")
    copy_database(one, copy)
    put_back.clock.tick(minutes=1)
    put_back.cancel(one, SECOND)
    put_back.federation.wire.down.clear()
    put_back.federation.relay(one)
    put_back.federation.wire.down |= {put_back.brisbane.settings.base_url, put_back.federation.hq.settings.base_url}
    copy_database(one, copy, back=True)
    put_back.clock.tick(minutes=30)
    begin(one)
    put_back.confirm(one, date(2026, 6, 18))
    assert put_back.state(SECOND, one) == "unconfirmed"
    put_back.federation.wire.down.clear()
    jobs.sign(context_of(put_back))
    put_back.federation.settle()
    assert put_back.state(SECOND) == "cancelled"


def test_what_was_cancelled_before_the_folder_was_lost_outlives_a_tap_of_today(put_back: Twins) -> None:
    put_back.confirm(put_back.one, SECOND)
    put_back.federation.wire.down.clear()
    jobs.sign(context_of(put_back))
    put_back.federation.settle()
    assert [put_back.state(day) for day in (FIRST, SECOND)] == ["cancelled", "confirmed"]


def test_who_is_told_is_asked_first(put_back: Twins) -> None:
    put_back.confirm(put_back.one, SECOND)
    put_back.federation.wire.down.clear()
    put_back.federation.relay(put_back.one)
    put_back.federation.settle()
    assert [put_back.state(day) for day in (FIRST, SECOND)] == ["cancelled", "confirmed"]


def would_sign(twins: Twins, about: str) -> str:
    """The digest of what the restored server signs once its lead confirms the second date."""
    one, now = twins.one, twins.clock()
    with one.session() as session:
        session.get_one(Chapter, 1).about = about
        dates.write_status(session, twins.run.id, SECOND, dates.DateStatus("confirmed"), now)
        session.flush()
        text = write_document(publishing.build(session, now))
        session.rollback()
    return seal("chapter", text, [load_signing_key(one.settings)]).digest


@pytest.mark.parametrize("wins", [True, False])
def test_a_cancellation_that_was_lost_in_the_same_quarter_of_an_hour_outlives_a_tap(
    put_back: Twins, wins: bool
) -> None:
    # Within a quarter of an hour both documents have one version. `wins`: the document without the cancellation has the
    # digest that every node prefers.
    one = put_back.one
    with put_back.brisbane.session() as session:
        lost = session.get_one(HeldDocument, one.chapter_id)
    assert lost.digest
    about = next(text for text in map(str, range(5000)) if (would_sign(put_back, text) < lost.digest) is wins)
    with one.session() as session, writing(session):
        session.get_one(Chapter, 1).about = about
    put_back.confirm(one, SECOND)
    assert version(one) == lost.version
    put_back.federation.wire.down.clear()
    put_back.federation.relay(one)
    put_back.federation.settle()
    assert [put_back.state(day) for day in (FIRST, SECOND)] == ["cancelled", "confirmed"]


def test_two_answers_at_once_close_the_question_once(put_back: Twins) -> None:
    one = put_back.one
    with one.session() as late, one.session() as session:
        assert restored_folder.is_open(late)
        late.rollback()
        held = late.get_one(RestoreQuestion, 1)
        restored_folder.close(session, one.settings, put_back.clock())
        assert held
        restored_folder.close(late, one.settings, put_back.clock())
        restored_folder.forget_promises(late, put_back.clock())
        assert not restored_folder.is_open(late)


def test_a_run_announced_while_nobody_answers_stays(put_back: Twins) -> None:
    put_back.clock.tick(seconds=5)
    made = put_back.one.announce(a_run(name="Morning walk"))
    put_back.federation.wire.down.clear()
    jobs.sign(context_of(put_back))
    with put_back.one.session() as session:
        assert made.id in [run.id for run in runs.all_runs(session)]


def test_where_others_hold_nothing_newer_the_promises_are_told_again(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, FIRST, federation.clock.tick(seconds=5))
    federation.settle()
    federation.wire.down |= {brisbane.settings.base_url, federation.hq.settings.base_url}
    begin(london)
    with london.session() as session:
        dates.confirm(session, london.settings, run.id, SECOND, federation.clock.tick(seconds=5))
    federation.wire.down.clear()
    with london.session() as session:
        began = session.get_one(Chapter, 1).began_at
    assert began is not None
    federation.clock.tick(seconds=5)
    jobs.sign(london.restarted(began=began))
    with london.session() as session:
        held = parsed.document_of(session.get(HeldDocument, london.chapter_id))
    assert held is not None
    assert [said.state for said in held.listings[0].dates] == ["confirmed"] * 2


def test_promises_that_nobody_can_vouch_for_any_more_are_given_anew_by_a_person(put_back: Twins) -> None:
    put_back.clock.tick(minutes=20)  # within a quarter of an hour both would have one version
    # In a later quarter of an hour its version is higher than that of the lost document (§8.2).
    put_back.clock.tick(minutes=15)
    put_back.confirm(put_back.one, SECOND)
    put_back.federation.wire.down.clear()
    # Both have read the feed of the restored server before it asks them.
    for reader in (put_back.federation.hq, put_back.brisbane):
        put_back.federation.poll(reader, only=put_back.one)
    jobs.sign(context_of(put_back))
    put_back.federation.settle()
    assert [put_back.state(day) for day in (FIRST, SECOND)] == ["unconfirmed", "confirmed"]
    with put_back.one.session() as session:
        assert session.get_one(Chapter, 1).taken_over_at is not None


def test_a_restore_of_which_others_hold_two_newer_documents_is_no_second_server(put_back: Twins) -> None:
    one, hq = put_back.one, put_back.federation.hq
    down = {put_back.brisbane.settings.base_url}
    copy = sqlite3.connect(":memory:")
    copy_database(one, copy)
    with one.session() as session:
        restored_folder.close(session, one.settings, put_back.clock())
    put_back.federation.wire.down = set(down)
    put_back.federation.poll(one, only=hq)
    put_back.clock.tick(minutes=1)
    put_back.cancel(one, SECOND)
    put_back.federation.relay(one)
    # By now HQ holds both cancellations and Brisbane the first one. The folder is put back once more.
    copy_database(one, copy, back=True)
    put_back.clock.tick(minutes=1)
    put_back.confirm(one, date(2026, 6, 18))
    put_back.federation.wire.down.clear()
    jobs.sign(context_of(put_back))
    assert not is_rival_known(one)
    put_back.federation.settle()
    assert [put_back.state(day) for day in (FIRST, SECOND)] == ["cancelled", "cancelled"]
