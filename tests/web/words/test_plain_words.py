"""No page and no letter of runners and leads has a word that only its programmers know."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

WEB = Path(__file__).parents[3] / "web"
OURS = re.compile(r"\b(nodes?|listings?|holds?|held|holding|stands?|standing|sessions?|tokens?)\b", re.IGNORECASE)
#: HQ's people read their own pages.
FOR_HQ = ("hq/", "templates/hq/", "words/hq.py")
#: A finger on a map.
MEANT = "press and hold"


def texts_of_readers_and_leads() -> list[tuple[str, str]]:
    """Every text that is translated, with its file: all that a page or a letter says."""
    methods = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
    keywords: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2), "gettext": None}
    found = []
    for file, _, message, _, _ in extract_from_dir(WEB, methods, keywords=keywords):
        if not str(file).startswith(FOR_HQ):
            found += [(str(file), text) for text in (message if isinstance(message, tuple) else (message,))]
    return found


def test_runners_and_leads_read_no_word_of_programmers() -> None:
    texts = texts_of_readers_and_leads()
    assert len(texts) > 500
    assert [(file, text) for file, text in texts if OURS.search(text.lower().replace(MEANT, ""))] == []
