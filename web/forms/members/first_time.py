"""The forms of the letter to whoever comes for the first time, and of a photo of the place."""

from collections.abc import Mapping

from wtforms import FileField, StringField, TextAreaField

from node.members import first_time

from ...language import N_, _
from ..base import KeptForm, problem_words


class LetterForm(KeptForm):
    """The letter."""

    LIMITS: Mapping[str, int] = {"letter": first_time.LIMITS["words"]}
    NAMES: Mapping[str, str] = {"words": "letter"}

    letter = TextAreaField(N_("Your note"))


class PhotoForm(KeptForm):
    """One photo, and what is on it."""

    LIMITS: Mapping[str, int] = {"shows": first_time.LIMITS["shows"]}
    REQUIRED = frozenset({"shows"})

    photo = FileField(N_("A photo of the place"))
    shows = StringField(N_("What it shows"))

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        of_photo = {
            "required": _("Please choose a photo."),
            "too_long": _("This photo is too large. It can be up to 12 MB."),
            "too_many": _("There are already four photos. Remove one first."),
            "range": _("This photo has too many pixels. Please use a smaller one."),
            "unreadable": _("We couldn’t read this as a photo. Please use a JPEG, PNG or WebP."),
        }
        if name == "photo":
            return of_photo.get(code, _("We can’t save this as it is."))
        return problem_words(name, code, self.LIMITS.get(name, 0), typed=self[name].data)
