"""A lead who taps without pause, so that a server always has something to write."""

import random
import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import requests

#: Seconds that a tap may take, and between two of them: a lead may tap 120 times a minute.
_PATIENCE, _PAUSE = 60, 0.55


class Tapper:
    """Cancels one date of a run again and again while the block runs, each time with the next number as its note."""

    def __init__(self, url: str, link: str) -> None:
        self.url, self._http = url, requests.Session()
        assert self._http.post(link, headers=self._headers(), timeout=_PATIENCE).ok
        found = re.search(r"/lead/runs/[a-z2-7]{8}/dates/\d{4}-\d\d-\d\d/cancel", self._http.get(url + "/lead").text)
        assert found
        self._path = found[0]
        #: The number of the last tap that the server has answered.
        self.acknowledged = 0
        self.seconds: list[float] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._tap_on)

    def __enter__(self) -> "Tapper":
        self.tap()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(_PATIENCE)

    def tap(self) -> None:
        """Cancel once more."""
        number = self.acknowledged + 1
        form = {"reason": "other", "note": f"Tap {number}"}
        answer = self._http.post(
            self.url + self._path, data=form, headers=self._headers(), timeout=_PATIENCE, allow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        self.seconds.append(answer.elapsed.total_seconds())
        self.acknowledged = number

    def _tap_on(self) -> None:
        while not self._is_over.wait(_PAUSE):
            self.tap()

    def _headers(self) -> dict[str, str]:
        """As another visitor each time, since one visitor's budget is small on purpose."""
        address = ".".join(str(random.randrange(1, 255)) for _ in range(4))
        return {"Origin": self.url, "X-Forwarded-For": address}


def last_tap_in(database: Path) -> int:
    """The number of the last tap that a copy of the database holds."""
    with closing(sqlite3.connect(database)) as copy:
        [(note,)] = copy.execute("SELECT note FROM run_date WHERE note LIKE 'Tap %'")
    return int(note.removeprefix("Tap "))
