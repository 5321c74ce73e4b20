"""The form of a run. What must be said comes first; everything else is behind one tap."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Optional, ValidationError

from federation.documents import PointTexts
from federation.text import tidy
from node.chapter import listing, runs
from node.chapter.runs import RunInput
from node.input import translations
from node.input.validation import check_zone
from node.models import Chapter, Person, Run
from node.models.run import COVER_HOURS, WARN_HOURS

from ..context import now
from ..language import N_, _, locale
from ..words.listings import AUDIENCES, BANK_HOLIDAYS, COMPASS, FACILITIES, KINDS, PHOTOS
from ..words.texts import isolated
from ..words.times import long_day
from .base import CHOOSE, GIVE_TIME, GIVE_WHOLE_NUMBER, HOUR_FORMS, Checkboxes, new_form_id
from .days import GIVE_DATE, DayField, DaysField, read_day
from .languages import LanguagesForm, in_languages, texts_by_field
from .lengths import LengthField, WayField, give_way, write_length
from .place import PlaceForm
from .point import write_point

_MOST_M = runs.RANGES["distance_m"][1]
_FIRST_YEAR, _LAST_YEAR = 2017, 2099
_FARTHEST = timedelta(days=730)
#: Wrong items of a list that one error names.
_NAMED = 5
_BETWEEN_NAMES = re.compile(r"\s*[,;\n]\s*")


def _choices(words: Mapping[str, object]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _unsaid_or(words: Mapping[str, object]) -> list[SelectChoice]:
    return [SelectChoice("", N_("Not specified")), *_choices(words)]


#: What an empty field holds.
_UNSAID: tuple[object, ...] = (None, "", [], (), False)
REPEATS = {
    "weekly": N_("Every week, on that weekday"),
    "fortnightly": N_("Every other week"),
    "monthly": N_("Monthly, same week (for example, the second Thursday of every month)"),
    "monthly-last": N_("Monthly, last week (for example, the last Thursday of every month)"),
    "once": N_("Just once"),
}


class RunForm(LanguagesForm, PlaceForm):
    """A run. `MORE` and `HOURS`: the fields that may stay as they are. The time zone is between them on the page."""

    LIMITS = runs.LIMITS
    REQUIRED = runs.REQUIRED
    NAMES: Mapping[str, str] = {
        **PlaceForm.NAMES,
        **LanguagesForm.NAMES,
        "distance_m": "distance",
        "landmark_distance_m": "landmark_distance",
    }
    TRANSLATED = runs.TRANSLATED
    MORE = (
        *("what_happens", "distance", "duration_minutes", "arrive_minutes_before", "bring", "lead_id", "warming_up"),
        *("costs", "public_transport", "parking", "landmark", "landmark_distance", "landmark_direction"),
        *("accessibility", "audience", "minimum_age", "younger_accompanied", "languages"),
        *("photos", "exdates", "bank_holidays", "until"),
    )
    HOURS = ("cover_hours", "warn_hours")
    ORDER = (
        *("name", "kind", "starts_on", "starts_at", "repeats", "point_name", "address", "directions", "point"),
        *("same_place", "look_for", "facilities", *MORE, "timezone", *HOURS),
    )
    #: What most people ask for first.
    FIRST_FACILITIES = ("toilets", "water", "step-free", "lit")

    name = StringField(N_("Name of the run"))
    kind = RadioField(N_("Activity"), choices=_choices(KINDS), default="run-walk")
    starts_on = DayField(N_("First date"), [InputRequired(GIVE_DATE)])
    starts_at = TimeField(N_("Start"), [InputRequired(GIVE_TIME)], format=HOUR_FORMS)
    repeats = RadioField(N_("How often"), choices=_choices(REPEATS), default="weekly")
    timezone = StringField(N_("Time zone"))
    arrive_minutes_before = IntegerField(
        N_("Someone is there this many minutes early"),
        [InputRequired(GIVE_WHOLE_NUMBER)],
        default=10,
    )
    duration_minutes = IntegerField(N_("About how long, in minutes"), [InputRequired(GIVE_WHOLE_NUMBER)], default=60)
    distance = LengthField(N_("About how far (you can leave this empty)"), [Optional()])
    look_for = StringField(N_("Who to look for"))
    what_happens = TextAreaField(N_("What happens"))
    bring = StringField(N_("What to bring"))
    lead_id = SelectField(N_("Lead"), choices=[SelectChoice("", N_("No one in particular"))])
    until = DayField(N_("Last date, if there is one"), [Optional()])
    exdates = DaysField(N_("Dates without a run"))
    facilities = Checkboxes(N_("Facilities"), choices=_choices(FACILITIES))
    public_transport = TextAreaField(N_("Public transport"))
    parking = TextAreaField(N_("Parking, for cars and bikes"))
    landmark = StringField(N_("Something nearby that’s easy to find"))
    landmark_distance = WayField(N_("How far from there"), [Optional()])
    landmark_direction = SelectField(N_("Which way from there"), choices=_unsaid_or(COMPASS), default="")
    accessibility = TextAreaField(N_("Access: getting there and getting around"))
    audience = RadioField(N_("Who it’s for"), choices=_choices(AUDIENCES), default="everyone")
    minimum_age = IntegerField(N_("Minimum age, if there is one"), [Optional()])
    younger_accompanied = BooleanField(N_("Younger people can come with an adult"))
    languages = StringField(N_("Languages spoken"))
    photos = RadioField(N_("Photos"), choices=_unsaid_or(PHOTOS), default="")
    bank_holidays = RadioField(N_("On bank holidays"), choices=_unsaid_or(BANK_HOLIDAYS), default="")
    costs = BooleanField(N_("There’s a charge"))
    warming_up = BooleanField(N_("It’s new: it might be just one person and the lead"))
    cover_hours = IntegerField(
        N_("How many hours before the start to ask the other leads"),
        [Optional()],
        default=COVER_HOURS,
    )
    warn_hours = IntegerField(
        N_("How many hours before the start to tell people not to set off"),
        [Optional()],
        default=WARN_HOURS,
    )
    #: Only where a run is changed: the date on which the change begins.
    from_day = SelectField(N_("From which date?"), choices=[], validate_choice=False)
    later_day = DayField(N_("Or from a later day"), [Optional()])
    form_id = HiddenField()
    #: The days that `from_day` offers.
    coming_days: Collection[date] = ()
    #: The dates without a run that were kept before.
    former_gaps: Collection[date] = ()

    def other_problems(self) -> dict[str, str]:
        """Problems of the place, the numbers, the time zone and the dates."""
        numbers = ("duration_minutes", "arrive_minutes_before", "minimum_age", "cover_hours", "warn_hours")
        values = {name: self[name].data for name in numbers} | {"landmark_distance_m": self.landmark_distance.data}
        beyond = self.beyond(values)
        zone = check_zone((self.timezone.data or "").strip())
        wrong = self._wrong_hours() | runs.check_landmark(*self._landmark()) | beyond | zone
        return super().other_problems() | wrong | self._wrong_dates()

    def _landmark(self) -> tuple[str, int | None, str | None]:
        return tidy(self.landmark.data or ""), self.landmark_distance.data, self.landmark_direction.data or None

    @property
    def is_zone_clear(self) -> bool:
        """Whether the time zone may stand behind its name."""
        return not self.timezone.errors

    def new_gaps(self) -> list[str]:
        """The dates without a run that were not kept before, for an address."""
        return [f"{day}" for day in self.exdates.data or () if day not in self.former_gaps][:_NAMED]

    def ways(self) -> dict[str, object]:
        """What leads people to the place, by the field's name."""
        texts = {name: tidy(self[name].data or "") for name in ("public_transport", "parking")}
        others = translations.tidied(self.translations())
        told = {tag: {name: texts[name] for name in _WAYS if name in texts} for tag, texts in others.items()}
        near = self._landmark() if self.landmark.data else None
        return (
            super().ways() | texts | {"landmark": near, "translations": {tag: told[tag] for tag in told if told[tag]}}
        )

    def first_facilities(self) -> list[Any]:
        """The boxes of FIRST_FACILITIES."""
        return [box for box in self.facilities if box.data in self.FIRST_FACILITIES]

    def other_facilities(self) -> list[Any]:
        """The boxes of all other facilities."""
        return [box for box in self.facilities if box.data not in self.FIRST_FACILITIES]

    def _wrong_hours(self) -> dict[str, str]:
        return runs.check_hours(self.cover_hours.data or COVER_HOURS, self.warn_hours.data or WARN_HOURS)

    def _wrong_dates(self) -> dict[str, str]:
        if self.starts_on.errors or self.until.errors:
            return {}
        return runs.check_dates(self.repeats.data or "", self.starts_on.data, self.until.data)

    def validate_distance(self, field: Any) -> None:
        """Refuse a length that no run has."""
        if field.data is not None and field.data > _MOST_M:
            most = write_length(_MOST_M)
            raise ValidationError(_("Enter a distance up to %(most)s, or leave it empty.", most=most))

    def validate_starts_on(self, field: Any) -> None:
        """Refuse a year that is a slip. A run of the year 1 would be counted through on every page."""
        if field.data is not None and not _FIRST_YEAR <= field.data.year <= _LAST_YEAR:
            raise ValidationError(_("Enter a date from %(first)s to %(last)s.", first=_FIRST_YEAR, last=_LAST_YEAR))

    def validate_languages(self, field: Any) -> None:
        """Name each word that is no language we know: neither a name nor an ISO 639 code."""
        wrong = [text[:30] for text in _parts(field.data) if language_code(text) is None]
        if wrong:
            typed = "”, “".join(wrong[:_NAMED])
            raise ValidationError(_("We don’t know the language “%(typed)s”. Try its name in English.", typed=typed))

    def validate_exdates(self, field: Any) -> None:
        """Refuse to take out a gap that comes before the change counts: the day would stay without a run, unsaid."""
        first, left = self.first_day(), set(self.former_gaps) - set(field.data or ())
        lost = [day for day in left if first and now().date() <= day < first]
        if lost and first and not field.errors:
            today = now().date()
            raise ValidationError(
                _(
                    "This change starts on %(first)s, so it can’t bring back the run on %(day)s. Keep that day on the"
                    " list, or choose an earlier date for the change.",
                    first=long_day(first, today),
                    day=long_day(min(lost), today),
                )
            )

    def validate_from_day(self, field: Any) -> None:
        """Refuse a day that is no coming date any more."""
        if field.data and self.coming_days and self.first_day() is None:
            raise ValidationError(CHOOSE)

    def validate_later_day(self, field: Any) -> None:
        """Refuse a day that is over, or so far ahead that it is a slip."""
        today = now().date()
        if field.data and not today <= field.data <= today + _FARTHEST:
            raise ValidationError(_("Enter a day within the next two years."))

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if code == "over":
            return _("This run has no upcoming dates. Please check the day and the year.")
        if code == "before_cover":
            return _("Enter fewer hours than for the other leads, because they’re asked first.")
        if code == "no_day":
            days = runs.stray_gaps(self.run(), self.former_gaps)[:_NAMED]
            named = ", ".join(long_day(day, now().date()) for day in days)
            return _("The run isn’t on then anyway: %(days)s. Please enter days when it would be on.", days=named)
        if code == "moved":
            return _("You’ve moved one of these dates to another day. Please cancel it there instead.")
        return _beyond_words(name, code) or super().words(name, code)

    def more_is_open(self) -> bool:
        """Whether a field of `MORE` holds something, or an error."""
        fields = (self[name] for name in (*self.MORE, *self.HOURS))
        has_others = not set(self.facilities.data or ()) <= set(self.FIRST_FACILITIES)
        return (
            has_others
            or bool(self.timezone.errors)
            or any(one.errors or one.data not in (*_UNSAID, one.default) for one in fields)
        )

    def run(self) -> RunInput:
        """The run for the node. Only after `validate`."""
        (lat_e4, lon_e4), languages = self.point_e4(), _parts(self.languages.data)
        as_typed: dict[str, Any] = {name: self[name].data or "" for name in (*runs.LIMITS, "kind", "repeats")}
        as_read: dict[str, Any] = {name: self[name].data for name in _AS_READ}
        return RunInput(
            **as_typed,
            **as_read,
            timezone=(self.timezone.data or "").strip(),
            distance_m=self.distance.data,
            lat_e4=lat_e4,
            lon_e4=lon_e4,
            precision_m=self.precision_m(),
            lead_id=int(self.lead_id.data) if self.lead_id.data else None,
            exdates=self.exdates.data or (),
            facilities=tuple(self.facilities.data or ()),
            languages=tuple(dict.fromkeys(filter(None, map(language_code, languages)))),
            photos=self.photos.data or None,
            bank_holidays=self.bank_holidays.data or None,
            landmark_distance_m=self.landmark_distance.data,
            landmark_direction=self.landmark_direction.data or None,
            free_of_charge=not self.costs.data,
            cover_hours=self.cover_hours.data or COVER_HOURS,
            warn_hours=self.warn_hours.data or WARN_HOURS,
            text_language=self.language(),
            translations=self.translations(),
        )

    def first_day(self) -> date | None:
        """The date from which on a change counts; None: from the next date on, or as node.chapter.series.edit says."""
        if self.later_day.data:
            later: date = self.later_day.data
            return later
        day = read_day(self.from_day.data or "")
        return day if day in self.coming_days else None


