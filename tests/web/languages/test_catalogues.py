"""Each catalogue holds texts that there are, with the same values. American English leaves nothing British."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import web
from web.language import DEFAULT, LANGUAGES

ROOT = Path(web.__file__).parents[1]
TRANSLATIONS = ROOT / "web/translations"
TRANSLATED = [code for code in LANGUAGES if code != DEFAULT]
VALUE = re.compile(r"%\(\w+\)[sd]")
#: Words and spellings of British English, and what nobody in the USA says. Proper names keep theirs.
BRITISH = re.compile(
    r"\b(?:cancelled|cancelling|travell\w+|misspelt|learnt|licen[c]es?|\w*colour\w*|\w*neighbour\w*|favourite\w*|centres?"
    r"|(?:kilo)?metres?|organis\w+|recognis\w+|apologis\w+|realis\w+|programmes?|grey|whilst|fortnight\w*|postcodes?"
    r"|toilets?|pushchairs?|car parks?|pavements?|kerbs?|roadworks|mobiles?|bank holidays?|public transport|rotas?"
    r"|back-markers?|set(?:ting)? off|carry on|turn up|ring (?:the|them|another|their|each)|afterwards|towards|ill"
    r"|lifts?|assistance dogs?|[0-9]{1,2} (?:June|December))\b",
    re.IGNORECASE,
)
NAMES = re.compile(r"Open Government Licence|Postcodes of Great Britain|ONS Postcode Directory")


@cache
def texts() -> dict[str, tuple[str, ...]]:
    """Every text of ours, as `make messages` finds them: each with its plural, if it has one."""
    with (TRANSLATIONS / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config, "babel.cfg")
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found: dict[str, tuple[str, ...]] = {}
    for folder in ("web", "node/data"):
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, methods, options, keywords=keywords):
            whole = message if isinstance(message, tuple) else (message,)
            found[whole[0]] = max(found.get(whole[0], ()), whole, key=len)
    return found


def catalogue(code: str) -> Catalog:
    with (TRANSLATIONS / code / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def test_translators_get_every_text_that_the_program_asks_for() -> None:
    """pybabel does not look into f-strings: a text in one of these was in no catalogue."""
    every = {one for whole in texts().values() for one in whole}
    nodes = (node for path in (ROOT / "web").rglob("*.py") for node in ast.walk(ast.parse(path.read_text())))
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    given = [one for call in calls if call.func.id in ("_", "N_", "ngettext") for one in call.args]
    asked = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    assert len(asked) > 500
    assert [one for one in asked if one not in every] == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_has_no_text_that_is_gone_and_no_empty_or_doubtful_one(code: str) -> None:
    read = catalogue(code)
    every = {one for whole in texts().values() for one in whole}
    assert len(texts()) > 1000
    entries = [one for one in read if one.id]
    assert [one.id for one in entries if not {one.id if isinstance(one.id, str) else one.id[0]} <= every] == []
    assert [one.id for one in entries if one.fuzzy or not (one.string and all(one.string))] == []
    assert not read.obsolete


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_fills_in_the_same_values(code: str) -> None:
    for one in catalogue(code):
        if isinstance(one.id, str) and one.id:
            assert sorted(VALUE.findall(one.id)) == sorted(VALUE.findall(one.string)), one.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_language_other_than_english_has_every_text(code: str) -> None:
    if code.startswith("en_"):
        return
    have = {one.id if isinstance(one.id, str) else one.id[0] for one in catalogue(code) if one.id}
    assert sorted(set(texts()) - have) == []


def test_american_english_leaves_nothing_british() -> None:
    said = {one.id: one.string for one in catalogue("en_US") if one.id}
    american = [said.get(whole[0] if len(whole) == 1 else whole, whole) for whole in texts().values()]
    flat = [one for each in american for one in (each if isinstance(each, tuple) else (each,))]
    assert [one for one in flat if BRITISH.search(NAMES.sub("", VALUE.sub("", one)))] == []
    assert [one for one in said if one == said[one]] == []
