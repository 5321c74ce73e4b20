"""The forms of a page as a browser reads them: what each sends, and to which address."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_TYPED = ("text", "search", "number", "date", "time", "email", "tel", "url", "")


@dataclass
class PageForm:
    """One form. `typed`: the names of text fields. `chosen`: what is sent if a person changes nothing."""

    method: str
    action: str | None
    is_checked_here: bool
    attributes: dict[str, str | None]
    typed: list[str] = field(default_factory=list)
    chosen: dict[str, str] = field(default_factory=dict)

    def filled(self, nonsense: str) -> dict[str, str]:
        """What is sent if every text field has this nonsense in it."""
        return {**self.chosen, **dict.fromkeys(self.typed, nonsense)}


def forms_of(page: str) -> list[PageForm]:
    """Every form of a page, in order."""
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
        attributes = dict(attrs)
        if tag == "form":
            method = (attributes.get("method") or "get").upper()
            self._form = PageForm(method, attributes.get("action"), "novalidate" not in attributes, attributes)
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, attributes, self._form)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def _control(self, tag: str, attributes: dict[str, str | None], form: PageForm) -> None:
        name, kind = attributes.get("name") or "", attributes.get("type") or ""
        if tag == "select":
            self._select = name
            form.chosen.setdefault(name, "")
        elif tag == "option" and "selected" in attributes:
            form.chosen[self._select] = attributes.get("value") or ""
        elif tag == "textarea" or (tag == "input" and kind in _TYPED):
            if name and "readonly" not in attributes:
                form.typed.append(name)
        elif tag == "input" and (kind == "hidden" or (kind in ("radio", "checkbox") and "checked" in attributes)):
            form.chosen[name] = attributes.get("value") or ""
