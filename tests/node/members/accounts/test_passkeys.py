"""What a phone answers counts once, for this site, with the phone's lock, and never from a copy of it."""

import copy

import pytest

from node.members import sign_in
from node.members.accounts import passkeys
from node.members.accounts.passkeys import PasskeyRefused, Site
from node.models import Person

from ....support.full_disk import full_disk
from ....support.members.authenticator import Authenticator
from ....support.network import LocalNode

SITE = Site("london.example.org", "https://london.example.org", "London")


def add(node: LocalNode, person: Person, phone: Authenticator) -> None:
    with node.session() as session:
        asked = passkeys.options_to_add(session, node.settings, SITE, person, node.clock())
        passkeys.add(session, SITE, person.id, phone.make(asked), "a phone", node.clock())


def options(node: LocalNode) -> str:
    with node.session() as session:
        return passkeys.options_to_sign_in(session, SITE, node.clock())


def use(node: LocalNode, answer: str) -> str:
    with node.session() as session:
        return passkeys.use(session, SITE, answer, "a phone", node.clock())


@pytest.fixture
def phone(london: LocalNode) -> Authenticator:
    made = Authenticator(SITE.origin)
    add(london, london.add_lead("Sam"), made)
    return made


def test_a_passkey_signs_in_the_person_who_made_it(london: LocalNode, phone: Authenticator) -> None:
    london.add_lead("Kim")
    token = use(london, phone.sign_in(options(london)))
    with london.session() as session:
        found = sign_in.find_session(session, token, london.clock())
        assert found is not None
        assert found.person.first_name == "Sam"


def test_an_answer_counts_once(london: LocalNode, phone: Authenticator) -> None:
    answer = phone.sign_in(options(london))
    use(london, answer)
    with pytest.raises(PasskeyRefused):
        use(london, answer)


def test_an_answer_that_comes_after_five_minutes_is_refused(london: LocalNode, phone: Authenticator) -> None:
    answer = phone.sign_in(options(london))
    london.clock.tick(minutes=5)
    with pytest.raises(PasskeyRefused):
        use(london, answer)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://london.example.org", "https://london.example.org:8443"]
)
def test_an_answer_that_another_site_has_asked_for_is_refused(
    london: LocalNode, phone: Authenticator, origin: str
) -> None:
    phone.origin = origin
    with pytest.raises(PasskeyRefused):
        use(london, phone.sign_in(options(london)))


def test_a_passkey_without_the_phones_lock_is_refused(london: LocalNode) -> None:
    unlocked = Authenticator(SITE.origin, verifies=False)
    with pytest.raises(PasskeyRefused):
        add(london, london.add_lead("Sam"), unlocked)


def test_a_copy_of_an_authenticator_is_found_out_by_its_count(london: LocalNode, phone: Authenticator) -> None:
    stolen = copy.copy(phone)
    use(london, phone.sign_in(options(london)))
    use(london, phone.sign_in(options(london)))
    with pytest.raises(PasskeyRefused):
        use(london, stolen.sign_in(options(london)))


def test_a_passkey_that_nobody_added_signs_nobody_in(london: LocalNode, phone: Authenticator) -> None:
    with pytest.raises(PasskeyRefused):
        use(london, Authenticator(SITE.origin).sign_in(options(london)))


def test_nobody_takes_over_a_passkey_that_is_somebody_elses(london: LocalNode, phone: Authenticator) -> None:
    with pytest.raises(PasskeyRefused):
        add(london, london.add_lead("Kim"), phone)


def test_an_answer_to_the_one_question_is_none_to_the_other(london: LocalNode, phone: Authenticator) -> None:
    kim = london.add_lead("Kim")
    with london.session() as session:
        to_add = passkeys.options_to_add(session, london.settings, SITE, kim, london.clock())
        with pytest.raises(PasskeyRefused):
            passkeys.add(session, SITE, kim.id, phone.sign_in(options(london)), "a phone", london.clock())
    with pytest.raises(PasskeyRefused):
        use(london, Authenticator(SITE.origin).make(to_add))


def test_ten_passkeys_are_the_most(london: LocalNode) -> None:
    sam = london.add_lead("Sam")
    for _ in range(passkeys.MOST):
        add(london, sam, Authenticator(SITE.origin))
    with pytest.raises(PasskeyRefused):
        add(london, sam, Authenticator(SITE.origin))


def test_nobody_removes_the_passkey_of_somebody_else(london: LocalNode, phone: Authenticator) -> None:
    kim = london.add_lead("Kim")
    with london.session() as session:
        found = passkeys.all_of(session, 1)[0].credential_id.hex()
        passkeys.remove(session, kim.id, found)
    assert use(london, phone.sign_in(options(london)))


def test_on_a_full_disk_nobody_is_signed_in_and_the_passkey_stays(london: LocalNode, phone: Authenticator) -> None:
    from node.database import CannotWrite

    answer = phone.sign_in(options(london))
    with full_disk(london), pytest.raises(CannotWrite):
        use(london, answer)
    assert use(london, answer)
