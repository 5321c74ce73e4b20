"""What somebody typed into a form that an error stopped. The error's page shows it, so that it can be copied."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from ...http import security
from ...language import _
from ..base import KeptForm
from ..dates import PauseForm
from ..hq import ActForm, InviteForm, PersonForm
from ..languages import in_language
from ..mail import MailForm
from ..members.coming import ComingForm
from ..members.first_time import LetterForm, PhotoForm
from ..notices import NoticeForm
from ..profile import ProfileForm
from ..run import RunForm
from ..set_up import ChapterForm

#: The form of each view that has another one than that of a run. The form that moves a date has the run's fields.
_FORMS: dict[str, type[KeptForm]] = {
    "account.save_profile": ProfileForm,
    "coming.say": ComingForm,
    "first_time.write": LetterForm,
    "first_time.add_photo": PhotoForm,
    "private_link.change": ComingForm,
    "notices.add": NoticeForm,
    "mail_settings.save": MailForm,
    "pauses.pause": PauseForm,
    "setup.save_chapter": ChapterForm,
    "hq_chapters.do": ActForm,
    "hq_invitations.invite": InviteForm,
    "hq_people.add": PersonForm,
}
#: Fields that nobody types into.
_NOT_TYPED = ("RadioField", "SelectField", "BooleanField", "Checkboxes", "HiddenField", "FileField", "PasswordField")


@dataclass(frozen=True)
class SentText:
    """One text field as it was sent."""

    name: str
    label: str
    text: str


def sent_texts() -> list[SentText]:
    """The texts of the form of a lead, of HQ or of whoever comes, as far as they can still be read. Of no other form,
    which may be a sign-in.
    """
    if request.method != "POST" or security.audience() not in (*security.SIGNED_IN, "link"):
        return []
    try:
        sent = request.form
    except RequestEntityTooLarge:
        return []
    labels = _labels()
    labels |= {name: _label_in_language(name, labels) for name in sent if "-" in name}
    return [SentText(name, labels[name], text) for name, text in sent.items() if text.strip() and labels.get(name)]


def _label_in_language(name: str, labels: Mapping[str, str]) -> str:
    """The label of a text in a further language; empty for a field that is none."""
    field, _dash, tag = name.partition("-")
    return in_language(labels[field], tag) if field in labels else labels.get(name, "")


def _labels() -> dict[str, str]:
    form = _FORMS.get(request.endpoint or "", RunForm)()
    fields = [field for field in form if field.type not in _NOT_TYPED]
    return {"note": _("A note, if you like"), **{field.name: str(field.label.text) for field in fields}}
