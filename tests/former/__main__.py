"""`python -m tests.former FOLDER`: fill this tree's own schema and write it there, as README.md says."""

import gzip
import sqlite3
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from node import migrations

from .filling import fill


def main(folder: Path) -> None:
    """One file a database, named by the schema's revision and whose it is."""
    with TemporaryDirectory() as made:
        for whose, path in fill(Path(made)).items():
            # Without the pages that deleted rows left.
            small = path.with_name("small.sqlite")
            connection = sqlite3.connect(path)
            connection.execute("VACUUM INTO ?", (str(small),))
            connection.close()
            name = f"{migrations.newest()}-{whose}.sqlite.gz"
            (folder / name).write_bytes(gzip.compress(small.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
