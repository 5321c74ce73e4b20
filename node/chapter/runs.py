"""A run as a lead describes it: checked, announced, read back."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.documents import (
    ChapterDocument,
    Landmark,
    Listing,
    ListingTexts,
    MeetingPoint,
    PointTexts,
    Schedule,
    bounds_of,
    most_of,
)
from federation.encodings import new_listing_id
from federation.text import tidy
from federation.words import AUDIENCES, BANK_HOLIDAYS, DIRECTIONS, FACILITIES, PHOTOS, RUN_KINDS, is_known_language

from ..config import Settings
from ..database import writing
from ..errors import InvalidInput, NotFound
from ..input import stale_pages, translations
from ..input.translations import Translations
from ..input.validation import check_texts, check_zone, refuse
from ..models import Person, Run
from ..models.run import COVER_HOURS, WARN_HOURS
from ..schedule.recurrence import day_in, has_day, next_start
from . import listing, publishing

#: Field to the most characters that the protocol lets it have.
LIMITS = {
    **{name: most_of(Listing, name) for name in ("name", "look_for", "what_happens", "bring", "accessibility")},
    "point_name": most_of(MeetingPoint, "name"),
    **{name: most_of(MeetingPoint, name) for name in ("address", "directions", "public_transport", "parking")},
    "landmark": most_of(Landmark, "name"),
}
REQUIRED = frozenset({"name", "point_name"})
#: What may be written in several languages. Names and addresses stay as they are: people ask for them, and signs have
#: them.
TRANSLATED = (*PointTexts.__struct_fields__, *ListingTexts.__struct_fields__)
#: Field to the smallest and the largest number that it may be, as a rule by the protocol.
RANGES = {
    **{name: bounds_of(Schedule, name) for name in ("duration_minutes", "arrive_minutes_before")},
    **{name: bounds_of(Listing, name) for name in ("distance_m", "minimum_age")},
    **{name: bounds_of(MeetingPoint, name) for name in ("lat_e4", "lon_e4")},
    "landmark_distance_m": bounds_of(Landmark, "distance_m"),
    # These two leave the node with no listing. A week ahead nobody knows more than the rota does.
    "cover_hours": (2, 168),
    "warn_hours": (1, 24),
}
#: How often: `monthly` on the weekday of the first date that it is in its month ("the first Sunday"; a fifth is the
#: last), `monthly-last` on the last of that weekday.
REPEATS = ("once", "weekly", "fortnightly", "monthly", "monthly-last")
#: Closed lists by field. A field of _OPTIONAL may also be None.
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": RUN_KINDS,
    "repeats": REPEATS,
    "audience": AUDIENCES,
    "photos": PHOTOS,
    "bank_holidays": BANK_HOLIDAYS,
    "landmark_direction": DIRECTIONS,
}
_OPTIONAL = ("photos", "bank_holidays", "landmark_direction")
_WHEN = ("starts_on", "starts_at", "timezone", "repeats", "until", "exdates", "duration_minutes")
MAX_RUNS = most_of(ChapterDocument, "listings")
MAX_GAPS, MAX_LANGUAGES = most_of(Schedule, "exdates"), most_of(Listing, "languages")
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class RunInput:
    """What a lead says of a run.

    `starts_on`: its first date, which gives the weekday. `starts_at`: wall-clock time in `timezone`. `until`: its last
    day. `exdates`: planned gaps. `lat_e4`, `lon_e4`: degrees times 10,000. `precision_m`: about how far from there
    people may stand; None where nobody knows. `distance_m`: metres. `languages`: ISO 639. Closed lists are those of
    CHOICES and FACILITIES. `landmark`, `cover_hours`, `warn_hours`, `text_language`, `translations`: as in Run.
    """

    name: str
    kind: str
    timezone: str
    starts_on: date
    starts_at: time
    point_name: str
    lat_e4: int
    lon_e4: int
    address: str = ""
    directions: str = ""
    duration_minutes: int = 60
    arrive_minutes_before: int = 10
    distance_m: int | None = None
    look_for: str = ""
    what_happens: str = ""
    bring: str = ""
    lead_id: int | None = None
    repeats: str = "weekly"
    until: date | None = None
    exdates: tuple[date, ...] = ()
    facilities: tuple[str, ...] = ()
    accessibility: str = ""
    audience: str = "everyone"
    minimum_age: int | None = None
    younger_accompanied: bool = False
    languages: tuple[str, ...] = ()
    photos: str | None = None
    bank_holidays: str | None = None
    free_of_charge: bool = True
    warming_up: bool = False
    precision_m: int | None = None
    cover_hours: int = COVER_HOURS
    warn_hours: int = WARN_HOURS
    public_transport: str = ""
    parking: str = ""
    landmark: str = ""
    landmark_distance_m: int | None = None
    landmark_direction: str | None = None
    text_language: str | None = None
    translations: Translations = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """The values as the table has them, without stray spaces and line ends."""
        return {name: _column(value) for name, value in asdict(self).items()}


def input_of(run: Run) -> RunInput:
    """What a lead said of a run that is stored."""
    values = {one.name: getattr(run, one.name) for one in fields(RunInput)}
    lists = {name: tuple(values[name]) for name in ("facilities", "languages")}
    return RunInput(**values | lists | {"exdates": tuple(map(date.fromisoformat, run.exdates))})


def as_stored(run: RunInput) -> RunInput:
    """The same run as it comes back from the table."""
    return input_of(Run(**run.columns()))


def _column(value: Any) -> Any:
    if isinstance(value, dict):
        return translations.tidied(value)
    if isinstance(value, tuple):
        return [one.isoformat() if isinstance(one, date) else one for one in value]
    return tidy(value) if isinstance(value, str) else value


def all_runs(session: Session) -> list[Run]:
    """Runs that are not withdrawn, in the order of their first dates."""
    return list(session.scalars(select(Run).where(Run.withdrawn_at.is_(None)).order_by(Run.starts_on, Run.id)))


def find(session: Session, run_id: str) -> Run | None:
    """A run that is not withdrawn; None where there is none."""
    run = session.get(Run, run_id)
    return run if run is not None and run.withdrawn_at is None else None


def get(session: Session, run_id: str) -> Run:
    """A run that is not withdrawn. Raises NotFound."""
    run = find(session, run_id)
    if run is None:
        raise NotFound("no such run")
    return run


def announce(session: Session, settings: Settings, run: RunInput, form_id: str | None, now: datetime) -> Run:
    """Announce a new run and sign it. The same form with the same content again gives the run that it made before."""
    form_id = _form_with_content(form_id, run) if form_id else None
    with writing(session) as transaction:
        made = transaction.scalars(select(Run).where(Run.form_id == form_id)).first() if form_id else None
        if made is not None:
            return made
        check(transaction, run, now)
        if len(listing.listed_runs(transaction, now)) >= MAX_RUNS:
            raise InvalidInput({"name": "too_many"})
        seen_by_lead = day_in(run.timezone, now)
        row = Run(id=new_listing_id(), form_id=form_id, checked_on=seen_by_lead, **run.columns())
        transaction.add(row)
        publishing.require_room(transaction, now)
        publishing.publish(transaction, settings, now, urgent=False)
    return row


def _form_with_content(form_id: str, run: RunInput) -> str:
    """The id of one form with one content: a lead who goes back and types another run has not tapped twice."""
    return hashlib.sha256(f"{form_id}\n{run!r}".encode()).hexdigest()


def mark_of(run: Run) -> str:
    """The mark of a run as its form shows it (node.input.stale_pages)."""
    return stale_pages.mark(input_of(run))


def check(session: Session, run: RunInput, now: datetime, former: RunInput | None = None) -> None:
    """Raise InvalidInput if a run cannot be kept. `former`: the run before a change. What it had wrong is not refused
    to a lead who changes other words.
    """
    columns = run.columns()
    problems = check_texts({n: columns[n] for n in LIMITS}, LIMITS, REQUIRED)
    problems |= {name: "range" for name, bounds in RANGES.items() if not _inside(columns[name], bounds)}
    problems |= {name: "required" for name, words in CHOICES.items() if not _is_choice(name, columns[name], words)}
    problems |= check_dates(run.repeats, run.starts_on, run.until) | _check_lists(run)
    problems |= check_point(run.lat_e4, run.lon_e4) | check_hours(run.cover_hours, run.warn_hours)
    problems |= check_landmark(columns["landmark"], run.landmark_distance_m, run.landmark_direction)
    problems |= translations.check(run.text_language, run.translations, {n: LIMITS[n] for n in TRANSLATED})
    if run.lead_id is not None and session.get(Person, run.lead_id) is None:
        problems["lead_id"] = "not_found"
    refuse(problems | check_zone(run.timezone))
    refuse(_check_coming(run, former, now))
    # Last: while the first date or the end is wrong, every gap seems wrong.
    refuse({"exdates": "no_day"} if stray_gaps(run, former.exdates if former else ()) else {})


def check_point(lat_e4: int, lon_e4: int) -> dict[str, str]:
    """{'lat_e4': 'nowhere'} for 0, 0: a point in the sea off Africa, which map apps give for nothing."""
    return {"lat_e4": "nowhere"} if (lat_e4, lon_e4) == (0, 0) else {}


def check_landmark(name: str, distance_m: int | None, direction: str | None) -> dict[str, str]:
    """`required` for each part of a landmark that is missing beside another: half of it leads nobody anywhere."""
    parts = {"landmark": name, "landmark_distance_m": distance_m, "landmark_direction": direction}
    given = [part for part in parts.values() if part not in ("", None)]
    return {field: "required" for field, part in parts.items() if given and part in ("", None)}


def _check_coming(run: RunInput, former: RunInput | None, now: datetime) -> dict[str, str]:
    """Problems of a run that has no date to come, so that nobody could go to it."""
    if former is not None and all(getattr(run, name) == getattr(former, name) for name in _WHEN):
        return {}
    schedule = listing.schedule_of(Run(**run.columns()))
    return {"until" if run.until else "starts_on": "over"} if next_start(schedule, now) is None else {}


def stray_gaps(run: RunInput, former: Collection[date] = ()) -> list[date]:
    """Planned gaps on days that the rule does not have: most likely a slip in the year or the month.

    `former`: gaps that the run had before. They are past, or of a former rule, and the lead has not typed them now.
    """
    schedule = listing.schedule_of(Run(**run.columns()))
    return [day for day in run.exdates if day not in former and not has_day(schedule, day)]


def _is_choice(name: str, value: str | None, words: Sequence[str]) -> bool:
    return value in words or (value is None and name in _OPTIONAL)


def check_dates(repeats: str, starts_on: date, until: date | None) -> dict[str, str]:
    """Problems of the first date and the last day, by field: `not_last`, `before_start`."""
    problems = {}
    if repeats == "monthly-last" and (starts_on + _WEEK).month == starts_on.month:
        problems["starts_on"] = "not_last"
    if until is not None and until < starts_on:
        problems["until"] = "before_start"
    return problems


def check_hours(cover_hours: int, warn_hours: int) -> dict[str, str]:
    """{'warn_hours': 'before_cover'} where whoever comes would be told before the other leads are asked."""
    return {"warn_hours": "before_cover"} if warn_hours >= cover_hours else {}


def _check_lists(run: RunInput) -> dict[str, str]:
    problems = {"exdates": "too_long"} if len(run.exdates) > MAX_GAPS else {}
    if not set(run.facilities) <= set(FACILITIES) or len(set(run.facilities)) != len(run.facilities):
        problems["facilities"] = "not_found"
    if not all(map(is_known_language, run.languages)) or len(set(run.languages)) != len(run.languages):
        problems["languages"] = "not_found"
    if len(run.languages) > MAX_LANGUAGES:
        problems["languages"] = "too_long"
    return problems


def _inside(value: int | None, bounds: Sequence[int]) -> bool:
    return value is None or bounds[0] <= value <= bounds[1]
