"""A node that cannot sign says that the fault is its own, and that no other node has been told."""

import logging
from collections.abc import Callable
from datetime import date

import pytest

from federation.errors import FederationError
from federation.keys import SigningKey
from node import errors as node_errors
from node.chapter import dates
from node.hq import registry
from node.models import HeldDocument, Run
from web import errors

from ..support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ..support.web_client import Phone, hidden, words

CANCEL = {"reason": "other", "note": "The bridge is shut."}


@pytest.fixture
def phone(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def missing(node: LocalNode) -> None:
    node.settings.signing_key_file.unlink()


def unreadable(node: LocalNode) -> None:
    missing(node)
    node.settings.signing_key_file.mkdir()


def no_key(node: LocalNode) -> None:
    node.settings.signing_key_file.write_bytes(b"\xff\xfe not a key")


def another(node: LocalNode) -> None:
    node.settings.signing_key_file.write_text(SigningKey.generate().seed_hex())


BROKEN = [missing, unreadable, no_key, another]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_cancellation_that_cannot_be_signed_is_the_nodes_fault_and_says_so(
    london: LocalNode, run: Run, phone: Phone, caplog: pytest.LogCaptureFixture, broken: Callable[[LocalNode], None]
) -> None:
    broken(london)
    with caplog.at_level(logging.ERROR):
        answer = phone.post(f"/lead/runs/{run.id}/dates/2026-06-04/cancel", data=CANCEL)
    assert answer.status_code == 503
    assert "This site can’t sign anything right now." in words(answer)
    assert "no one has been told" in words(answer)
    assert "tell people yourself" in words(answer)
    assert "Back to your runs" in words(answer)
    assert "The bridge is shut." in answer.text
    assert str(london.settings.data) not in answer.text
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "could not be signed" in caplog.text
    assert "The bridge is shut." not in caplog.text
    with london.session() as session:
        assert dates.coming(session, session.get_one(Run, run.id), london.clock())[0].state == "unconfirmed"


@pytest.mark.parametrize("broken", BROKEN)
def test_every_page_opens_though_the_node_cannot_sign(
    london: LocalNode, run: Run, phone: Phone, broken: Callable[[LocalNode], None]
) -> None:
    broken(london)
    for path in ("/lead", "/", "/runs", f"/lead/runs/{run.id}/dates/{date(2026, 6, 4)}/cancel"):
        assert phone.get(path).status_code == 200


@pytest.mark.parametrize("broken", BROKEN)
def test_hq_that_cannot_sign_lists_as_before_and_says_so(
    federation: LocalFederation, caplog: pytest.LogCaptureFixture, broken: Callable[[LocalNode], None]
) -> None:
    node, phone = federation.add_chapter(LONDON), Phone(federation.hq).sign_in()
    broken(federation.hq)
    path = f"/hq/chapters/{node.chapter_id}/suspend"
    answer = phone.post(path, data={"reason": "We were asked to"} | hidden(phone.get(path).text, path))
    assert answer.status_code == 503
    assert "We were asked to" in answer.text
    assert "could not be signed" in caplog.text
    with federation.hq.session() as session:
        assert registry.entries(session)[node.chapter_id].status == "active"


def test_a_node_that_cannot_sign_goes_on_reading_the_others(federation: LocalFederation) -> None:
    node = federation.add_chapter(LONDON)
    missing(node)
    other = federation.add_chapter(BRISBANE)
    other.announce(a_run())
    federation.settle()
    with node.session() as session:
        assert session.get(HeldDocument, other.chapter_id) is not None


def every(base: type[Exception]) -> list[type[Exception]]:
    return [one for direct in base.__subclasses__() for one in (direct, *every(direct))]


#: Errors that no page meets: only commands, the start of a process and the job that sends letters raise them.
NOT_OF_A_PAGE = {
    "BadAddress", "Later", "NoServer", "NoSuchAddress", "NotTaken", "Refused", "Unanswered",
    "AlreadyRunning", "KeysBroken", "NotFree", "NotJoined", "SettingsError", "UnknownRevision", "WrongRootKey",
    "BadBackup", "FolderInUse", "NotSent", "SetUpOver", "Mistyped", "Failed", "NotBuilt", "NotUpgraded",
    "BackupBusy", "NoRoom", "NothingToKeep",
    # The pages of the set-up, which alone meet these two, say them in their own words.
    "NoBackupKey", "FoundedAlready",
}  # fmt: skip


@pytest.mark.parametrize("error", every(node_errors.NodeError) + every(FederationError))
def test_each_error_is_said_to_be_the_visitors_or_the_nodes(error: type[Exception]) -> None:
    named = [type_ for type_, _ in errors.STATUSES if type_ is not node_errors.NodeError]
    assert error.__name__ in NOT_OF_A_PAGE or issubclass(error, tuple(named))


@pytest.mark.parametrize("error", [node_errors.CannotSign(), node_errors.KeyUnreadable(), node_errors.NodeError()])
def test_what_is_the_nodes_fault_is_never_laid_on_the_visitor(error: Exception) -> None:
    assert errors.status_of(error) >= 500
