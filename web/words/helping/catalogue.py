"""How pybabel finds the texts of node/data/help_lines.json: people in need read their own language."""

from collections.abc import Iterator
from typing import IO

import msgspec

from node.help_lines import Country


def extract(file: IO[bytes], *_: object, **__: object) -> Iterator[tuple[int, str, str, list[str]]]:
    """Each text of the file, as Babel's extraction methods yield it: line, function, text, comments."""
    for here in msgspec.json.decode(file.read(), type=list[Country]):
        names = (here.name, *(name for part in here.parts for name in part.names))
        texts = (*names, *(text for line in here.every_line for text in (line.name, line.note)))
        yield from ((1, "", text, []) for text in texts if text)
