"""How this node writes its log. An event is one short line, and equal events are one line a minute.

A line does not hold what a visitor asked for. A peer chooses many words of a log, and must not forge the line of
another event. A full disk or a lack of descriptors makes ten thousand equal events a second, which must not fill the
disk.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from cachetools import FIFOCache

log = logging.getLogger(__name__)

#: The most characters of a line before control characters are escaped. An escaped one has four to ten.
MAX_LINE = 4000
#: Equal events make one line in so many seconds. One line of code writes so many lines in that time.
SAME_SECONDS, MOST_FROM_ONE_PLACE = 60.0, 60
#: The most different events that are counted at a time.
_MOST = 1000
#: The warnings that `log_once` does not repeat: whom each is about, and its words. The process has one log.
_logged: FIFOCache[tuple[str, str], None] = FIFOCache(500)
_once = Lock()
#: Libraries, and the level from which each is heard. waitress warns whenever a request waits for a worker, which is no
#: trouble. APScheduler tells of each run of a job. Pillow tells at the lowest level what a photo's file says, with the
#: place and the hour.
_LIBRARIES = {"waitress.queue": logging.ERROR, "apscheduler": logging.WARNING, "PIL": logging.WARNING}
_TEXT = "%(levelname)s %(message)s"
#: waitress puts the address of a request behind these words. The address may be a sign-in link.
_BEFORE_ADDRESS = " while serving "


def start(level: int | str = logging.WARNING) -> None:
    """Write to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(_TEXT))
    handler.addFilter(Seldom())
    logging.basicConfig(level=level, handlers=[handler])
    quiet_libraries()


def write_as(form: str) -> None:
    """Write on as `text`, or as `json`: an object for each event."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Line):
            handler.setFormatter(JsonLine() if form == "json" else Line(_TEXT))


def quiet_libraries() -> None:
    """Keep libraries from saying what is no trouble, or nobody's business, at any RTR_LOG_LEVEL."""
    for name, level in _LIBRARIES.items():
        logging.getLogger(name).setLevel(level)


def printable(text: str) -> str:
    """`text` with every control character, line end and invisible character escaped.

    It cannot move a terminal's cursor, and it cannot forge a line.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def log_once(line: str, who: str = "", same: str = "") -> None:
    """Log a warning about `who` once. `log_well` lets it be logged again; so do 500 newer warnings.

    `same`: warnings about `who` with the same `same` count as one.
    """
    key = (who, same or line)
    with _once:
        if key in _logged:
            return
        _logged[key] = None
    log.warning("%s", line)


def log_well(who: str) -> None:
    """Log that the trouble with `who` is over. The next warning about `who` is logged again."""
    with _once:
        over = [key for key in _logged if key[0] == who]
        for key in over:
            del _logged[key]
    if over:
        log.info("%s: well again", who)


class Line(logging.Formatter):
    """Writes an event as one printable line of MAX_LINE characters at most. The lines of a traceback are joined."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of an event."""
        text = " | ".join(line.strip() for line in super().format(record).splitlines() if line.strip())
        # Cut before escaping, so that a long text costs little. The end of a traceback names the error.
        text = text if len(text) <= MAX_LINE else f"{text[: MAX_LINE // 2]} … {text[-MAX_LINE // 2 :]}"
        return printable(text)[: 2 * MAX_LINE]


class JsonLine(Line):
    """Writes an event as an object on one line: when it came (UTC), how grave it is, which part of the program says it,
    and the words of a `Line`. Nothing else of the record: its arguments may be what somebody wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line of an event."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {"at": at, "level": record.levelname, "from": record.name, "message": super().format(record)}
        return json.dumps(said, ensure_ascii=False)


@dataclass
class _Count:
    """How often an event has come in the minute that ends at `until`. `before`: lines left out in the minute before."""

    until: float
    before: int = 0
    times: int = 0


class Seldom(logging.Filter):
    """Lets equal events pass once a minute. The line says how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._words: dict[object, _Count] = {}
        self._places: dict[object, _Count] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the event is written. This takes an address out of its words."""
        words = record.getMessage()
        if record.name.startswith("waitress"):
            words = words.partition(_BEFORE_ADDRESS)[0]
        place = self._count(self._places, (record.pathname, record.lineno))
        if place.times >= MOST_FROM_ONE_PLACE:
            return False
        event = self._count(self._words, (record.pathname, record.lineno, words))
        event.times += 1
        if event.times > 1:
            return False
        place.times += 1
        record.msg, record.args = f"{words} (and {event.before} times more before)" if event.before else words, ()
        return True

    def _count(self, counts: dict[object, _Count], key: object) -> _Count:
        """The count of `key` in its present minute."""
        now, found = self._clock(), counts.get(key)
        if found is None or now >= found.until:
            if len(counts) >= _MOST:
                counts.clear()
            found = counts[key] = _Count(now + SAME_SECONDS, before=max(0, found.times - 1) if found else 0)
        return found
