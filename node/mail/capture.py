"""A folder in place of a mail server: each letter is a file there, to look at (RFC 5322, .eml)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage


class Folder:
    """Keeps letters in `path`, the oldest first. Only the owner of the folder reads them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "Folder":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def send(self, message: "EmailMessage", before: Callable[[], None]) -> None:
        """Write the letter, whole or not at all."""
        before()
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{message['Date'].datetime:%Y%m%d-%H%M%S}-{message['Message-ID'].strip('<>').partition('@')[0]}"
        growing = self._path / f"{name}.new"
        with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
        growing.rename(growing.with_suffix(".eml"))
