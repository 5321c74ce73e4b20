"""Nothing that people told their chapter is anywhere else, and nothing is left of it once it is erased or over.

Letters are the mail server's as soon as it has them, and are not looked for afterwards; what stands in them is.
"""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from node import logs
from node.members import idle
from node.models import Letter

from ..support.members.letters import text_of
from ..support.web_client import Phone, words
from . import outside
from .fields import MADE, OURS, OWN_PAGES, TOLD, columns
from .traces import files, found
from .week import PUBLIC, Heard, Week, canary

Found = set[tuple[str, bytes]]
LEADS = ("kim", "ada")
#: A lead tells it to all who read this node's pages.
FOR_ALL = frozenset(canary(column, "kim") for column in OWN_PAGES)
#: Leads write it for a date, not of themselves. It goes with the date.
OF_A_DATE = canary("run_day.note", "ada")
#: What says nothing of anybody once the rows of that person are gone: numbers by chance, and names that nobody can make
#: without the key. Each has an end of its own.
OF_NOBODY = {
    "attempt.budget",
    "closed_address.email_index",
    "coming.email_index",
    "letter.key",
    "letter.message_id",
    "role_invitation.token_hash",
    "sign_in_code.id",
}
OF_ONE = MADE - OF_NOBODY - {"upkeep.key_proof"}
#: What is kept of leads as long as they lead.
KEPT = {
    "passkey.credential_id",
    "passkey.public_key",
    "person.email",
    "person.email_index",
    "recovery_code.code_hash",
    "upkeep.key_proof",
}


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    """All that is logged during the week."""
    handler, root = Heard(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    logs.quiet_libraries()
    root.setLevel(logging.DEBUG)
    logging.getLogger(__name__).debug("the week begins")
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> Iterator[Week]:
    """The week as it was, with all that was told still there."""
    lived = Week(tmp_path_factory.mktemp("canaries"))
    lived.begin()
    lived.end()
    yield lived
    lived.close()


@pytest.fixture
def own_week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """A week for one test, which changes it. Other nodes have nothing to do with it."""
    lived = Week(tmp_path_factory.mktemp("canaries"), with_neighbour=False)
    yield lived
    lived.close()


def secrets(week: Week, *, but: frozenset[str] = frozenset()) -> list[bytes]:
    """Whatever must not be outside: what people told, plain and sealed, and what the node has made for them."""
    return [*(word.encode() for word in week.told.keys() - but), *week.sealed, *week.made]


def leaks(places: dict[str, bytes], wanted: list[bytes]) -> Found:
    """(place, secret) of each secret that stands in a place."""
    assert places
    return {(name, one) for name, text in places.items() for one in found(wanted, text)}


def test_each_column_that_can_hold_words_of_people_is_known_here() -> None:
    groups = [TOLD, MADE, OURS, OWN_PAGES]
    assert sum(len(group) for group in groups) == len(frozenset().union(*groups))
    assert {name for name, _ in columns()} == frozenset().union(*groups)


def test_each_column_of_what_people_tell_had_its_canary(week: Week) -> None:
    assert week.told
    without = {
        name for name, texts in week.held.items() if not {one.partition("@")[0] for one in texts} & week.told.keys()
    }
    assert without == set()


def test_what_leads_publish_is_found_everywhere_by_the_same_search(week: Week) -> None:
    wanted = [PUBLIC.encode()]
    chapter = week.london.chapter_id
    for node in week.others:
        assert leaks(files(node.settings.data), wanted)
        assert leaks(outside.pages(node), wanted)
        assert leaks(outside.kept_in_memory(node), wanted)
        assert {name for name, _ in leaks(outside.exchange(node, [chapter]), wanted)} >= {
            f"/fed/v1/documents/{chapter}",
            "/fed/v1/changes",
        }
    assert found(wanted, b"\n".join(week.federation.wire.carried))


def test_nothing_of_people_is_in_what_nodes_give_each_other(week: Week) -> None:
    for node in (week.london, *week.others):
        assert leaks(outside.exchange(node, [week.london.chapter_id]), secrets(week)) == set()
    assert found(secrets(week), b"\n".join(week.federation.wire.carried)) == set()


def test_nothing_of_people_is_on_any_public_page_of_any_node_or_kept_for_the_next_reader(week: Week) -> None:
    for node in (week.london, *week.others):
        read = outside.pages(node)
        assert len(read) > 20
        own = FOR_ALL if node is week.london else frozenset[str]()
        assert {one.decode() for _, one in leaks(read, [word.encode() for word in FOR_ALL])} == own
        assert leaks(read, secrets(week, but=own)) == set()
        assert leaks(outside.kept_in_memory(node), secrets(week, but=own)) == set()


def test_nothing_of_people_is_in_the_files_of_any_other_node(week: Week) -> None:
    for node in week.others:
        assert leaks(files(node.settings.data), secrets(week)) == set()
        assert not node.letters_folder(node.settings.data).exists()


def test_nothing_of_people_is_in_the_log(week: Week, heard: Heard) -> None:
    assert heard.lines
    assert found(secrets(week), "\n".join(heard.lines).encode()) == set()


def test_what_is_sealed_stands_in_no_file_of_the_own_node_in_plain_words(week: Week) -> None:
    sealed = [name for name, column in columns() if name in TOLD and column.type.python_type is bytes]
    wanted = [text.partition("@")[0].encode() for name in sealed for text in week.held[name] if text]
    assert len(wanted) > 6
    wanted.append(canary("photo", "kim").encode())  # the photo is there, what its file said is not
    assert leaks(files(week.london.settings.data), wanted) == set()


def test_a_letter_holds_only_what_its_reader_has_told_and_what_leads_tell_each_other(week: Week) -> None:
    among_leads = {canary("duty.line", "ada"), *(canary("person.first_name", one) for one in LEADS)}
    read = set()
    for letter in week.letters:
        reader = week.told[str(letter["To"]).partition("@")[0]]
        to_sender = {canary("message.answer", "kim")} if reader == "gil" else set()
        may_read = week.of(reader) | to_sender | (among_leads if reader in LEADS else FOR_ALL)
        text = bytes(letter) + text_of(letter).encode()
        assert found([word.encode() for word in week.told.keys() - may_read], text) == set(), letter["Subject"]
        read |= found([word.encode() for word in week.told], text)
    assert {canary("duty.line", "ada").encode(), canary("first_timer_letter.words", "kim").encode()} <= read


def test_no_public_page_changes_by_a_byte_because_of_anything_that_people_told(own_week: Week) -> None:
    monday = public_pages(own_week)
    own_week.begin()
    assert public_pages(own_week) == monday
    own_week.promise()
    thursday = public_pages(own_week)
    assert thursday != monday
    own_week.note_the_evening()
    assert public_pages(own_week) == thursday


def public_pages(week: Week) -> list[dict[str, bytes]]:
    """The public pages of all nodes with their headers, so with their ETags, at this minute."""
    return [outside.without_ids(outside.pages(node)) for node in (week.london, *week.others)]


def test_nothing_is_left_in_any_file_of_whoever_erases_themselves(own_week: Week) -> None:
    own_week.begin()
    own_week.end()
    own_week.look()
    erased = [word.encode() for word, by in own_week.told.items() if by != "kim" and word != OF_A_DATE]
    erased += [*own_week.sealed, *(made for made, column in own_week.made.items() if column in OF_ONE)]
    copy = own_week.copy_before_an_upgrade()
    for phone in (own_week.mo, own_week.ada):
        assert phone.post("/me/erase").status_code == 303
    of_both = [word.encode() for who in ("mo", "ada") for word in own_week.of(who) - {OF_A_DATE}]
    assert {name for name, _ in leaks(files(own_week.london.settings.data), of_both)} == {copy, f"{copy}: rows"}
    assert "A lead who has left since opened it" in words(own_week.cara.get(own_week.cara_link))
    for link in (own_week.cara_link, own_week.dora_link, own_week.bo_link):
        assert Phone(own_week.london).post(f"{link}/withdraw").status_code == 303
    assert own_week.gil.post(f"{own_week.gil_link}/erase").status_code == 303
    erased.append(canary("message.answer", "kim").encode())
    stays = own_week.still_there()
    assert {own_week.made.get(one, "person.email") for one in stays} <= KEPT | {"person_session.token_hash", *OF_NOBODY}
    erased = [one for one in erased if one not in stays]
    assert {name for name, _ in leaks(files(own_week.london.settings.data), erased)} == {copy, f"{copy}: rows"}
    own_week.clock.tick(days=31)
    own_week.work()
    assert leaks(files(own_week.london.settings.data), erased) == set()


def test_what_is_over_is_in_no_file(own_week: Week) -> None:
    own_week.begin()
    own_week.end()
    own_week.copy_before_an_upgrade()
    own_week.clock.tick(days=400)
    own_week.work()  # asks mo, whose account nobody has used, and waits for an answer
    own_week.clock.tick(days=idle.NOTICE_DAYS + 2)
    own_week.work()
    accounts = {canary(column, who) for column in ("person.first_name", "person.email") for who in LEADS}
    stay = FOR_ALL | {one.partition("@")[0] for one in accounts}
    over = [word.encode() for word in own_week.told.keys() - stay]
    stays = own_week.still_there()
    over += [one for one in (*own_week.sealed, *own_week.made) if one not in stays]
    assert leaks(files(own_week.london.settings.data), over) == set()
    # Leads who have said nothing since are asked, and asked again.
    with own_week.london.session() as session:
        assert set(session.scalars(select(Letter.kind))) == {"still_right", "gone_quiet", "server"}
    assert {own_week.made.get(one, "person.email") for one in stays} == KEPT | {"letter.key", "letter.message_id"}
