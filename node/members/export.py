"""Everything that the node keeps of one person, or of one who comes, in plain words: for that person alone."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import sealed_fields
from ..config import Settings
from ..inbox import answers
from ..models import (
    CannotFind,
    CheckIn,
    Coming,
    ComingDate,
    DayOff,
    Duty,
    EmergencyOpening,
    Holiday,
    Letter,
    Person,
    RoleInvitation,
    RotaRule,
    Run,
    RunDay,
)
from ..sealed_fields import MembersKey
from . import consent, sign_in
from .accounts import passkeys, recovery_codes

Members = dict[str, Any]


def of_person(session: Session, settings: Settings, person_id: int) -> Members:
    """What is kept of a person with an account, as JSON's members. Raises CannotUnseal."""
    key, person = sealed_fields.load(settings), session.get_one(Person, person_id)
    comings = session.scalars(select(Coming).where(Coming.person_id == person_id).order_by(Coming.said_at)).all()
    return {
        "account": _account(key, person),
        **_ways_to_sign_in(session, person_id),
        "agreed_to": _consents(consent.all_of(session, person_id=person_id)),
        "letters": _letters(session, Letter.person_id == person_id),
        **_as_lead(session, key, person_id),
        "coming": [of_coming(session, settings, one) for one in comings],
    }


def of_coming(session: Session, settings: Settings, coming: Coming) -> Members:
    """What is kept of somebody who said that they come, as JSON's members. Raises CannotUnseal."""
    key = sealed_fields.load(settings)
    opened = {
        name: key.open_if(f"coming.{name}", coming.id, getattr(coming, name))
        for name in ("name", "email", "message", "emergency")
    }
    openings = session.scalars(select(EmergencyOpening).where(EmergencyOpening.coming_id == coming.id))
    return {
        "run": _run_name(session, coming.run_id),
        "date": _when(coming.day) or "every week",
        "since": _when(coming.since),
        "for_the_start_at": coming.said_for,
        "said": _when(coming.said_at),
        "taken_off_the_list": _when(coming.cleared_at),
        "first_time": coming.first_time,
        "look_out_for_me": coming.look_out,
        "language": coming.language,
        **opened,
        "email_confirmed": _when(coming.email_confirmed_at),
        "not_on": [_when(one.day) for one in session.scalars(select(DayOff).where(DayOff.coming_id == coming.id))],
        "dates": [
            {"date": _when(one.day), "said_yes_to": one.said_for, "last_told": one.told, "letters": one.letters}
            for one in session.scalars(select(ComingDate).where(ComingDate.coming_id == coming.id))
        ],
        "emergency_contact_opened": [
            {"by": one.first_name, "for_the_run_on": _when(one.day), "at": _when(one.at)} for one in openings
        ],
        "could_not_find_the_others": [
            {"date": _when(one.day), "at": _when(one.at)}
            for one in session.scalars(select(CannotFind).where(CannotFind.coming_id == coming.id))
        ],
        "agreed_to": _consents(consent.all_of(session, coming_id=coming.id)),
        "letters": _letters(session, Letter.coming_id == coming.id),
    }


def _account(key: MembersKey, person: Person) -> Members:
    return {
        "first_name": person.first_name,
        "role": person.role,
        "email": key.open_if("person.email", person.id, person.email),
        "language": person.language,
        "first_name_is_public": person.public_name,
        "first_name_public_since": _when(person.consented_at),
        "added": _when(person.added_at),
        "email_confirmed": _when(person.email_confirmed_at),
        "last_used": _when(person.seen_at),
    }


def _ways_to_sign_in(session: Session, person_id: int) -> Members:
    return {
        "phones": [
            {"phone": one.device, "signed_in": _when(one.started_at), "last_used": _when(one.seen_at)}
            for one in sign_in.sessions_of(session, person_id)
        ],
        "passkeys": [
            {"name": one.name, "added": _when(one.added_at), "last_used": _when(one.used_at)}
            for one in passkeys.all_of(session, person_id)
        ],
        "recovery_codes_left": recovery_codes.count(session, person_id),
        "invitation_you_used": _invitations(session, RoleInvitation.used_by == person_id),
    }


