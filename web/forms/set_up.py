"""The forms of the guided set-up."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Self

from flask import request
from wtforms import HiddenField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Optional

from federation.errors import Malformed
from federation.invitation import Invitation, is_of_a_later_program, read_invitation
from federation.keys import SigningKey
from node.chapter import profile
from node.chapter.profile import ProfileInput
from node.errors import InvalidInput
from node.input import paper_key
from node.places import lookup
from node.places.gazetteer import Place

from ..context import settings
from ..language import N_, _, country_of
from ..words.texts import isolated
from .base import KeptForm
from .profile import CountryField

#: Letters of a group of a key for backups, and how many parts of a key on paper are asked for.
GROUP, ASKED = 4, 2
_PREFIX = "AGE-SECRET-KEY-1"


class ChapterForm(KeptForm):
    """The chapter's town: as it is typed, then as it is chosen among the places of that name."""

    LIMITS: Mapping[str, int] = {name: profile.LIMITS[name] for name in ("place", "name")}
    REQUIRED = frozenset({"place"})
    ORDER = ("place", "town", "country", "timezone", "name")

    place = StringField(N_("Your town, or your part of a city"))
    #: The places that may be meant, by their numbers in the gazetteer.
    town = RadioField(N_("Which one is it?"), choices=[], validate_choice=False)
    country = CountryField(N_("Country"), [Optional()])
    timezone = StringField(N_("Time zone"))
    name = StringField(N_("Name of the chapter"))
    #: What was typed when the places of `town` were offered.
    asked = HiddenField()
    #: The place that was chosen; the name that was read in place of the one that was typed.
    chosen: Place | None = None
    corrected = ""
    #: Whether no place of that name is known. Then its country and its time zone are asked for.
    is_unknown = False
    #: Whether the page asked already which place is meant, and nobody chose one.
    is_left_open = False

    @property
    def is_zone_clear(self) -> bool:
        """Whether the time zone may stand behind its name."""
        return False

    def offer_places(self) -> None:
        """Offer the places that may be meant, the likeliest first. A place counts that was chosen for what is typed.

        Of several none is chosen beforehand: a browser's language is a guess, and every time of a run follows from it.
        """
        typed = (self.place.data or "").strip()
        found = lookup.resolve(typed, country_of(request.headers.get("Accept-Language", ""))) if typed else None
        offered = {str(one.id): one for one in found.every if one.id and one.timezone} if found else {}
        if self.asked.data == typed:
            self.chosen = offered.get(self.town.data or "")
            self.is_left_open = bool(offered) and self.chosen is None
        if self.chosen is None:
            self.town.data = next(iter(offered)) if len(offered) == 1 else None
        self.town.choices = [SelectChoice(number, isolated(one.label)) for number, one in offered.items()]
        self.is_unknown = bool(typed) and not offered
        self.corrected = found.corrected if found else ""
        self.asked.process_data(typed)

    def other_problems(self) -> dict[str, str]:
        """Problems of a town that we do not know, or that nobody chose."""
        if not self.is_unknown:
            return {"town": "not_found"} if self.is_left_open else {}
        try:
            profile.check_profile(self.profile())
        except InvalidInput as refused:
            return {name: code for name, code in refused.problems.items() if not self[name].errors}
        return {}

    def words(self, name: str, code: str) -> str:
        """What to change in the field `name`, for the node's `code`."""
        if code == "unknown_country":
            return _("We don’t know your town. Which country is it in?")
        return super().words(name, code)

    def profile(self) -> ProfileInput:
        """The chapter as it is to be founded."""
        typed, one = (self.place.data or "").strip(), self.chosen
        where = one.name if one else typed
        country = one.country if one else self.country.data or ""
        zone = one.timezone if one else (self.timezone.data or "").strip()
        return ProfileInput((self.name.data or "").strip() or where, where, country, zone)


