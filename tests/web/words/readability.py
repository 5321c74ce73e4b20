"""How hard a page is to read: its sentences, and their grade by SMOG (McLaughlin, 1969)."""

import re
from collections.abc import Collection, Iterable, Mapping
from html.parser import HTMLParser

import textstat

#: Elements that begin a line of their own.
_BLOCKS = frozenset(
    {"p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "label", "legend", "button", "summary", "div", "section", "figure"}
    | {"ul", "ol", "dl", "form", "br", "td", "th", "figcaption", "article", "details", "header", "footer"}
)
#: What is written by people or read by machines, or names a thing: no sentence of ours.
_APART = frozenset({"script", "style", "title", "q", "textarea", "select", "code", "svg", "bdi", "nav"})
_VOID = frozenset({"br", "img", "input", "meta", "link", "hr"})
_END = re.compile(r"(?<=[.!?:…])[\s”]+")


class _Lines(HTMLParser):
    """The lines of a page, as a reader sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.lines.append("")
        if tag not in _VOID:
            classes = (dict(attrs).get("class") or "").split()
            self._open.append((tag, tag in _APART or "own" in classes))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not any(is_apart for _, is_apart in self._open):
            self.lines[-1] += data


def sentences_of(page: str) -> list[str]:
    """The sentences of a page, in order, each once. Headings, labels and lists of names have no full stop: they are no
    sentences, and would make a page look easier than it is.
    """
    lines = _Lines()
    lines.feed(page)
    tidy = (re.sub(r"\s+", " ", line).strip() for line in lines.lines)
    found = (one.strip() for line in tidy for one in _END.split(line))
    return list(dict.fromkeys(one for one in found if one.endswith((".", "!", "?", ":"))))


def grade(sentences: Iterable[str]) -> float:
    """SMOG: the years at school that a reader needs. It counts the words of three syllables or more in a sentence."""
    whole = list(sentences)
    hard = sum(int(textstat.polysyllabcount(one)) for one in whole)
    return float(1.043 * (30 * hard / len(whole)) ** 0.5 + 3.1291) if whole else 0.0


def table(sentences: Mapping[str, Collection[str]]) -> str:
    """A line for each page: its grade, how many sentences it has, and its name, the hardest first."""
    rows = sorted(((grade(said), len(said), name) for name, said in sentences.items()), reverse=True)
    return "\n".join(
        ["", "SMOG  sentences  page", *(f"{years:4.1f}  {count:9d}  {name}" for years, count, name in rows)]
    )


def hard_words(sentence: str) -> list[str]:
    """The words that make a sentence hard."""
    return [word for word in re.findall(r"[\w’'-]+", sentence) if textstat.polysyllabcount(word)]
