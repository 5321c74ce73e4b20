"""What a lead typed into a form that an error stopped, so that it can be copied: nothing typed is lost."""

from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from . import security
from .forms.profile import ProfileForm
from .forms.run import RunForm
from .language import _

#: What is chosen and not typed, and what is not for eyes.
_NOT_TYPED = ("kind", "lead_id", "form_id")


@dataclass(frozen=True)
class SentText:
    """One field as it was sent."""

    name: str
    label: str
    text: str


def typed() -> list[SentText]:
    """The texts of a lead's form, as far as they can still be read. Never of any other form: that may be a sign-in."""
    if request.method != "POST" or security.audience() != "lead":
        return []
    try:
        sent = request.form
    except RequestEntityTooLarge:
        return []
    labels = _labels()
    return [SentText(name, labels[name], text) for name, text in sent.items() if text.strip() and name in labels]


def _labels() -> dict[str, str]:
    form = ProfileForm() if request.endpoint == "account.save_profile" else RunForm()
    fields = [field for field in form if field.name not in _NOT_TYPED]
    return {"note": _("A few words, if you like"), **{field.name: str(field.label.text) for field in fields}}
