"""No page and no letter has a word that only its programmers know, or that a native reader would not use."""

import re
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from node import help_lines

WEB = Path(__file__).parents[3] / "web"
OURS = re.compile(r"\b(nodes?|listings?|holds?|held|holding|stands?|standing|sessions?|tokens?)\b", re.IGNORECASE)
#: HQ's people know what a listing is. "Stand" is what they must not let happen to anybody.
FOR_HQ = ("hq/", "templates/hq/", "words/hq.py", "forms/hq.py")
#: A finger on a map.
MEANT = "press and hold"
#: One word a thing (web/DESIGN.md, "Glossary"): what no text says, and what it says in its place.
INSTEAD = {
    r"(some|any|every)body": "someone, anyone, everyone",
    r"nobody": "no one",
    r"such as": "for example",
    r"may(?! \d)": "can for what is allowed, might for what is possible",
    r"whom|whoever": "who, anyone who, people who",
    r"e-mails?|(?<!two )letters?(?! and digits)": "email",
    r"promis(e|es|ed)": "confirm, confirmed",
    r"eras(e|es|ed)": "delete, deleted",
    r"withdr(aw|awn|ew)": "end a run; not coming any more",
    r"pausing": "on a break; a lead's act is to pause",
    r"coming dates?": "upcoming dates",
    r"meanwhile": "just",
    r"(do|does|did|is|are|was|were|has|have|had|could|would|should|can) ?not": "don’t, isn’t, can’t",
    r"perhaps": "might",
    r"please give": "enter",
    r"at present": "at the moment",
}


@lru_cache
def every_text() -> tuple[tuple[str, str], ...]:
    """Every text that is translated, with its file: all that a page or a letter says."""
    methods = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
    keywords: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2), "gettext": None}
    found = [
        (str(file), text)
        for file, _, message, _, _ in extract_from_dir(WEB, methods, keywords=keywords)
        for text in (message if isinstance(message, tuple) else (message,))
    ]
    lines = [line for country in help_lines.countries() for line in country.every_line]
    return (*found, *(("node/data/help_lines.json", line.note) for line in lines if line.note))


def test_runners_and_leads_read_no_word_of_programmers() -> None:
    texts = [(file, text) for file, text in every_text() if not file.startswith(FOR_HQ)]
    assert len(texts) > 500
    assert [(file, text) for file, text in texts if OURS.search(text.lower().replace(MEANT, ""))] == []


@pytest.mark.parametrize("word", INSTEAD)
def test_every_text_says_the_glossarys_word(word: str) -> None:
    wanted = re.compile(rf"\b(?:{word})\b", re.IGNORECASE)
    bare = [(file, re.sub(r"%\(\w+\)\w|\bMay\b", "", text)) for file, text in every_text()]
    assert [(file, text) for file, text in bare if wanted.search(text)] == [], INSTEAD[word]
