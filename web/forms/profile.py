"""How the chapter presents itself."""

from wtforms import RadioField, SelectChoice, StringField, TextAreaField

from node.chapter import profile
from node.chapter.profile import ProfileInput
from node.errors import InvalidInput

from ..language import N_, _
from .base import KeptForm


class MeForm(KeptForm):
    """A lead's own yes or no to the first name in listings."""

    public_name = RadioField(
        N_("My first name on the pages of my runs"),
        choices=[SelectChoice("yes", N_("Yes, show it")), SelectChoice("no", N_("No, leave it out"))],
    )


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

    def other_problems(self) -> dict[str, str]:
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
