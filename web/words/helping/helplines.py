"""Help lines in words."""

from babel.lists import format_list

from node import help_lines
from node.help_lines import Country, HelpLine, Part

from ...context import now
from ...language import _, locale
from ...site import address, plain, site
from ..times import long_day


def line_words(line: HelpLine) -> str:
    """A help line in a sentence: "116 123", "Text SHOUT to 85258". A bare number is one to call."""
    return line.number if line.how == "call" else call_words(line)


def call_words(line: HelpLine) -> str:
    """A help line as its button says it, with the verb first: "Call 116 123"."""
    if line.how == "chat":
        return _("Chat at %(address)s", address=line.number)
    if line.how == "call":
        return _("Call %(number)s", number=line.number)
    if line.text:
        return _("Text %(word)s to %(number)s", word=line.text, number=line.number)
    return _("Text %(number)s", number=line.number)


def help_page(country: str = "") -> str:
    """The page of help lines: those of `country`, or of the country that the reader is taken to be in."""
    return address("home.help_page", country=country) if country else address("home.help_page")


def listening_words(country: str = "") -> str:
    """Who listens in `country`, or else in this site's, or the page of help lines: for paper, on which nothing can be
    tapped.
    """
    line = help_lines.listener(country or site().country)
    return f"{_(line.name)}, {line_words(line)}" if line else site().address + plain(help_page(country))


def part_words(part: Part) -> str:
    """The parts of a country that have the same lines: "England and Wales"."""
    return str(format_list([_(name) for name in part.names], locale=locale()))


def numbers_checked_words(here: Country) -> str:
    """Whether a person has lately checked the lines of a country, said once for all of them."""
    today = now().date()
    unchecked = here.unchecked(today)
    if len(unchecked) == len(here.every_line):
        return _("We haven’t checked these numbers ourselves yet.")
    if unchecked:
        names = list(dict.fromkeys(_(line.name) for line in unchecked))
        return _(
            "We haven’t checked these numbers ourselves yet: %(names)s.", names=format_list(names, locale=locale())
        )
    oldest = min(line.verified_on for line in here.every_line if line.verified_on)
    return _("We last checked these numbers on %(day)s.", day=long_day(oldest, today))
