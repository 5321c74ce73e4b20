"""What each column of people's tables holds. A new column has no entry, and a test fails until it has one."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Column

from node.database import Base, Instant

#: What people have told: a canary stands there.
TOLD = frozenset(
    {
        "check_in.words",
        "coming.email",
        "coming.emergency",
        "coming.message",
        "coming.name",
        "duty.line",
        "emergency_opening.first_name",
        "letter.address",
        "message.answer",
        "message.email",
        "message.words",
        "person.email",
        "person.first_name",
        "run_day.note",
        "sign_in_code.email",
    }
)
#: What the node has made for somebody, who could be known or found again by it.
MADE = frozenset(
    {
        "attempt.budget",
        "challenge.challenge",
        "check_in.id",
        "closed_address.email_index",
        "coming.email_index",
        "coming.form_id",
        "coming.id",
        "coming.token_hash",
        "letter.key",
        "letter.message_id",
        "message.form_id",
        "message.id",
        "message.token_hash",
        "passkey.credential_id",
        "passkey.public_key",
        "person.email_index",
        "person_session.token_hash",
        "recovery_code.code_hash",
        "role_invitation.token_hash",
        "sign_in_code.code_hash",
        "sign_in_code.email_index",
        "sign_in_code.id",
        "sign_in_link.token_hash",
        "upkeep.key_proof",
    }
)
#: The project's own words: kinds, roles, wordings, what a run is called in its document. Nobody types them here. And
#: photos, which this node has encoded anew.
OURS = frozenset(
    {
        "closed_address.why",
        "coming.language",
        "coming.said_for",
        "coming_date.said_for",
        "coming_date.told",
        "consent.purpose",
        "consent.wording",
        "duty.duty",
        "duty.promised_for",
        "letter.facts",
        "letter.given_up",
        "letter.kind",
        "message.kind",
        "message.language",
        "message.outcome",
        "passkey.name",
        "person.language",
        "person.role",
        "person_session.device",
        "photo.content",
        "photo.id",
        "role_invitation.role",
        "rota_rule.dates",
        "rota_rule.duty",
        "run_day.band",
        "run_day.outcome",
    }
)
#: A lead writes them for everybody who reads this node's pages. They have canaries, too: for all other nodes.
OWN_PAGES = frozenset({"first_timer_letter.words", "photo.shows"})


#: HQ's alone; tests/web/hq/test_contacts.py looks for them everywhere else.
AT_HQ = frozenset({"chapter_contact.id", "chapter_contact.name", "chapter_contact.email", "chapter_contact.phone"})

_MODULES = ("node.models.members.", "node.models.inbox")


def columns() -> Iterator[tuple[str, Column[Any]]]:
    """(table.column, column) of each column of people's tables that can hold words and points to no other row."""
    for mapper in Base.registry.mappers:
        if mapper.class_.__module__.startswith(_MODULES):
            for column in mapper.local_table.columns:
                if not (_is_number(column) or column.foreign_keys or f"{column.table.name}.{column.name}" in AT_HQ):
                    yield f"{column.table.name}.{column.name}", column


def _is_number(column: Column[Any]) -> bool:
    return isinstance(column.type, Instant) or issubclass(column.type.python_type, (int, date))
