"""A former database with a directory as large as the world's: its rows of other chapters, many times over."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

#: Tables of what others have signed: the column that names the chapter, and those that no two rows share.
_TABLES = {
    "registry_chapter": ("chapter", ()),
    "held_root": ("author", ("seq",)),
    "held_document": ("chapter", ("digest", "seq")),
    "held_listing": ("chapter", ("row",)),
}
#: Beyond every number that the database itself has given.
_FIRST = 100_000
_LIKE = """
    SELECT chapter FROM held_listing JOIN held_document USING (chapter) WHERE chapter NOT IN (SELECT id FROM chapter)
    GROUP BY chapter ORDER BY count(*) DESC
"""


def multiply(database: Path, chapters: int) -> None:
    """Add so many chapters to a database of any schema: each one like a chapter that it holds, with its listings."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.row_factory = sqlite3.Row
        like = connection.execute(_LIKE).fetchone()["chapter"]
        for table, (whose, numbered) in _TABLES.items():
            found = connection.execute(f'SELECT * FROM "{table}" WHERE {whose} = ?', (like,)).fetchall()  # noqa: S608
            for place, row in enumerate(found):
                made = (_another(dict(row), whose, numbered, number, place) for number in range(chapters))
                marks = ", ".join("?" * len(row))
                connection.executemany(f'INSERT INTO "{table}" ({", ".join(row.keys())}) VALUES ({marks})', made)  # noqa: S608


def _another(row: dict[str, Any], whose: str, numbered: tuple[str, ...], number: int, place: int) -> list[Any]:
    """The values of one more row."""
    row[whose] = f"{number:a>24}".translate(str.maketrans("0189", "wxyz"))
    for name in numbered:
        row[name] = f"{row[name]}-{number}" if name == "digest" else _FIRST + number * 100 + place
    return list(row.values())