def _beyond_words(name: str, code: str) -> str:
    """What to change in the field `name`, where that is too much for a run."""
    return {
        ("name", "too_many"): _("A chapter can have up to %(most)s runs. End one first.", most=runs.MAX_RUNS),
        ("exdates", "too_long"): _("That’s a long list. You can enter up to %(most)s dates.", most=runs.MAX_GAPS),
        ("languages", "too_long"): _("You can enter up to %(most)s languages.", most=runs.MAX_LANGUAGES),
        ("landmark_distance_m", "range"): give_way(),
    }.get((name, code), "")


#: What leads people to the place and may be written in several languages.
_WAYS = PointTexts.__struct_fields__
_AS_READ = (
    *("starts_on", "starts_at", "duration_minutes", "arrive_minutes_before", "until", "audience", "minimum_age"),
    *("younger_accompanied", "warming_up"),
)


def new_run(formdata: Any, all_leads: Sequence[Person], chapter: Chapter) -> RunForm:
    """An empty form in the chapter's zone, or what was typed into it. With its id a double tap makes one run."""
    empty = {"timezone": chapter.timezone, "form_id": new_form_id(), "text_language": chapter.text_language or ""}
    form = in_languages(RunForm, formdata)(formdata, data=empty)
    return _offer(form, all_leads)


