"""The forms of the chapter's profile, and of a lead's first name."""

from wtforms import RadioField, SelectChoice, StringField, TextAreaField

from node.chapter import profile
from node.chapter.profile import ProfileInput
from node.errors import InvalidInput

from ..language import N_, _
from .base import KeptForm


class MeForm(KeptForm):
    """Whether listings show the lead's first name."""

    public_name = RadioField(
        N_("My first name on the pages of my runs"),
        choices=[SelectChoice("yes", N_("Yes, show it")), SelectChoice("no", N_("No, leave it out"))],
    )


class ProfileForm(KeptForm):
    """The chapter's profile."""

    LIMITS, REQUIRED = profile.LIMITS, profile.REQUIRED

    name = StringField(N_("Name of the chapter"))
    place = StringField(N_("Town or part of town"))
    country = StringField(N_("Country, as two letters"))
    timezone = StringField(N_("Time zone"))
    about = TextAreaField(N_("About the chapter"))

    def profile(self) -> ProfileInput:
        """The profile for the node."""
        return ProfileInput(
            name=self.name.data or "",
            place=self.place.data or "",
            country=(self.country.data or "").strip().upper(),
            timezone=(self.timezone.data or "").strip(),
            about=self.about.data or "",
        )

    def other_problems(self) -> dict[str, str]:
        """Problems of the country and of the time zone."""
        try:
            profile.check_profile(self.profile())
        except InvalidInput as refused:
            return refused.problems
        return {}

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if name == "country":
            return _("Enter the two letters of a country, for example GB, IE or AU.")
        return super().words(name, code)
