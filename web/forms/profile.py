"""The forms of the chapter's profile, and of a lead's first name."""

from collections.abc import Mapping
from typing import Any

from wtforms import RadioField, SelectChoice, StringField, TextAreaField

from node.chapter import profile
from node.chapter.profile import ProfileInput
from node.errors import InvalidInput
from node.models import Chapter
from node.places import lookup
from node.places.countries import zones_of

from ..language import N_
from ..words.countries import country_code, country_name
from .base import KeptForm
from .languages import LanguagesForm, in_languages, texts_by_field

_GIVE_COUNTRY = N_("We don’t know this country. Try its name in English, for example Ireland.")


class CountryField(StringField):  # type: ignore[misc]  # WTForms has no types
    """A country (ISO alpha-2), written by its name or its two letters."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written."""
        self.data = country_code(valuelist[0]) if valuelist else ""
        if not self.data:
            raise ValueError(_GIVE_COUNTRY)

    def _value(self) -> str:
        """What was written; of a kept country, its name."""
        return self.raw_data[0] if self.raw_data else country_name(self.data or "")


class MeForm(KeptForm):
    """Whether listings show the lead's first name."""

    public_name = RadioField(
        N_("My first name on the pages of my runs"),
        choices=[SelectChoice("yes", N_("Yes, show it")), SelectChoice("no", N_("No, leave it out"))],
    )


class ProfileForm(LanguagesForm):
    """The chapter's profile."""

    LIMITS: Mapping[str, int] = profile.LIMITS
    REQUIRED = profile.REQUIRED
    TRANSLATED = profile.TRANSLATED
    ORDER = ("name", "place", "country", "timezone", "about")

    name = StringField(N_("Name of the chapter"))
    place = StringField(N_("Town or part of town"))
    country = CountryField(N_("Country"))
    timezone = StringField(N_("Time zone"))
    about = TextAreaField(N_("About the chapter"))
    #: The profile as it was when the form was sent.
    former: Chapter

    @property
    def is_zone_clear(self) -> bool:
        """Whether the time zone may stand behind its name."""
        return not self.timezone.errors and self.timezone.data in zones_of(self.country.data or "")

    def profile(self) -> ProfileInput:
        """The profile for the node."""
        return ProfileInput(
            name=self.name.data or "",
            place=self.place.data or "",
            country=self.country.data or "",
            timezone=self._zone(),
            about=self.about.data or "",
            text_language=self.language(),
            translations=self.translations(),
        )

    def other_problems(self) -> dict[str, str]:
        """Problems of the country, of the time zone and of further languages."""
        try:
            profile.check_profile(self.profile())
        except InvalidInput as refused:
            return super().other_problems() | refused.problems
        return super().other_problems()

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        return str(_GIVE_COUNTRY) if name == "country" else super().words(name, code)

    def _zone(self) -> str:
        """The time zone that was typed. Where the country is another one and the zone was left as it was, or empty:
        the zone of the country, or of the town; nothing if neither says one.
        """
        typed, country = (self.timezone.data or "").strip(), self.country.data or ""
        is_left = typed in ("", self.former.timezone) and country != self.former.country
        return _zone_of(country, self.place.data or "") if is_left or not typed else typed


def profile_form(formdata: Any, former: Chapter) -> ProfileForm:
    """The form of the profile as it is now, or as it was typed."""
    names = (*ProfileForm.ORDER, "text_language")
    kept = {name: getattr(former, name) or "" for name in names} | texts_by_field(former.translations)
    form = in_languages(ProfileForm, formdata, former.translations)(formdata, data=kept)
    form.former = former
    return form


def _zone_of(country: str, place: str) -> str:
    zones = zones_of(country)
    if len(zones) == 1:
        return zones[0]
    found = lookup.resolve(place, country).place if zones else None
    return found.timezone if found and found.country == country else ""
