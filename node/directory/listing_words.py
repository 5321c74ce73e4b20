"""The words of listings in SQLite's FTS5: each row of held_listing has one row here, with the same number.

This node's SQL is portable but for three places: this module, node.database (rows past SQLAlchemy) and the migration
that makes the table.
"""

import unicodedata
from collections.abc import Collection, Sequence

from sqlalchemy import Integer, Unicode, bindparam, column, delete, func, literal_column, select, table
from sqlalchemy.orm import Session

from federation.documents import ChapterDocument, Listing

from ..database import Writing, put_rows, writing

TEXT = table("listing_text", column("rowid", Integer), column("words"))
_AFTER = delete(TEXT).where(TEXT.c.rowid >= bindparam("first"))
_MERGE = "INSERT INTO listing_text (listing_text, rank) VALUES ('merge', ?)"
#: Pages of 4 KB that are rewritten under one hold of the write lock.
_PAGES_AT_ONCE = 64
#: Fewer changed rows than that mean that a merge had nothing to do (sqlite.org/fts5.html, "The 'merge' Command").
_NOTHING = 2
#: Words of a search that are used: more narrow nothing down.
_MOST_WORDS = 8


def words_of(document: ChapterDocument, listing: Listing) -> str:
    """The text by which a listing can be found."""
    profile, point = document.profile, listing.meeting_point
    happens = [listing.what_happens, *(texts.what_happens for texts in listing.translations.values())]
    texts = (listing.name, profile.name, profile.place, point.name, point.address, *happens)
    return unicodedata.normalize("NFKC", " ".join(texts))


def keep(session: Writing, texts: Sequence[tuple[int, str]]) -> None:
    """Index `rows`: (row number, words). The numbers are new; what the index still has under them is nobody's."""
    if texts:
        session.connection().execute(_AFTER, {"first": texts[0][0]})
        put_rows(session, TEXT.name, ("rowid", "words"), texts)


def drop(session: Writing, rows: Collection[int]) -> None:
    """Delete the words of rows from the index."""
    session.execute(delete(TEXT).where(TEXT.c.rowid.in_(rows)))


def erase(session: Session) -> None:
    """Rewrite the index where words were deleted, a few pages to a transaction, so that a lead's tap waits for no more.

    FTS5 only marks a word as gone and keeps its letters until its part of the index is merged with an older one. A
    withdrawn word may have been a person's address. Its own secure-delete needs SQLite 3.42; Debian 12 has 3.40.
    """
    pages = -_PAGES_AT_ONCE  # a negative number begins to merge all parts into one, a positive one goes on with that
    while _merge(session, pages) >= _NOTHING:
        pages = _PAGES_AT_ONCE


def _merge(session: Session, pages: int) -> int:
    """How many rows of the index changed."""
    with writing(session) as transaction:
        connection = transaction.connection()
        before: int = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        connection.exec_driver_sql(_MERGE, (pages,))
        after: int = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    return after - before


def has_words(text: str) -> bool:
    """Whether `text` has a word that can be looked for."""
    return bool(_words(text))


def expression(text: str) -> str:
    """The FTS5 expression that finds rows with each word of `text`, or with a word that begins with it.

    Each word is quoted, so that nothing that a visitor types is an operator.
    """
    return " ".join(f'"{word}"*' for word in _words(text))


#: The row numbers that match `words`, an expression. The table's hidden column has the table's name.
MATCHING = select(TEXT.c.rowid).where(
    literal_column("listing_text").op("MATCH", is_comparison=True)(bindparam("words", type_=Unicode))
)
_AMONG = MATCHING.where(TEXT.c.rowid.in_(bindparam("rows", expanding=True)))


def matching(session: Session, text: str, rows: Sequence[int]) -> list[int]:
    """The numbers among `rows` whose listings have the words of `text`."""
    return list(session.scalars(_AMONG, {"words": expression(text), "rows": rows}))


def count(session: Session, text: str, most: int) -> int:
    """How many rows have the words of `text`, counted up to `most`."""
    some = MATCHING.limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some), {"words": expression(text)}) or 0


def _words(text: str) -> list[str]:
    """The words of a text, cut at the same letters as FTS5's unicode61 does."""
    plain = unicodedata.normalize("NFKC", text)
    letters = "".join(letter if unicodedata.category(letter)[0] in "LN" else " " for letter in plain)
    return letters.split()[:_MOST_WORDS]
