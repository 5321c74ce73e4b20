"""The fields of further languages: each text that may be written in several has one more field for each of them.

Nothing of this needs JavaScript: a button brings the page back with everything as it was typed, and with new fields.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from babel.lists import format_list
from wtforms import BooleanField, SelectChoice, SelectField

from federation.documents import MAX_TRANSLATIONS
from federation.text import tidy
from node.input import translations
from node.input.translations import MOST, Translations, field_of

from ..language import N_, _, locale
from ..words.languages.names import NAMES, language_name
from .base import CHOOSE, KeptForm

#: The button that asks for another language, and the hidden fields that name those that the page has.
ADD, SHOWN = "add", "shown"
_LANGUAGES = [SelectChoice(tag, name) for tag, name in NAMES.items()]
_CHOOSE_FIRST = N_("Choose the language of the texts above. It can’t be one of those below.")


class LanguagesForm(KeptForm):
    """A form whose texts may be written in further languages. `TRANSLATED`: their fields. `TAGS`: the languages that it
    has fields for. `NEW`: what is wrong with the language that was asked for, as a code; None where none was.
    """

    NAMES: Mapping[str, str] = {"translations": "new_language"}
    TRANSLATED: tuple[str, ...] = ()
    TAGS: tuple[str, ...] = ()
    NEW: str | None = None

    text_language = SelectField(
        N_("Language of the texts above"), choices=[SelectChoice("", N_("Not specified")), *_LANGUAGES], default=""
    )
    new_language = SelectField(
        N_("Add a language"), choices=[SelectChoice("", N_("Choose a language")), *_LANGUAGES], default=""
    )
    still_fits = BooleanField(N_("The other languages still fit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.NEW:
            self.new_language.data = ""

    def is_adding(self) -> bool:
        """Whether the page comes back with the fields of another language, or says why not. Then nothing is kept."""
        if self.NEW:
            self.add_problems({"new_language": self.NEW})
        return self.NEW is not None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether everything can be kept, the further languages, too."""
        super().validate(extra_validators)
        # Last: of a list to choose from, every form says only that something is to be chosen.
        limits = {name: self.LIMITS[name] for name in self.TRANSLATED}
        self.add_problems(translations.check(self.language(), self.translations(), limits))
        return not self.errors

    def fields_in(self, tag: str) -> list[Any]:
        """The fields of one language."""
        return [self[field_of(name, tag)] for name in self.TRANSLATED]

    def languages_are_open(self) -> bool:
        """Whether the page shows them at once: there is another language, or something to change."""
        return bool(self.TAGS or self.text_language.errors or self.new_language.errors)

    def language(self) -> str | None:
        """The language of the texts themselves, for the node."""
        return self.text_language.data or None

    def translations(self) -> Translations:
        """The texts in further languages, for the node."""
        return {
            tag: {name: self[field_of(name, tag)].data or "" for name in self.TRANSLATED}
            for tag in self.TAGS
            if not self[_without(tag)].data
        }

    def other_problems(self) -> dict[str, str]:
        """Texts in other languages that may no longer say the same."""
        left = {} if self.still_fits.data or not self._left_behind() else {"still_fits": "left"}
        return super().other_problems() | left

    def _left_behind(self) -> list[tuple[str, str]]:
        """(field, language) of each text that is as it was, though the same text was changed in the first language."""
        every = [(name, tag) for name in self.TRANSLATED for tag in self.TAGS if not self[_without(tag)].data]
        return [
            (name, tag)
            for name, tag in every
            if _is_changed(self[name])
            and self[field_of(name, tag)].object_data
            and not _is_changed(self[field_of(name, tag)])
        ]

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if name == "still_fits":
            return self._left_words()
        special = {
            ("text_language", "required"): str(_CHOOSE_FIRST),
            ("text_language", "twice"): str(_CHOOSE_FIRST),
            ("new_language", "twice"): _("That language is here already."),
            ("new_language", "required"): str(CHOOSE),
            ("new_language", "too_many"): _("You can add up to %(most)s languages.", most=MAX_TRANSLATIONS),
            ("translations", "too_many"): _("You can add up to %(most)s languages.", most=MAX_TRANSLATIONS),
            ("translations", "too_long"): _(
                "All the added languages together can have up to %(most)s characters. Please shorten them.", most=MOST
            ),
            ("translations", "full"): _("Your list is full. Please shorten the added languages, or leave one out."),
        }
        return special.get((name, code)) or super().words(name, code)

    def _left_words(self) -> str:
        left = self._left_behind()
        changed = dict.fromkeys(str(self[name].label.text) for name, _tag in left)
        languages = dict.fromkeys(language_name(tag) for _name, tag in left)
        return _(
            "You’ve changed “%(fields)s”, but not in %(languages)s. Please change it there too, or tick this.",
            fields="”, “".join(changed),
            languages=format_list(list(languages), locale=locale()),
        )


F = TypeVar("F", bound=LanguagesForm)


def in_languages(form: type[F], formdata: Any, kept: Translations | None = None) -> type[F]:
    """`form` with the fields of the languages that are `kept`, and of those that were sent.

    The former, too: somebody may have added one since the page was drawn. It is shown, and not lost.
    """
    sent, new = ([], None) if formdata is None else _sent(formdata)
    tags = list(dict.fromkeys((*(kept or {}), *sent)))
    members: dict[str, Any] = {"TAGS": tuple(tags), "NEW": new, "LIMITS": dict(form.LIMITS)}
    for tag in tags:
        for name in form.TRANSLATED:
            unbound = getattr(form, name)
            members[field_of(name, tag)] = unbound.field_class(in_language(unbound.args[0], tag))
            members["LIMITS"][field_of(name, tag)] = form.LIMITS[name]
        members[_without(tag)] = BooleanField(_("Leave this language out"))
    return type(form.__name__, (form,), members)


def texts_by_field(kept: Translations | None) -> dict[str, str]:
    """The texts that are kept, by the names of their fields."""
    return {field_of(name, tag): text for tag, texts in (kept or {}).items() for name, text in texts.items()}


def in_language(label: object, tag: str) -> str:
    """The label of a field in a further language."""
    return f"{label} ({language_name(tag)})"


def _sent(formdata: Any) -> tuple[list[str], str | None]:
    """The languages of the form that was sent, one more than there may be at most; and what is wrong with a new one."""
    sent = [tag for tag in dict.fromkeys(formdata.getlist(SHOWN)) if tag in NAMES][: MAX_TRANSLATIONS + 1]
    new = formdata.get("new_language", "")
    if not new:
        return sent, "required" if ADD in formdata else None
    if new not in NAMES:
        return sent, "not_found"
    if new in (*sent, formdata.get("text_language")):
        return sent, "twice"
    if len(sent) >= MAX_TRANSLATIONS:
        return sent, "too_many"
    return [*sent, new], ""


def _without(tag: str) -> str:
    return f"without-{tag}"


def _is_changed(field: Any) -> bool:
    return tidy(field.data or "") != tidy(field.object_data or "")
