"""What somebody erases, or what is over, is in no byte of the node's files: database, log, copies of its own."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import select

from node import jobs, sealed_fields
from node.chapter import dates, leads
from node.database import Base
from node.mail import closed, letters
from node.members import coming, consent, erasure, people, retention, run_day, sign_in
from node.members.accounts import codes, passkeys, recovery_codes
from node.members.comers import addresses
from node.members.coming import Given
from node.migrations import copies
from node.models import CheckIn, Coming, Passkey, Person, Run

from ...support.network import LocalNode, a_run
from ...support.taps import THURSDAY

#: Words that stand as they are in the database.
PLAIN = ("Canaryna", "canary phone", "canary passkey", "canary wording", "canary line")
SEALED = ("canary@example.org", "canary comer", "canary message", "canary contact", "canary check-in")


def files(node: LocalNode) -> dict[str, bytes]:
    """Every file of the node's own making, but for its keys and the letters that it has sent."""
    return {path.name: path.read_bytes() for path in node.settings.data.rglob("*") if path.is_file()}


def holding(node: LocalNode, *secrets: bytes) -> list[tuple[str, bytes]]:
    """(file, secret) for each secret that stands in a file."""
    return [(name, one) for name, content in files(node).items() for one in secrets if one in content]


def fill(node: LocalNode) -> Person:
    """A lead who has told the node all that there is to tell."""
    settings, key, now = node.settings, sealed_fields.load(node.settings), node.clock
    node.add_lead("Kim")
    person = node.add_lead("Canaryna")
    run = node.announce(a_run(lead_id=person.id))
    with node.session() as session:
        leads.set_public_name(session, settings, person.id, True, now.tick(seconds=1))
        sign_in.use_link(session, sign_in.make_link(session, person.id, now()), "canary phone", now())
        recovery_codes.make(session, settings, person.id, now())
        run_day.say(session, settings, run.id, THURSDAY, "canary line", person.id, now())
        codes.ask_to_add(session, settings, person.id, "canary@example.org", "form", now())
    with node.handle.writing() as transaction:
        row = transaction.get_one(Person, person.id)
        row.email, row.email_index = key.seal("person.email", row.id, "canary@example.org"), key.index("email", "x")
        row.email_confirmed_at = now()
        consent.give(transaction, "email", "canary wording", now(), person_id=row.id)
        transaction.add(
            Passkey(
                credential_id=b"1",
                person_id=row.id,
                public_key=b"2",
                sign_count=0,
                name="canary passkey",
                added_at=now(),
            )
        )
        sealed = key.seal("check_in.words", "c", "canary check-in")
        transaction.add(CheckIn(id="c", person_id=row.id, run_id=run.id, day=THURSDAY, words=sealed, at=now()))
        letters.queue(
            transaction, settings, "week", "canary", now(), not_after=now() + timedelta(days=1), person_id=row.id
        )
    comes(node, run, person)
    return person


def comes(node: LocalNode, run: Run, person: Person | None = None) -> None:
    given = Given(name="canary comer", message="canary message", emergency="canary contact", email="canary@example.org")
    with node.session() as session:
        coming.say(session, node.settings, run.id, THURSDAY, given, node.clock(), "f" * 22)
    if person is not None:
        with node.handle.writing() as transaction:
            transaction.scalars(select(Coming)).one().person_id = person.id


def sealed_bytes(node: LocalNode) -> list[bytes]:
    """Every sealed value as it stands in the database."""
    connection = sqlite3.connect(node.settings.database)
    found = []
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.name in ("email", "name", "message", "emergency", "address", "words", "content"):
                rows = connection.execute(f'SELECT "{column.name}" FROM "{table.name}"')  # noqa: S608
                found += [value for (value,) in rows if isinstance(value, bytes)]
    connection.close()
    return found


def test_what_somebody_erases_is_in_no_byte_of_the_database_or_its_log(london: LocalNode) -> None:
    person = fill(london)
    plain, sealed = [word.encode() for word in PLAIN], sealed_bytes(london)
    assert {one for _, one in holding(london, *plain)} == set(plain)
    assert len(sealed) >= 6
    assert holding(london, *(word.encode() for word in SEALED)) == []
    with london.session() as session:
        erasure.person(session, london.settings, person.id, london.clock.tick(seconds=1))
    assert holding(london, *plain, *sealed) == []


def test_no_row_of_any_table_is_left_of_whoever_erased_themselves(london: LocalNode) -> None:
    person = fill(london)
    with london.session() as session:
        erasure.person(session, london.settings, person.id, london.clock.tick(seconds=1))
    with london.session() as session:
        for mapper in Base.registry.mappers:
            if hasattr(mapper.class_, "person_id"):
                rows = session.scalars(select(mapper.class_).where(mapper.class_.person_id == person.id)).all()
                assert rows == [], mapper.class_


