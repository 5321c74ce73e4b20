"""What leads type, by plain WTForms: everything typed stays, and each field says what to change."""

import re
import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import Flask
from wtforms import (
    DateField,
    DecimalField,
    Form,
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

from node import profile, runs
from node.errors import InvalidInput
from node.models import Lead, Run
from node.profile import ProfileInput
from node.runs import RunInput
from node.validation import check_texts, check_zone

from .language import N_, _
from .wording import degrees

_POINT = re.compile(r"\s*([+-]?\d{1,2}(?:\.\d{1,10})?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d{1,10})?)\s*")

#: Offered; any other that the node knows may be typed.
COMMON_ZONES = (
    *("Europe/London", "Europe/Dublin", "Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Lisbon"),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto"),
    *("America/Vancouver", "Australia/Brisbane", "Australia/Sydney", "Australia/Melbourne", "Australia/Perth"),
    *("Pacific/Auckland", "Africa/Johannesburg", "Asia/Singapore", "Asia/Kolkata"),
)
_MOST_KM = 50
_FIRST_YEAR, _LAST_YEAR = 2017, 2099


class KeptForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A form whose errors are words of ours, with the node's codes among them."""

    #: Field name to the most characters it may have.
    LIMITS: Mapping[str, int] = {}
    REQUIRED: frozenset[str] = frozenset()
    #: The node's name of a field where it is another one here.
    NAMES: Mapping[str, str] = {}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether everything can be kept: the node's checks are made at once, so that nobody is sent back twice."""
        super().validate(extra_validators)
        texts = {name: (self[name].data or "").replace("\r\n", "\n") for name in self.LIMITS}
        self.take(check_texts(texts, self.LIMITS, self.REQUIRED) | self.checked())
        for field in self:
            if field.errors and (field.process_errors or field.type in ("RadioField", "SelectField")):
                field.errors = [_could_not_read(field)]
        return not self.errors

    def checked(self) -> dict[str, str]:
        """What the node would refuse beside texts, of the fields that could be read."""
        return {}

    def take(self, problems: Mapping[str, str]) -> None:
        """Put the node's codes into words at their fields."""
        for name, code in problems.items():
            self[self.NAMES.get(name, name)].errors = [self.words(name, code)]

    def words(self, name: str, code: str) -> str:
        """What to change."""
        return problem_words(name, code, self.LIMITS)


def problem_words(name: str, code: str, limits: Mapping[str, int]) -> str:
    """What to change in the field `name`, for the node's `code`."""
    limit, bounds = limits.get(name, 0), runs.RANGES.get(name, (0, 0))
    return {
        "required": _("Please fill this in."),
        "too_long": _("This is too long: at most %(limit)s characters.", limit=limit),
        "personal": _(
            "Please leave out phone numbers (a long row of digits counts as one), e-mail and web addresses: "
            "anybody may read this, on every node."
        ),
        "control": _("There is a character in this that cannot be shown. Type it by hand."),
        "range": _("This must lie between %(low)s and %(high)s.", low=bounds[0], high=bounds[1]),
        "unknown_zone": _("We do not know this time zone. Try one such as Europe/London."),
        "not_found": _("Choose one of the list."),
        "too_many": _("A chapter lists at most %(most)s runs. Withdraw one first.", most=runs.MAX_RUNS),
    }.get(code, _("This cannot be kept as it is."))


def _could_not_read(field: Any) -> str:
    return {
        "DateField": _("Please give a date, such as 2026-06-04."),
        "TimeField": _("Please give a time, such as 18:30."),
        "IntegerField": _("Please give a whole number."),
        "DecimalField": _("Please give a number, such as 5 or 2.5."),
    }.get(field.type, _("Choose one of the list."))


class ProfileForm(KeptForm):
    """How the chapter presents itself."""

    LIMITS = profile.LIMITS
    REQUIRED = frozenset({"name", "place"})

    name = StringField(N_("Name of the chapter"))
    place = StringField(N_("Town or part of town"))
    country = StringField(N_("Country, as two letters"))
    timezone = StringField(N_("Time zone"))
    about = TextAreaField(N_("About the chapter"))

    def profile(self) -> ProfileInput:
        """As the node takes it."""
        return ProfileInput(
            name=self.name.data or "",
            place=self.place.data or "",
            country=(self.country.data or "").strip().upper(),
            timezone=(self.timezone.data or "").strip(),
            about=self.about.data or "",
        )

    def checked(self) -> dict[str, str]:
        """The country and the time zone."""
        try:
            profile.check_profile(self.profile())
        except InvalidInput as refused:
            return refused.problems
        return {}

    def words(self, name: str, code: str) -> str:
        """The country's two letters in words."""
        if name == "country":
            return _("Please give the two letters of a country, such as GB, IE or AU.")
        return super().words(name, code)


class RunForm(KeptForm):
    """A weekly run."""

    LIMITS = runs.LIMITS
    REQUIRED = frozenset({"name", "point_name"})
    NAMES: Mapping[str, str] = {"lat_e4": "point", "lon_e4": "point", "distance_m": "distance"}

    name = StringField(N_("Name of the run"))
    kind = RadioField(
        N_("What you do"),
        choices=[
            SelectChoice("run-walk", N_("Running and walking")),
            SelectChoice("run", N_("Running, gently")),
            SelectChoice("walk", N_("Walking")),
        ],
        default="run-walk",
    )
    starts_on = DateField(N_("First date"), [InputRequired(N_("Please give a date, such as 2026-06-04."))])
    starts_at = TimeField(N_("Start"), [InputRequired(N_("Please give a time, such as 18:30."))])
    timezone = StringField(N_("Time zone"))
    arrive_minutes_before = IntegerField(
        N_("Somebody is there this many minutes before"),
        [InputRequired(N_("Please give a whole number."))],
        default=10,
    )
    duration_minutes = IntegerField(
        N_("About how long, in minutes"), [InputRequired(N_("Please give a whole number."))], default=60
    )
    distance = DecimalField(N_("About how far, in km (may stay empty)"), [Optional()], places=None)
    point_name = StringField(N_("Meeting point"))
    address = StringField(N_("Address"))
    directions = TextAreaField(N_("How to find it, in words"))
    point = StringField(N_("On the map"))
    look_for = StringField(N_("Whom to look for"))
    what_happens = TextAreaField(N_("What happens"))
    bring = StringField(N_("What to bring"))
    lead_id = SelectField(N_("Who leads it"), choices=[SelectChoice("", N_("Nobody in particular"))])
    form_id = HiddenField()

    def checked(self) -> dict[str, str]:
        """The time zone, and numbers beyond their bounds."""
        lat, lon = read_point(self.point.data or "") or (0, 0)
        minutes = {name: self[name].data for name in ("duration_minutes", "arrive_minutes_before")}
        values = {**minutes, "lat_e4": lat, "lon_e4": lon}
        beyond = {name: "range" for name, value in values.items() if value is not None and not _fits(name, value)}
        return beyond | check_zone((self.timezone.data or "").strip())

    def validate_point(self, field: Any) -> None:
        """Two numbers; a name is looked up by the page."""
        if read_point(field.data or "") is None:
            raise ValidationError(_("Please give two numbers, such as 51.5101, -0.0860, or find it by name."))

    def validate_distance(self, field: Any) -> None:
        """Before any arithmetic: "1e999999999" is a number, too."""
        if field.data is not None and not (field.data.is_finite() and 0 <= field.data <= _MOST_KM):
            raise ValidationError(_("Please give a number of km up to %(most)s, or leave it empty.", most=_MOST_KM))

    def validate_starts_on(self, field: Any) -> None:
        """A rule that begins in the year 1 would be counted through on every page."""
        if field.data is not None and not _FIRST_YEAR <= field.data.year <= _LAST_YEAR:
            raise ValidationError(
                _("Please give a date from %(first)s to %(last)s.", first=_FIRST_YEAR, last=_LAST_YEAR)
            )

    def words(self, name: str, code: str) -> str:
        """A point's range in degrees, as it is typed."""
        if name in ("lat_e4", "lon_e4"):
            return _("That is not on the globe: the first number lies between -90 and 90, the second -180 and 180.")
        return super().words(name, code)

    def point_is_name(self) -> bool:
        """Whether the name of a place was typed where the two numbers belong."""
        text = (self.point.data or "").strip()
        return bool(text) and read_point(text) is None

    def run(self) -> RunInput:
        """As the node takes it, once it has been validated."""
        point = read_point(self.point.data) or (0, 0)
        values: dict[str, Any] = {name: self[name].data or "" for name in ("kind", *runs.LIMITS) if name in self}
        return RunInput(
            **values,
            timezone=(self.timezone.data or "").strip(),
            starts_on=self.starts_on.data,
            starts_at=self.starts_at.data,
            duration_minutes=self.duration_minutes.data,
            arrive_minutes_before=self.arrive_minutes_before.data,
            distance_m=_metres(self.distance.data),
            lat_e4=point[0],
            lon_e4=point[1],
            lead_id=int(self.lead_id.data) if self.lead_id.data else None,
        )


def new_run(formdata: Any, all_leads: Sequence[Lead], timezone: str) -> RunForm:
    """An empty form in the chapter's zone, with an id that makes a double tap one run; or what was typed into it."""
    form = RunForm(formdata, data={"timezone": timezone, "form_id": secrets.token_urlsafe(16)})
    return _offer(form, all_leads)


def edited_run(formdata: Any, all_leads: Sequence[Lead], run: Run) -> RunForm:
    """The form as the run stands, or what was typed into it."""
    written = {
        "point": f"{degrees(run.lat_e4)}, {degrees(run.lon_e4)}",
        "distance": None if run.distance_m is None else Decimal(run.distance_m) / 1000,
        "lead_id": str(run.lead_id or ""),
    }
    return _offer(RunForm(formdata, obj=run, data=written), all_leads)


def read_point(text: str) -> tuple[int, int] | None:
    """(lat, lon) in degrees times 10,000 of "51.5101, -0.0860", or None."""
    match = _POINT.fullmatch(text)
    if match is None:
        return None
    return round(float(match[1]) * 10_000), round(float(match[2]) * 10_000)


def describe(field: Any, hint: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of an input, with what describes it for who cannot see it."""
    marks = [f"{field.id}-hint"] * bool(hint) + [f"{field.id}-wrong"] * bool(field.errors)
    described = {"aria-describedby": " ".join(marks)} if marks else {}
    return {**attributes, **described, **({"aria-invalid": "true"} if field.errors else {})}


def start(app: Flask) -> None:
    """Templates have `describe(...)` and `common_zones`."""
    app.jinja_env.globals.update(describe=describe, common_zones=COMMON_ZONES)


def _offer(form: RunForm, all_leads: Sequence[Lead]) -> RunForm:
    form.lead_id.choices = [*form.lead_id.choices, *(SelectChoice(str(lead.id), lead.first_name) for lead in all_leads)]
    return form


def _fits(name: str, value: int) -> bool:
    low, high = runs.RANGES[name]
    return low <= value <= high


def _metres(kilometres: Decimal | None) -> int | None:
    return None if kilometres is None else int(kilometres * 1000)
