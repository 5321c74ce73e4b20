"""A phone in plain words, so that a lead knows which one to sign out."""

from ..language import _

#: The first that is named in the User-Agent counts: many name others, too.
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
    """Such as "iPhone, Safari"."""
    machine = next((words for mark, words in _MACHINES if mark in user_agent), None)
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), None)
    return ", ".join(part for part in (machine, browser) if part) or _("A device we do not know")
