"""What a chapter signs: itself, its runs, and what is known of their dates (PROTOCOL.md §7)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from msgspec import Meta, field

from ..encodings import (
    Country,
    Date,
    Instant,
    ListingId,
    LocalTime,
    NetworkId,
    PositiveInt,
    Zone,
    from_date,
    from_instant,
    from_local,
)
from ..words import (
    AUDIENCES,
    BANK_HOLIDAYS,
    DATE_KINDS,
    DIRECTIONS,
    FACILITIES,
    PHOTOS,
    REASONS,
    RUN_KINDS,
    LanguageTag,
    RuleText,
    Word,
    is_known_language,
    is_known_rule,
)
from .base import Document, Line, Name, Paragraph, Sentences, refuse_repeats, require_visible
from .texts import ListingTexts, NoticeTexts, PointTexts, ProfileTexts, Translations

MAX_FRESH = timedelta(hours=48)
MAX_LIFE = timedelta(days=14)
MAX_AHEAD = timedelta(hours=24)
MAX_PRECISION_M = 100_000
#: Dates of one listing (§7.3).
MAX_DATES = 20


class Schedule(Document, frozen=True):
    """When a run is: wall-clock `dtstart` in `timezone`, repeated by `rrule` (RFC 5545) until the date `until`.

    Without `rrule` the run is held once. `exdates`: planned gaps.
    """

    timezone: Zone
    dtstart: LocalTime
    duration_minutes: Annotated[int, Meta(ge=5, le=600)]
    arrive_minutes_before: Annotated[int, Meta(ge=0, le=120)]
    rrule: RuleText | None = None
    until: Date | None = None
    exdates: Annotated[list[Date], Meta(max_length=60)] = field(default_factory=list)

    def __post_init__(self) -> None:
        from_local(self.dtstart)
        for day in [*self.exdates, *([self.until] if self.until else [])]:
            from_date(day)


class Landmark(Document, frozen=True):
    """Something that everybody finds, and how far and in which `direction` from it the meeting point is."""

    name: Name
    distance_m: Annotated[int, Meta(ge=1, le=5_000)]
    direction: Word

    def __post_init__(self) -> None:
        require_visible(self.name)


class MeetingPoint(Document, frozen=True):
    """Where to stand. `lat_e4`, `lon_e4`: degrees times 10,000 (about 11 m). `precision_m`: about how far from there
    people may stand; None: not known.
    """

    name: Name
    address: Line
    directions: Paragraph
    lat_e4: Annotated[int, Meta(ge=-900_000, le=900_000)]
    lon_e4: Annotated[int, Meta(ge=-1_800_000, le=1_800_000)]
    precision_m: Annotated[int, Meta(ge=1, le=MAX_PRECISION_M)] | None = None
    public_transport: Sentences = ""
    parking: Sentences = ""
    landmark: Landmark | None = None
    text_language: LanguageTag | None = None
    translations: Translations[PointTexts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_visible(self.name)


class DateState(Document, frozen=True):
    """What a document states of one date. `at`: when, floored to 15 minutes. No entry: not confirmed yet.

    `as_announced`: `starts` and `meeting_point` are those that people know: the run was changed, and this date was not.
    """

    date: Date
    state: Word
    at: Instant
    reason: Word | None = None
    note: Sentences | None = None
    starts: LocalTime | None = None
    meeting_point: MeetingPoint | None = None
    as_announced: bool = False

    def __post_init__(self) -> None:
        from_date(self.date)
        from_instant(self.at)
        if self.starts:
            from_local(self.starts)


class Pause(Document, frozen=True):
    """No run from the day `since` until the day before `back_on`; without that, until the pause is lifted (§7.5)."""

    since: Date
    back_on: Date | None = None
    note: Sentences = ""

    def __post_init__(self) -> None:
        if self.back_on is not None and from_date(self.back_on) <= from_date(self.since):
            raise ValueError("back_on is a day after since")
        from_date(self.since)


class Notice(Document, frozen=True):
    """What people should know from the day `since` to the day `until`, both inclusive (§7.8)."""

    text: Annotated[str, Meta(min_length=1, max_length=300)]
    since: Date
    until: Date
    text_language: LanguageTag | None = None
    translations: Translations[NoticeTexts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if from_date(self.until) < from_date(self.since):
            raise ValueError("until is not before since")
        require_visible(self.text)


Notices = Annotated[list[Notice], Meta(max_length=3)]


class Listing(Document, frozen=True):
    """One run as anybody may read it. No member may name a person other than a lead who said yes."""

    id: ListingId
    name: Name
    kind: Word
    schedule: Schedule
    meeting_point: MeetingPoint
    distance_m: Annotated[int, Meta(ge=0, le=50_000)] | None = None
    look_for: Line = ""
    what_happens: Paragraph = ""
    bring: Line = ""
    facilities: Annotated[list[Word], Meta(max_length=40)] = field(default_factory=list)
    accessibility: Paragraph = ""
    audience: Word = "everyone"
    minimum_age: Annotated[int, Meta(ge=0, le=99)] | None = None
    younger_accompanied: bool = False
    languages: Annotated[list[LanguageTag], Meta(max_length=8)] = field(default_factory=list)
    photos: Word | None = None
    bank_holidays: Word | None = None
    free_of_charge: bool = True
    warming_up: bool = False
    lead_first_name: Annotated[str, Meta(max_length=40)] | None = None
    pause: Pause | None = None
    checked_on: Date | None = None
    changes_on: Date | None = None
    notices: Notices = field(default_factory=list)
    dates: Annotated[list[DateState], Meta(max_length=MAX_DATES)] = field(default_factory=list)
    text_language: LanguageTag | None = None
    translations: Translations[ListingTexts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_visible(self.name)
        for day in filter(None, (self.checked_on, self.changes_on)):
            from_date(day)
        refuse_repeats("a date", [state.date for state in self.dates])
        refuse_repeats("a facility", self.facilities)
        refuse_repeats("a language", self.languages)


class Profile(Document, frozen=True):
    """A chapter as it presents itself. `place`: its town in words. `last_word_on`: when a lead last said anything.
    `contact_form`: whether its own host has a form by which anybody may ask its leads something (§7.6). `closed_on`:
    the day on which it closed for good.
    """

    name: Name
    place: Name
    country: Country
    about: Paragraph = ""
    pause: Pause | None = None
    last_word_on: Date | None = None
    contact_form: bool = False
    closed_on: Date | None = None
    notices: Notices = field(default_factory=list)
    text_language: LanguageTag | None = None
    translations: Translations[ProfileTexts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for day in filter(None, (self.last_word_on, self.closed_on)):
            from_date(day)
        require_visible(self.name)
        require_visible(self.place)


class ChapterDocument(Document, frozen=True):
    """Everything that a chapter lists now. A run that is not in it is withdrawn (§7)."""

    chapter: NetworkId
    root_version: PositiveInt
    version: PositiveInt
    issued: Instant
    fresh_until: Instant
    expires: Instant
    profile: Profile
    listings: Annotated[list[Listing], Meta(max_length=50)]

    def __post_init__(self) -> None:
        issued, fresh, expires = map(from_instant, (self.issued, self.fresh_until, self.expires))
        if not issued <= fresh <= min(expires, issued + MAX_FRESH) or expires > issued + MAX_LIFE:
            raise ValueError("issued <= fresh_until <= expires, within 48 hours and 14 days")
        refuse_repeats("a listing id", [listing.id for listing in self.listings])


def unknown_words(document: ChapterDocument) -> list[str]:
    """The words of a document's listings that are in no closed list of this version."""
    return [word for listing in document.listings for word in _unknown_words(listing)]


def _unknown_words(listing: Listing) -> list[str]:
    states, reasons = [one.state for one in listing.dates], [one.reason for one in listing.dates if one.reason]
    points = [listing.meeting_point, *(one.meeting_point for one in listing.dates)]
    used: list[tuple[Sequence[str | None], tuple[str, ...]]] = [
        ([listing.kind], RUN_KINDS),
        ([listing.audience], AUDIENCES),
        ([listing.photos], PHOTOS),
        ([listing.bank_holidays], BANK_HOLIDAYS),
        (listing.facilities, FACILITIES),
        ([one.landmark.direction for one in points if one and one.landmark], DIRECTIONS),
        (states, DATE_KINDS),
        (reasons, REASONS),
    ]
    unknown = [word for words, known in used for word in words if word is not None and word not in known]
    unknown += [tag for tag in listing.languages if not is_known_language(tag)]
    return unknown if is_known_rule(listing.schedule.rrule) else [*unknown, str(listing.schedule.rrule)]
