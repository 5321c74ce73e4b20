"""The kinds of document as types (PROTOCOL.md §5 to §7). Members that no type names are stored and never shown.

The types are what a reader accepts: a word may come from a later version's closed list (§2.7). This node writes only
words of its own version.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Annotated, Any

from msgspec import Meta, Struct, inspect

from .encodings import (
    Country,
    Date,
    Digest,
    Instant,
    ListingId,
    LocalTime,
    NetworkId,
    PositiveInt,
    Prefix,
    Zone,
    from_date,
    from_instant,
    from_local,
)
from .keys import check_root_keys
from .strict_json import MAX_INTEGER
from .text import is_visible
from .words import (
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

MAX_FRESH = timedelta(hours=48)
MAX_LIFE = timedelta(days=14)
MAX_AHEAD = timedelta(hours=24)
MAX_PRECISION_M = 100_000
#: Dates of one listing (§7.3).
MAX_DATES = 20

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Line = Annotated[str, Meta(max_length=200)]
Sentences = Annotated[str, Meta(max_length=300)]
Paragraph = Annotated[str, Meta(max_length=1000)]
Keys = Annotated[list[str], Meta(min_length=1, max_length=8)]


# gc=False: documents are trees, which are freed by counting references alone.
class Document(Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of all document types. A document is immutable. A member that has its default is not written."""


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
    exdates: Annotated[list[Date], Meta(max_length=60)] = []

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
        _require_visible(self.name)


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

    def __post_init__(self) -> None:
        _require_visible(self.name)


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

    def __post_init__(self) -> None:
        if from_date(self.until) < from_date(self.since):
            raise ValueError("until is not before since")
        _require_visible(self.text)


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
    facilities: Annotated[list[Word], Meta(max_length=40)] = []
    accessibility: Paragraph = ""
    audience: Word = "everyone"
    minimum_age: Annotated[int, Meta(ge=0, le=99)] | None = None
    younger_accompanied: bool = False
    languages: Annotated[list[LanguageTag], Meta(max_length=8)] = []
    photos: Word | None = None
    bank_holidays: Word | None = None
    free_of_charge: bool = True
    warming_up: bool = False
    lead_first_name: Annotated[str, Meta(max_length=40)] | None = None
    pause: Pause | None = None
    checked_on: Date | None = None
    changes_on: Date | None = None
    notices: Notices = []
    dates: Annotated[list[DateState], Meta(max_length=MAX_DATES)] = []

    def __post_init__(self) -> None:
        _require_visible(self.name)
        for day in filter(None, (self.checked_on, self.changes_on)):
            from_date(day)
        _refuse_repeats("a date", [state.date for state in self.dates])
        _refuse_repeats("a facility", self.facilities)
        _refuse_repeats("a language", self.languages)


class Profile(Document, frozen=True):
    """A chapter as it presents itself. `place`: its town in words. `last_word_on`: when a lead last said anything.
    `contact_form`: whether its own host has a form by which anybody may ask its leads something (§7.6).
    """

    name: Name
    place: Name
    country: Country
    about: Paragraph = ""
    pause: Pause | None = None
    last_word_on: Date | None = None
    contact_form: bool = False
    notices: Notices = []

    def __post_init__(self) -> None:
        if self.last_word_on is not None:
            from_date(self.last_word_on)
        _require_visible(self.name)
        _require_visible(self.place)


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
        _refuse_repeats("a listing id", [listing.id for listing in self.listings])


class ChapterRoot(Document, frozen=True):
    """Who may sign for a chapter and where it lives. Version 1 has no `chapter`: its digest makes the id (§5)."""

    version: Annotated[int, Meta(ge=1, le=256)]
    root_keys: Keys
    root_threshold: PositiveInt
    signing_keys: Keys
    base_url: Line
    chapter: NetworkId | None = None

    def __post_init__(self) -> None:
        check_root_keys(self.root_keys, self.root_threshold, self.signing_keys)
        if (self.version == 1) != (self.chapter is None):
            raise ValueError("chapter is absent from version 1 and present in every later one")

    @property
    def names(self) -> str | None:
        """The id this root states itself, if it does."""
        return self.chapter