class PaperForm(KeptForm):
    """A key that is on paper, and two parts of it, read from there. The key is kept in the page alone.

    `LETTERS`: how many the key has. `PARTS`: how many whole parts. `IN_LINES`: whether a part is a line, not a group in
    one. `CALLED`: what a part is called, by its number. `SPLIT`: gives the parts of a key; raises Malformed for what is
    no key. `SIZE`: of the field for a part. `READ_AS`: signs that no key has, and those that they are taken for.
    """

    LETTERS: int
    PARTS: int
    IN_LINES: bool
    CALLED: Callable[[int], str]
    SPLIT: Callable[[str], list[str]]
    SIZE: str
    READ_AS: Mapping[str, str]

    key = HiddenField()
    #: The numbers of the parts that are asked for, as in "3-12".
    numbers = HiddenField()
    first = StringField()
    second = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name_parts()

    @property
    def parts(self) -> list[str]:
        """The key as it is on paper. Raises Malformed."""
        return self.SPLIT(self.key.data or "")

    @property
    def asked(self) -> list[int]:
        """The numbers of the parts that are asked for, from 1 on."""
        found = [int(one) for one in (self.numbers.data or "").split("-") if one.isdecimal()]
        return found if len(found) == ASKED and all(1 <= one <= self.PARTS for one in found) else [1, self.PARTS]

    def asking(self, new: str) -> Self:
        """The form with the key of the page before, or with a `new` one; and with two parts to ask for."""
        if len(self.key.data or "") != self.LETTERS:
            self.key.process_data(new)
        first, second = sorted(secrets.SystemRandom().sample(range(1, self.PARTS + 1), ASKED))
        self.numbers.process_data(f"{first}-{second}")
        for field in (self.first, self.second):
            field.process_data("")
        self._name_parts()
        return self

    def other_problems(self) -> dict[str, str]:
        """A part that is not the one on the paper."""
        typed, parts = zip(("first", "second"), self.asked, strict=True), self.parts
        return {name: "wrong" for name, number in typed if self._read(self[name].data) != self._read(parts[number - 1])}

    def words(self, name: str, code: str) -> str:
        """What to do about a part that is another one."""
        if code == "wrong":
            return _("That’s not what we showed. Please compare it with your paper, or look at the key again.")
        return super().words(name, code)

    def _name_parts(self) -> None:
        for field, number in zip((self.first, self.second), self.asked, strict=True):
            field.label.text = self.CALLED(number)

    def _read(self, typed: str | None) -> str:
        """A part as it was typed: neither capitals nor spaces matter."""
        return "".join(self.READ_AS.get(one, one) for one in (typed or "").upper() if not one.isspace())


def _lines(key: str) -> list[str]:
    """A root key's lines, each with its check."""
    return paper_key.lines_of(SigningKey(key))


def _groups(key: str) -> list[str]:
    """A key for backups without its prefix, in groups. The last one is shorter."""
    body = key[len(_PREFIX) :]
    return [body[at : at + GROUP] for at in range(0, len(body), GROUP)]


def _line_words(number: int) -> str:
    return _("Line %(number)s", number=number)


def _group_words(number: int) -> str:
    return _("Group %(number)s", number=number)


class RootKeyForm(PaperForm):
    """The chapter's root key, in the lines by which `rtr root` asks for it."""

    LETTERS, PARTS = 64, paper_key.LINES
    CALLED = staticmethod(_line_words)
    IN_LINES, SIZE = True, "26"
    SPLIT = staticmethod(_lines)
    READ_AS: Mapping[str, str] = {"O": "0", "I": "1", "L": "1"}


class BackupKeyForm(PaperForm):
    """The secret half of the key for backups."""

    PREFIX = _PREFIX
    LETTERS, PARTS = 74, (74 - len(_PREFIX)) // GROUP
    CALLED = staticmethod(_group_words)
    IN_LINES, SIZE = False, "6"
    SPLIT = staticmethod(_groups)
    READ_AS: Mapping[str, str] = {"O": "0", "I": "L", "1": "L"}

    #: The public half that was kept when this key was made; nothing for none.
    seen = HiddenField()


class InvitationForm(KeptForm):
    """HQ's invitation, as it came in a letter or a chat: line breaks in it do not matter."""

    invitation = TextAreaField(N_("HQ’s invitation"))

    def other_problems(self) -> dict[str, str]:
        """An invitation that cannot be read."""
        if not self._typed():
            return {"invitation": "required"}
        try:
            self.read()
        except Malformed:
            return {"invitation": "later" if is_of_a_later_program(self._typed()) else "cut"}
        return {}

    def read(self) -> Invitation:
        """What the invitation says. Raises Malformed."""
        return read_invitation(self._typed())

    def words(self, name: str, code: str) -> str:
        """What is in the way, and the way out."""
        return {
            "required": _("Paste the invitation here. It begins with “rtr1.”"),
            "cut": _("This isn’t a whole invitation. It begins with “rtr1.” and is one long line: copy all of it."),
            "later": _("This invitation is for a newer version of this program. Upgrade this server first."),
            "unseen": _(
                "Nothing answers at %(address)s yet, so HQ can’t see this site. Check that the name leads to this "
                "server and that ports 80 and 443 are open, then try again.",
                address=settings().base_url,
            ),
            "another": _(
                "Something else answers at %(address)s. Check where the name leads, then try again.",
                address=settings().base_url,
            ),
            "moved": _(
                "This invitation names another address of HQ than the one you joined. Ask HQ in person whether they’ve "
                "moved."
            ),
            "silent": _("HQ doesn’t answer at the moment. Nothing is lost: try again in a few minutes."),
            "refused": _(
                "HQ didn’t accept this invitation. It might have been used or taken back, or be over 14 days old. Ask "
                "HQ for a new one."
            ),
        }.get(code) or super().words(name, code)

    def _typed(self) -> str:
        return "".join((self.invitation.data or "").split())
