"""The forms by which anybody writes to the people of this site, and the one by which leads answer."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, StringField, TextAreaField

from node.inbox import answers, messages
from node.inbox.messages import Kind, Written
from node.input import email

from ..context import settings
from ..language import N_, _, locale
from .base import KeptForm, new_form_id, problem_words


class MessageForm(KeptForm):
    """A message of one kind. What is typed may name people and numbers, since nothing of it is public."""

    KIND: Kind
    #: The node's name of the text is that of a method of KeptForm.
    NAMES: Mapping[str, str] = {"words": "text"}
    EMPTY: object

    form_id = HiddenField()
    email = StringField(N_("Your email, if you’d like an answer there"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text.flags.maxlength, self.email.flags.maxlength = messages.LIMITS[self.KIND], email.LONGEST

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the message can be kept."""
        super().validate(extra_validators)
        self.add_problems(messages.check(self.written()))
        return not self.errors

    def written(self, run_id: str | None = None) -> Written:
        """The message for the node. `run_id`: the run that a report is about."""
        can_mail = settings().has_mail or self.KIND == "wish"
        can_help = bool(self.can_help.data) if "can_help" in self else False
        address = (self.email.data or "") if can_mail else ""
        return Written(self.KIND, self.text.data or "", address, run_id, can_help, str(locale()))

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if code == "email":
            return _("Enter an email address, for example sam@example.org.")
        if code == "too_many":
            return _("So many messages are waiting that we can’t take any more right now. Please try again tomorrow.")
        return str(self.EMPTY) if code == "required" else problem_words(name, code, messages.LIMITS[self.KIND])


class QuestionForm(MessageForm):
    """A question to the leads of a chapter."""

    KIND, EMPTY = "question", N_("Please write your question.")
    ORDER = ("text", "email")

    text = TextAreaField(N_("Your question"))


class ReportForm(MessageForm):
    """What is out of date about a run."""

    KIND, EMPTY = "report", N_("Please say what’s out of date.")
    ORDER = ("text", "email")

    text = TextAreaField(N_("What’s out of date?"))


class WishForm(MessageForm):
    """A wish for a run at a place."""

    KIND, EMPTY = "wish", N_("Please say where: a town, or part of one.")
    ORDER = ("text", "can_help", "email")

    text = StringField(N_("Town, or part of town"))
    can_help = BooleanField(N_("I could help to start it"))
    email = StringField(N_("Your email, if we can write to you about it"))


class AnswerForm(KeptForm):
    """A lead's answer."""

    NAMES: Mapping[str, str] = {"words": "text"}

    outcome = RadioField(
        N_("What did you find?"),
        choices=[
            SelectChoice("mended", N_("It was out of date, and I’ve put it right")),
            SelectChoice("right", N_("It’s right as it is")),
            SelectChoice("", N_("Something else: see my answer")),
        ],
        default="",
    )
    text = TextAreaField(N_("Your answer"))
    #: question or report.
    kind = "question"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text.flags.maxlength = answers.LIMIT

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the answer can be kept. It may name people and numbers: its reader alone sees it."""
        super().validate(extra_validators)
        self.outcome.errors = ()
        self.add_problems(answers.check(self.kind, self.text.data or "", self.outcome.data or ""))
        return not self.errors

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        return _("Please write an answer.") if code == "required" else problem_words(name, code, answers.LIMIT)


def new(form: type[MessageForm], **values: Any) -> MessageForm:
    """An empty form, or one that the address fills. With its id a double tap is one message."""
    return form(data={"form_id": new_form_id(), **values})