class HqRoot(Document, frozen=True):
    """HQ's root: offline keys, a threshold, and the online keys they vouch for. After `expires` nodes only warn."""

    version: Annotated[int, Meta(ge=1, le=256)]
    root_keys: Keys
    root_threshold: PositiveInt
    registry_keys: Keys
    bulletin_keys: Keys
    expires: Instant
    hq: NetworkId | None = None

    def __post_init__(self) -> None:
        check_root_keys(self.root_keys, self.root_threshold, [*self.registry_keys, *self.bulletin_keys])
        from_instant(self.expires)
        if (self.version == 1) != (self.hq is None):
            raise ValueError("hq is absent from version 1 and present in every later one")

    @property
    def names(self) -> str | None:
        """The id this root states itself, if it does."""
        return self.hq


class HqProfile(Document, frozen=True):
    """HQ as every node shows it: a name and one public address that people may write to."""

    name: Name
    contact: Annotated[str, Meta(max_length=200, pattern=r"^[^@\s<>\"']+@[^@\s<>\"']+\Z")]

    def __post_init__(self) -> None:
        _require_visible(self.name)


class BinReference(Document, frozen=True):
    """A registry bin: all chapters whose id starts with `prefix`, named by the SHA-256 of its bytes."""

    prefix: Prefix
    digest: Digest
    count: Annotated[int, Meta(ge=0, le=MAX_INTEGER)]


class Registry(Document, frozen=True):
    """HQ's signed table of bins (§6)."""

    hq: NetworkId
    version: PositiveInt
    issued: Instant
    fresh_until: Instant
    profile: HqProfile
    bins: Annotated[list[BinReference], Meta(min_length=1, max_length=1024)]

    def __post_init__(self) -> None:
        if from_instant(self.issued) > from_instant(self.fresh_until):
            raise ValueError("issued <= fresh_until")
        prefixes = sorted(ref.prefix for ref in self.bins)
        # In sorted order, a prefix comes right before what begins with it.
        if any(longer.startswith(prefix) for prefix, longer in pairwise(prefixes)):
            raise ValueError("bins do not overlap")


class Registered(Document, frozen=True):
    """What decides whether a chapter's documents are taken. Its roots pass through `root_digest` at `root_version`."""

    chapter: NetworkId
    root_version: PositiveInt
    root_digest: Digest
    status: Word


class RegistryEntry(Registered, frozen=True):
    """One chapter in the registry."""

    since: Instant
    replaces: NetworkId | None = None

    def __post_init__(self) -> None:
        from_instant(self.since)


class RegistryBin(Document, frozen=True):
    """Some chapters of the registry. It has no signature: the registry names its digest."""

    chapters: list[RegistryEntry]


def most_of(type_: type[Document], member: str) -> int:
    """The most characters of a text, or items of a list, that the `member` of `type_` may have."""
    return int(_constraints(type_, member).max_length)


def bounds_of(type_: type[Document], member: str) -> tuple[int, int]:
    """The smallest and the largest number that the `member` of `type_` may be."""
    found = _constraints(type_, member)
    return found.ge, found.le


@cache
def _constraints(type_: type[Document], member: str) -> Any:
    fields = inspect.type_info(type_).fields  # type: ignore[attr-defined]  # of a Struct
    wanted = next(field.type for field in fields if field.name == member)
    return next(one for one in getattr(wanted, "types", [wanted]) if not isinstance(one, inspect.NoneType))


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


def _require_visible(name: str) -> None:
    if not is_visible(name):
        raise ValueError("a name that nobody can see")


def _refuse_repeats(what: str, values: Sequence[str]) -> None:
    if len(values) > 1 and len(set(values)) != len(values):
        raise ValueError(f"{what} stands twice")
