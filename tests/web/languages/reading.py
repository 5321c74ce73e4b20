"""What of a page is words of this program: not what people wrote, and not what only programs read."""

import re
from html.parser import HTMLParser

from web.words.languages.names import NAMES

from .pseudo import without_ours

#: Elements whose words people wrote, or nobody reads.
_APART = frozenset({"script", "style", "bdi", "textarea", "code", "q"})
_VOID = frozenset({"br", "img", "input", "meta", "link", "hr", "path", "circle", "rect"})
#: Attributes that are shown, or read aloud.
_SHOWN = ("alt", "title", "aria-label", "placeholder")
#: What stands for itself in each language: addresses, and names that belong to others.
_SAME = re.compile(
    r"https?://\S+|\S+@\S+|[\w.-]+\.(?:org|com|uk|au|ie)\b\S*|127\.0\.0\.1\S*|Run Talk Run[^,.·⟦]*"
    r"|English \((?:UK|US)\)|GeoNames|CC BY 4\.0|OpenStreetMap|Natural Earth|rtr [a-z]+|zipcodes|QR"
)
#: Words that people wrote, as the program marks them off (Unicode's isolates).
_ISOLATED = re.compile("\u2068[^\u2069]*\u2069")
#: Languages by their own names, in a list to choose from.
_LANGUAGES = frozenset({*NAMES.values(), *(f"({name})" for name in NAMES.values())})
_LATIN = re.compile(r"[A-Za-z]{2,}")


def _is_written(tag: str, values: dict[str, str]) -> bool:
    """Whether people wrote what is in an element, as far as its attributes say so."""
    return (
        "own" in values.get("class", "").split()
        or (tag == "span" and values.get("dir") == "auto")
        or ("lang" in values and tag != "html")
    )


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: text or "" for name, text in attrs}
        self.found += [values[name] for name in _SHOWN if name in values]
        if tag == "meta" and (values.get("name") == "description" or values.get("property", "").startswith("og:title")):
            self.found.append(values["content"])
        if tag not in _VOID:
            self._open.append((tag, tag in _APART or _is_written(tag, values)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(is_apart for _, is_apart in self._open):
            self.found.append(data)


def words_in_no_catalogue(html: str) -> list[str]:
    """The words of a page that came from no catalogue, and that nobody wrote."""
    read = _Words()
    read.feed(html)
    return stray("\n".join(read.found))


def stray(text: str) -> list[str]:
    """The same of a plain text."""
    left = _SAME.sub(" ", _ISOLATED.sub(" ", without_ours(text)))
    lines = [line.strip() for line in left.splitlines()]
    return [line[:80] for line in lines if _LATIN.search(line) and line not in _LANGUAGES]
