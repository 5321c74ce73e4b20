"""The words of listings as SQLite's FTS5 finds them: one row beside each row of held_listing, by the same number.

What SQL of this node is SQLite's own is here, in node.database (lists as JSON, rows past SQLAlchemy) and in the
migration that makes the table.
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
#: Pages of 4 KB that are written anew in one hold of the write lock.
_PAGES_AT_ONCE = 64
#: Fewer changed rows than that mean that a merge had nothing to do (sqlite.org/fts5.html, "The 'merge' Command").
_NOTHING = 2
#: More words than that narrow nothing down.
_MOST_WORDS = 8


def words_of(document: ChapterDocument, listing: Listing) -> str:
    """What a listing can be found by."""
    profile, point = document.profile, listing.meeting_point
    texts = (listing.name, profile.name, profile.place, point.name, point.address, listing.what_happens)
    return unicodedata.normalize("NFKC", " ".join(texts))


def keep(session: Writing, texts: Sequence[tuple[int, str]]) -> None:
    """Index (row, words), rows that begin after the last. Words that stand there are nobody's."""
    if texts:
        session.connection().execute(_AFTER, {"first": texts[0][0]})
        put_rows(session, TEXT.name, ("rowid", "words"), texts)


def drop(session: Writing, rows: Collection[int]) -> None:
    """Take the words of rows out."""
    session.execute(delete(TEXT).where(TEXT.c.rowid.in_(rows)))


def erase(session: Session) -> None:
    """Write the index anew where words were taken out of it, a few pages to a transaction, so that a lead's tap waits
    for no more.

    FTS5 only marks a word as gone and keeps its letters until its part of the index is merged with an older one. What
    was withdrawn may have been a person's address. Its own secure-delete needs SQLite 3.42; Debian 12 has 3.40.
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
    """Whether there is anything in `text` that can be looked for."""
    return bool(_words(text))


def expression(text: str) -> str:
    """Each word of `text`, or a word that begins with it, for MATCHING. Quoted words hold no operator, whatever was
    typed.
    """
    return " ".join(f'"{word}"*' for word in _words(text))


#: Rows whose listings have all of `words`, an `expression`. The table's name is its hidden column.
MATCHING = select(TEXT.c.rowid).where(
    literal_column("listing_text").op("MATCH", is_comparison=True)(bindparam("words", type_=Unicode))
)
_AMONG = MATCHING.where(TEXT.c.rowid.in_(bindparam("rows", expanding=True)))


def matching(session: Session, text: str, rows: Sequence[int]) -> list[int]:
    """Those of `rows` whose listings have the words of `text`."""
    return list(session.scalars(_AMONG, {"words": expression(text), "rows": rows}))


def count(session: Session, text: str, most: int) -> int:
    """How many rows have the words of `text`; no further than `most`."""
    some = MATCHING.limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some), {"words": expression(text)}) or 0


def _words(text: str) -> list[str]:
    """Letters and digits in rows, as FTS5's unicode61 cuts them."""
    plain = unicodedata.normalize("NFKC", text)
    letters = "".join(letter if unicodedata.category(letter)[0] in "LN" else " " for letter in plain)
    return letters.split()[:_MOST_WORDS]
