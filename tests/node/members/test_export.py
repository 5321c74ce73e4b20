"""The export has all that is kept of somebody, and no table is forgotten."""

from node.database import Base
from node.members import coming, export
from node.members.coming import Given
from node.models import Run

from ...support.network import LocalNode
from ...support.taps import THURSDAY

#: Tables that hang on a person, or on one who comes, and where they are in the export. A hash of a secret is nothing
#: that anybody could read: of those it says how many there are, or nothing.
OF_PERSON = {
    "person_session": "phones",
    "passkey": "passkeys",
    "recovery_code": "recovery_codes_left",
    "consent": "agreed_to",
    "letter": "letters",
    "duty": "duties",
    "rota_rule": "usual_dates",
    "holiday": "holidays",
    "emergency_opening": "emergency_contacts_you_opened",
    "check_in": "how_you_were_after_runs",
    "coming": "coming",
    # For minutes only.
    "sign_in_link": "",
    "sign_in_code": "",
    "challenge": "",
}
OF_COMING = {
    "day_off": "not_on",
    "emergency_opening": "emergency_contact_opened",
    "cannot_find": "could_not_find_the_others",
    "consent": "agreed_to",
    "letter": "letters",
    "coming_date": "dates",
}


def hanging_on(column: str) -> set[str]:
    return {table.name for table in Base.metadata.tables.values() if column in table.columns}


def test_each_table_that_hangs_on_a_person_is_in_their_export(london: LocalNode) -> None:
    assert hanging_on("person_id") == OF_PERSON.keys()
    person = london.add_lead()
    with london.session() as session:
        found = export.of_person(session, london.settings, person.id)
    assert found.keys() == {"account", *OF_PERSON.values()} - {""}


def test_each_table_that_hangs_on_a_comer_is_in_their_export(london: LocalNode, run: Run) -> None:
    assert hanging_on("coming_id") == OF_COMING.keys()
    with london.session() as session:
        token = coming.say(session, london.settings, run.id, THURSDAY, Given(name="Robin"), london.clock(), "f" * 22)
        row = coming.find(session, london.settings, token, london.clock())
        found = export.of_coming(session, london.settings, row)
    assert set(OF_COMING.values()) <= found.keys()
    assert found["name"] == "Robin"
