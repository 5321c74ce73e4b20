"""The export has all that is kept of somebody, and no table is forgotten."""

from node.database import Base
from node.members import coming, export, run_day
from node.members.coming import Given
from node.models import Person, Run

from ...support.leads import drop_out, promise
from ...support.network import LocalNode
from ...support.taps import THURSDAY

#: Columns that point to a person, or to one who comes, and where their rows are in the export. A hash of a secret is
#: nothing that anybody could read: of those it says how many there are, or nothing.
OF_PERSON = {
    "person_session.person_id": "phones",
    "passkey.person_id": "passkeys",
    "recovery_code.person_id": "recovery_codes_left",
    "role_invitation.used_by": "invitation_you_used",
    "role_invitation.invited_by": "invitations_you_made",
    "consent.person_id": "agreed_to",
    "letter.person_id": "letters",
    "run.lead_id": "runs_you_lead",
    "duty.person_id": "duties",
    "duty.offered_to": "duties_you_are_asked_to_take_over",
    "duty.dropped_by": "duties_you_could_not_do",
    "rota_rule.person_id": "usual_dates",
    "holiday.person_id": "holidays",
    "run_day.note_by": "lines_to_whoever_came",
    "emergency_opening.person_id": "emergency_contacts_you_opened",
    "check_in.person_id": "how_you_were_after_runs",
    "message.answered_by": "messages_you_answered",
    "coming.person_id": "coming",
    # Until the chapter is set up.
    "set_up.person_id": "",
    # For minutes only.
    "sign_in_link.person_id": "",
    "sign_in_code.person_id": "",
    "challenge.person_id": "",
}
OF_COMING = {
    "day_off.coming_id": "not_on",
    "emergency_opening.coming_id": "emergency_contact_opened",
    "cannot_find.coming_id": "could_not_find_the_others",
    "consent.coming_id": "agreed_to",
    "letter.coming_id": "letters",
    "coming_date.coming_id": "dates",
}


def pointing_to(table: str) -> set[str]:
    """The columns that name a row of the table, whatever they are called."""
    every = [column for one in Base.metadata.tables.values() for column in one.columns]
    return {str(one) for one in every if any(key.column.table.name == table for key in one.foreign_keys)}


def test_each_table_that_hangs_on_a_person_is_in_their_export(london: LocalNode) -> None:
    assert pointing_to("person") == OF_PERSON.keys()
    person = london.add_lead()
    with london.session() as session:
        found = export.of_person(session, london.settings, person.id)
    assert found.keys() == {"account", *OF_PERSON.values()} - {""}


def test_each_table_that_hangs_on_a_comer_is_in_their_export(london: LocalNode, run: Run) -> None:
    assert pointing_to("coming") == OF_COMING.keys()
    with london.session() as session:
        token = coming.say(session, london.settings, run.id, THURSDAY, Given(name="Robin"), london.clock(), "f" * 22)
        row = coming.find(session, london.settings, token, london.clock())
        found = export.of_coming(session, london.settings, row)
    assert set(OF_COMING.values()) <= found.keys()
    assert found["name"] == "Robin"


def test_a_lead_reads_the_lines_that_they_wrote(london: LocalNode, run: Run, ada: Person, ben: Person) -> None:
    promise(london, run, ada)
    drop_out(london, run, ada, "I have a cold")
    with london.session() as session:
        run_day.say(session, london.settings, run.id, THURSDAY, "By the steps", ada.id, london.clock())
        adas, bens = (export.of_person(session, london.settings, one.id) for one in (ada, ben))
    assert [one["line_to_the_other_leads"] for one in adas["duties_you_could_not_do"]] == ["I have a cold"]
    assert [one["words"] for one in adas["lines_to_whoever_came"]] == ["By the steps"]
    assert bens["duties_you_could_not_do"] == bens["lines_to_whoever_came"] == []