def test_a_copy_from_before_an_upgrade_goes_after_thirty_days_with_what_was_erased(london: LocalNode) -> None:
    person, secrets = fill(london), [word.encode() for word in PLAIN]
    with sqlite3.connect(london.settings.database) as driver:
        made = copies.make(driver, london.settings.database, "0012")
    driver.close()
    london.clock.now = copies._made_at(made)
    with london.session() as session:
        erasure.person(session, london.settings, person.id, london.clock.tick(seconds=1))
    assert {name for name, _ in holding(london, *secrets)} == {made.name}
    london.clock.tick(days=30, hours=1)
    jobs.tidy(london.handle)
    assert holding(london, *secrets) == []


def test_all_that_is_over_is_in_no_byte_after_the_sweep(london: LocalNode) -> None:
    run = london.announce(a_run())
    comes(london, run)
    with london.session() as session:
        codes.ask(session, london.settings, "canary@example.org", "form", "en", london.clock())
        passkeys.options_to_sign_in(session, passkeys.Site("localhost", "http://localhost", "x"), london.clock())
    member = london.add_lead("Canaryna", "member")
    with london.session() as session:
        sign_in.use_link(session, sign_in.make_link(session, member.id, london.clock()), "canary phone", london.clock())
    secrets = [b"Canaryna", b"canary phone", *sealed_bytes(london)]
    assert {one for _, one in holding(london, *secrets)} == set(secrets)
    london.clock.tick(days=366)
    jobs.tidy(london.handle)
    jobs.fold(london.handle)
    assert holding(london, *secrets) == []


def test_members_who_do_not_use_their_account_are_deleted_after_a_year_and_leads_are_not(london: LocalNode) -> None:
    london.add_lead("Idle", "member")
    used = london.add_lead("Used", "member")
    london.add_lead("Lead")
    london.clock.tick(days=200)
    with london.session() as session:
        sign_in.use_link(session, sign_in.make_link(session, used.id, london.clock()), "", london.clock())
    london.clock.tick(days=200)
    with london.handle.writing() as transaction:
        people.sweep(transaction, london.settings, london.clock())
    with london.session() as session:
        assert session.scalars(select(Person.first_name)).all() == ["Used", "Lead"]


def test_the_sweep_notes_when_it_was(london: LocalNode) -> None:
    with london.session() as session:
        assert retention.swept_at(session) is None
    jobs.tidy(london.handle)
    with london.session() as session:
        assert retention.swept_at(session) == london.clock()


def test_a_sweep_that_fails_says_no_new_time(london: LocalNode, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.tidy(london.handle)
    first = london.clock()
    london.clock.tick(hours=1)

    def fail(*_: object) -> None:
        raise OSError("for this test")

    monkeypatch.setattr(people, "sweep", fail)
    with pytest.raises(OSError, match="for this test"):
        jobs.tidy(london.handle)
    with london.session() as session:
        assert retention.swept_at(session) == first


def test_an_old_reader_keeps_nobody_from_erasing(london: LocalNode) -> None:
    person = fill(london)
    reader = sqlite3.connect(london.settings.database)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM person").fetchone()
    with london.session() as session:
        erasure.person(session, london.settings, person.id, london.clock.tick(seconds=1))
    reader.close()
    jobs.fold(london.handle)
    assert holding(london, *(word.encode() for word in PLAIN)) == []


def test_who_withdraws_one_date_gets_no_letters_about_another_that_they_had_stopped(london: LocalNode) -> None:
    run = london.announce(a_run())
    for day in (THURSDAY, THURSDAY + timedelta(days=7)):
        with london.session() as session:
            given = Given(email="ada@example.org")
            token = coming.say(session, london.settings, run.id, day, given, london.clock())
    index = closed.index_of(london.settings, "ada@example.org")
    with london.session() as session:
        addresses.confirm(session, london.settings, index, london.clock())
        closed.stop(session, index, london.clock())
        coming.withdraw(session, london.settings, token, london.clock())
        assert closed.why(session, index) == "stopped"


def test_an_idle_account_lives_as_long_as_a_date_that_its_owner_comes_to(london: LocalNode) -> None:
    run = london.announce(a_run())
    with london.handle.writing() as transaction:
        member = Person(first_name="Kim", role="member", added_at=london.clock())
        transaction.add(member)
        transaction.flush()
        kim = member.id
    london.clock.tick(days=london.settings.keep_idle_days + 1)
    with london.session() as session:
        day = dates.coming(session, session.get_one(Run, run.id), london.clock())[0].day
        token = coming.say(session, london.settings, run.id, day, Given(), london.clock())
        coming.keep_in_account(session, london.settings, token, kim, london.clock())

    def sweep() -> tuple[bool, bool]:
        with london.handle.writing() as transaction:
            retention.sweep(transaction, london.settings, london.clock(), london.clock())
        with london.session() as session:
            return session.get(Person, kim) is not None, session.scalars(select(Coming)).first() is not None

    assert sweep() == (True, True)
    london.clock.tick(days=20)
    sweep()
    assert sweep() == (False, False)