def edited_run(formdata: Any, all_leads: Sequence[Person], run: Run, coming: Sequence[datetime] = ()) -> RunForm:
    """The form of a run as it is now, or as it was typed. `coming`: when the next dates start.

    Where a change is still to come, the form has the run as it will be, from the day of that change on.
    """
    to_come = listing.change_to_come(run, now())
    written = {
        "point": write_point(run.lat_e4, run.lon_e4, run.precision_m),
        "distance": run.distance_m,
        "lead_id": str(run.lead_id or ""),
        "exdates": runs.input_of(run).exdates,
        "languages": ", ".join(locale().languages.get(code, code) for code in run.languages),
        "costs": not run.free_of_charge,
        "photos": run.photos or "",
        "bank_holidays": run.bank_holidays or "",
        "landmark_distance": run.landmark_distance_m,
        "landmark_direction": run.landmark_direction or "",
        "text_language": run.text_language or "",
        "from_day": f"{to_come or ''}",
        **texts_by_field(run.translations),
    }
    kept = {name: getattr(run, name) for name in RunForm()._fields if hasattr(run, name) and name not in written}
    form = in_languages(RunForm, formdata, run.translations)(formdata, data=kept | written)
    days = sorted({*(at.date() for at in coming), *([to_come] if to_come and coming else [])})
    form.from_day.choices = [
        SelectChoice(f"{day}" if number or to_come else "", long_day(day, now().date()))
        for number, day in enumerate(days)
    ]
    form.coming_days = days
    form.former = listing.point_of(run)
    form.former_gaps = runs.input_of(run).exdates
    return _offer(form, all_leads)


def language_code(text: str) -> str | None:
    """The ISO 639 code for a language's code or its name, in the reader's language or in English; else None."""
    wanted = text.casefold()
    for names in (locale().languages, locale().parse("en").languages):
        for code, name in names.items():
            if len(code) <= 3 and wanted in (name.casefold(), code):
                return str(code)
    return None


def _parts(text: str | None) -> list[str]:
    return [part for part in _BETWEEN_NAMES.split((text or "").strip()) if part]


def _offer(form: RunForm, all_leads: Sequence[Person]) -> RunForm:
    form.lead_id.choices = [
        *form.lead_id.choices,
        *(SelectChoice(str(lead.id), isolated(lead.first_name)) for lead in all_leads),
    ]
    return form
