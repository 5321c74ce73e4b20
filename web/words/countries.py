"""The names of countries, in the reader's language."""

from babel import Locale

from node.places.countries import CALLED, COUNTRIES
from node.places.names import fold

from ..language import _, locale
from ..site import site

#: The countries that English has an article for.
_WITH_THE = "AE AX BQ BS CC CF CK DO FK FO GB GM IM IO KM KY MH MP MV NL PH PN PS SB SC TC TF UM US VG VI"


def in_country(code: str) -> str:
    """ "in Germany", "in the Netherlands"."""
    if code in _WITH_THE.split():
        return _("in the %(country)s", country=country_name(code))
    return _("in %(country)s", country=country_name(code))


def country_name(code: str) -> str:
    """The name for the two letters of a country; the letters themselves if they are none."""
    language: Locale = locale()
    return str(language.territories.get(code, code))


def country_order(code: str) -> tuple[bool, str, str]:
    """A sort key: this site's own country first, then all by their names."""
    return code != site().country, fold(country_name(code)), code


def countries_like(text: str) -> set[str]:
    """The codes of the countries that `text` names or begins to name, by the first word or, with four letters, by any
    other: "king". "UK" and "England" are the United Kingdom.
    """
    wanted = fold(text)
    names: Locale = locale()
    begins = f" {wanted}" if len(wanted) > 3 else f"  {wanted}"
    begun = {code for code, name in names.territories.items() if len(wanted) > 1 and begins in f"  {fold(str(name))}"}
    called = {code for word, code in CALLED.items() if word == wanted}
    return begun | called | ({wanted.upper()} if len(wanted) == 2 else set())


def country_names() -> list[str]:
    """The names of all countries, this site's own first."""
    return [country_name(code) for code in sorted(COUNTRIES, key=country_order)]


def country_code(text: str) -> str:
    """The two letters of the country that `text` names, in the reader's language or in English, or by which people call
    it: "UK". Nothing if there is none.
    """
    wanted, letters = fold(text), text.strip().upper()
    named = {fold(name): code for one in (Locale.parse("en"), locale()) for code, name in one.territories.items()}
    code = letters if letters in COUNTRIES else CALLED.get(wanted) or named.get(wanted, "")
    return code if code in COUNTRIES else ""
