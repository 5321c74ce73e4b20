"""What tests of HQ's pages share: a chapter with a run, one that waits, and two people of HQ at their phones."""

import pytest

from ...support.network import LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone


@pytest.fixture
def london(federation: LocalFederation) -> LocalNode:
    made = federation.add_chapter(LONDON)
    made.announce(a_run())
    federation.settle()
    return made


@pytest.fixture
def waiting(federation: LocalFederation) -> LocalNode:
    node = federation.add_chapter(PETERBOROUGH, admit=False)
    assert federation.join(node, needs_a_person=True) == "waiting"
    return node


@pytest.fixture
def ada(federation: LocalFederation) -> Phone:
    return Phone(federation.hq).sign_in("Ada")


@pytest.fixture
def sam(federation: LocalFederation, ada: Phone) -> Phone:
    return Phone(federation.hq).sign_in("Sam")
