"""What a lead typed into a form that an error stopped, so that it can be copied: nothing typed is lost."""

from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from ..http import security
from ..language import _
from .base import KeptForm
from .dates import PauseForm
from .hq import ActForm, InviteForm, PersonForm
from .profile import ProfileForm
from .run import RunForm

#: Other forms than that of a run; the one that moves a date has its fields.
_FORMS: dict[str, type[KeptForm]] = {
    "account.save_profile": ProfileForm,
    "pauses.pause": PauseForm,
    "hq_chapters.do": ActForm,
    "hq_invitations.invite": InviteForm,
    "hq_people.add": PersonForm,
}
#: What is chosen and not typed, and what is not for eyes.
_NOT_TYPED = ("RadioField", "SelectField", "BooleanField", "Checkboxes", "HiddenField")


@dataclass(frozen=True)
class SentText:
    """One field as it was sent."""

    name: str
    label: str
    text: str


def sent_texts() -> list[SentText]:
    """The texts of a lead's form or HQ's, as far as they can still be read; of no other: that may be a sign-in."""
    if request.method != "POST" or security.audience() not in security.SIGNED_IN:
        return []
    try:
        sent = request.form
    except RequestEntityTooLarge:
        return []
    labels = _labels()
    return [SentText(name, labels[name], text) for name, text in sent.items() if text.strip() and name in labels]


def _labels() -> dict[str, str]:
    form = _FORMS.get(request.endpoint or "", RunForm)()
    fields = [field for field in form if field.type not in _NOT_TYPED]
    return {"note": _("A few words, if you like"), **{field.name: str(field.label.text) for field in fields}}
