"""What all types of documents have in common: immutable members, texts with a bound, and how a bound is asked for."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

from msgspec import Meta, Struct, inspect

from ..text import is_visible

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Line = Annotated[str, Meta(max_length=200)]
Sentences = Annotated[str, Meta(max_length=300)]
Paragraph = Annotated[str, Meta(max_length=1000)]
Keys = Annotated[list[str], Meta(min_length=1, max_length=8)]


# gc=False: documents are trees, which are freed by counting references alone.
class Document(Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of all document types. A document is immutable. A member that has its default is not written."""


def most_of(type_: type[Document], member: str) -> int:
    """The most characters of a text, or items of a list, that the `member` of `type_` may have."""
    return int(_constraints(type_, member).max_length)


def bounds_of(type_: type[Document], member: str) -> tuple[int, int]:
    """The smallest and the largest number that the `member` of `type_` may be."""
    found = _constraints(type_, member)
    return found.ge, found.le


@cache
def _constraints(type_: type[Document], member: str) -> Any:
    fields = inspect.type_info(type_).fields  # type: ignore[attr-defined]  # of a Struct
    wanted = next(field.type for field in fields if field.name == member)
    return next(one for one in getattr(wanted, "types", [wanted]) if not isinstance(one, inspect.NoneType))


def require_visible(name: str) -> None:
    """Raise ValueError for a name that shows nothing."""
    if not is_visible(name):
        raise ValueError("a name that nobody can see")


def refuse_repeats(what: str, values: Sequence[str]) -> None:
    """Raise ValueError where one of `values` stands twice. `what`: what they are."""
    if len(values) > 1 and len(set(values)) != len(values):
        raise ValueError(f"{what} stands twice")
