"""The forms of a page as a browser has them: what each sends, and where to."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_TYPED = ("text", "search", "number", "date", "time", "email", "tel", "url", "")


@dataclass
class PageForm:
    """One form. `typed`: names of fields that people type into; `chosen`: what is sent if nothing is touched."""

    method: str
    action: str | None
    is_checked_here: bool
    attributes: dict[str, str | None]
    typed: list[str] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)

    def filled(self, nonsense: str) -> dict[str, str]:
        """What is sent once everything that can be typed is nonsense."""
        return {**self.chosen, **dict.fromkeys(self.typed, nonsense)}


def forms_of(page: str) -> list[PageForm]:
    """Every form of a page, in its order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            method = (said.get("method") or "get").upper()
            self._form = PageForm(method, said.get("action"), "novalidate" not in said, said)
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, said, self._form)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def _control(self, tag: str, said: dict[str, str | None], form: PageForm) -> None:
        name, kind = said.get("name") or "", said.get("type") or ""
        if tag == "select":
            self._select = name
            form.chosen.setdefault(name, "")
        elif tag == "option" and "selected" in said:
            form.chosen[self._select] = said.get("value") or ""
        elif tag == "textarea" or (tag == "input" and kind in _TYPED):
            if name and "readonly" not in said:
                form.typed.append(name)
        elif tag == "input" and (kind == "hidden" or (kind in ("radio", "checkbox") and "checked" in said)):
            form.chosen[name] = said.get("value") or ""
