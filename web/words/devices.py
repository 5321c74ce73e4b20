"""A phone in words, so that a lead knows which phone to sign out."""

from ..language import _

#: Part of a User-Agent, and the word for it. The first that is found counts: many User-Agents name others, too.
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


def device_words(user_agent: str) -> str:
    """The machine and the browser, such as "iPhone, Safari"."""
    machine = next((words for mark, words in _MACHINES if mark in user_agent), None)
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), None)
    return ", ".join(part for part in (machine, browser) if part) or _("A device we don’t know")