def _as_lead(session: Session, key: MembersKey, person_id: int) -> Members:
    """What is kept of whatever somebody does for the runs. Of others in it nothing is told."""
    answered = answers.answered_by(session, person_id)
    return {
        "invitations_you_made": _invitations(session, RoleInvitation.invited_by == person_id),
        "runs_you_lead": [one.name for one in session.scalars(select(Run).where(Run.lead_id == person_id))],
        "duties": _duties(session, person_id),
        "duties_you_are_asked_to_take_over": _offers(session, person_id),
        "duties_you_could_not_do": _given_up(session, person_id),
        "usual_dates": _rules(session, person_id),
        "holidays": _holidays(session, person_id),
        "lines_to_whoever_came": _lines(session, person_id),
        "emergency_contacts_you_opened": _openings(session, person_id),
        "how_you_were_after_runs": _check_ins(session, key, person_id),
        "messages_you_answered": [{"kind": one.kind, "at": _when(one.answered_at)} for one in answered],
    }


def _invitations(session: Session, whose: ColumnElement[bool]) -> list[Members]:
    return [
        {"role": one.role, "good_until": _when(one.expires_at), "used": _when(one.used_at)}
        for one in session.scalars(select(RoleInvitation).where(whose).order_by(RoleInvitation.expires_at))
    ]


def _duties(session: Session, person_id: int) -> list[Members]:
    return [
        _duty(session, one) | {"promised": _when(one.promised_at)}
        for one in session.scalars(select(Duty).where(Duty.person_id == person_id).order_by(Duty.day))
    ]


def _offers(session: Session, person_id: int) -> list[Members]:
    found = session.scalars(select(Duty).where(Duty.offered_to == person_id).order_by(Duty.day))
    return [_duty(session, one) for one in found]


def _given_up(session: Session, person_id: int) -> list[Members]:
    return [
        _duty(session, one) | {"at": _when(one.dropped_at), "line_to_the_other_leads": one.line}
        for one in session.scalars(select(Duty).where(Duty.dropped_by == person_id).order_by(Duty.day))
    ]


def _duty(session: Session, one: Duty) -> Members:
    return {"run": _run_name(session, one.run_id), "date": _when(one.day), "duty": one.duty}


def _rules(session: Session, person_id: int) -> list[Members]:
    return [
        {"run": _run_name(session, one.run_id), "duty": one.duty, "dates": one.dates}
        for one in session.scalars(select(RotaRule).where(RotaRule.person_id == person_id))
    ]


def _holidays(session: Session, person_id: int) -> list[Members]:
    return [
        {"from": _when(one.first_day), "until": _when(one.last_day)}
        for one in session.scalars(select(Holiday).where(Holiday.person_id == person_id))
    ]


def _lines(session: Session, person_id: int) -> list[Members]:
    return [
        {"run": _run_name(session, one.run_id), "date": _when(one.day), "words": one.note, "at": _when(one.note_at)}
        for one in session.scalars(select(RunDay).where(RunDay.note_by == person_id).order_by(RunDay.day))
    ]


def _openings(session: Session, person_id: int) -> list[Members]:
    return [
        {"for_the_run_on": _when(one.day), "at": _when(one.at)}
        for one in session.scalars(select(EmergencyOpening).where(EmergencyOpening.person_id == person_id))
    ]


def _check_ins(session: Session, key: MembersKey, person_id: int) -> list[Members]:
    return [
        {
            "run": _run_name(session, one.run_id),
            "date": _when(one.day),
            "words": key.open("check_in.words", one.id, one.words),
        }
        for one in session.scalars(select(CheckIn).where(CheckIn.person_id == person_id).order_by(CheckIn.at))
    ]


def _consents(found: Sequence[Any]) -> list[Members]:
    return [
        {"to": one.purpose, "words": one.wording, "at": _when(one.at), "taken_back": _when(one.withdrawn_at)}
        for one in found
    ]


def _letters(session: Session, whose: ColumnElement[bool]) -> list[Members]:
    found = session.scalars(select(Letter).where(whose).order_by(Letter.made_at)).all()
    return [{"kind": one.kind, "written": _when(one.made_at), "sent": _when(one.sent_at)} for one in found]


def _run_name(session: Session, run_id: str) -> str:
    return session.get_one(Run, run_id).name


def _when(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None
