"""How the log is written: an event is a short line without what a visitor asked for, and the same comes once a minute.

A peer chooses much of what stands in a log, and a full disk or a lack of descriptors says the same ten thousand times a
second: neither may fill the disk, or write a line that looks like another's.
"""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from cachetools import FIFOCache

log = logging.getLogger(__name__)

#: Characters of a line; a traceback is longest. Control characters are escaped: one is four to ten.
MAX_LINE = 4000
#: Seconds in which the same is said once, and lines a minute from one place in the code, whatever they say.
SAME_SECONDS, MOST_FROM_ONE_PLACE = 60.0, 60
#: Events that are told apart at a time.
_MOST = 1000
#: What was said once, and of whom; so many at a time. For the whole process, which has one log. Several threads log.
_logged: FIFOCache[tuple[str, str], None] = FIFOCache(500)
_once = Lock()
#: waitress names the address that was asked for, which may be a sign-in link.
_ASKED = " while serving "


def start(level: int | str = logging.WARNING) -> None:
    """Write to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line("%(levelname)s %(message)s"))
    handler.addFilter(Seldom())
    logging.basicConfig(level=level, handlers=[handler])
    # That some wait for a worker is no trouble.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def printable(text: str) -> str:
    """`text` with each control, line end and invisible character spelled out: it moves no terminal, forges no line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def log_once(line: str, who: str = "", same: str = "") -> None:
    """A warning that is not repeated until what it says of `who` ends, or while it is among the last few hundred.

    `same`: of warnings of `who` with the same words here, one is said.
    """
    key = (who, same or line)
    with _once:
        if key in _logged:
            return
        _logged[key] = None
    log.warning("%s", line)


def log_well(who: str) -> None:
    """Say, once, that the trouble with `who` is over; the next one is said anew."""
    with _once:
        over = [key for key in _logged if key[0] == who]
        for key in over:
            del _logged[key]
    if over:
        log.info("%s: well again", who)


class Line(logging.Formatter):
    """One line, printable, at most MAX_LINE characters; the lines of a traceback are joined."""

    def format(self, record: logging.LogRecord) -> str:
        """The event as it is written."""
        text = " | ".join(line.strip() for line in super().format(record).splitlines() if line.strip())
        # Before it is escaped: of what is long, the rest need not be looked at. A traceback's end says what it was.
        text = text if len(text) <= MAX_LINE else f"{text[: MAX_LINE // 2]} … {text[-MAX_LINE // 2 :]}"
        return printable(text)[: 2 * MAX_LINE]


@dataclass
class _Said:
    """How often something came until its minute is over, and `before`: how often it was left out in the last one."""

    until: float
    before: int = 0
    times: int = 0


class Seldom(logging.Filter):
    """Lets the same pass once a minute, with how often it came meanwhile."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._words: dict[object, _Said] = {}
        self._places: dict[object, _Said] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is written; its words are those that may be."""
        words = record.getMessage()
        if record.name.startswith("waitress"):
            words = words.partition(_ASKED)[0]
        place = self._of(self._places, (record.pathname, record.lineno))
        if place.times >= MOST_FROM_ONE_PLACE:
            return False
        said = self._of(self._words, (record.pathname, record.lineno, words))
        said.times += 1
        if said.times > 1:
            return False
        place.times += 1
        record.msg, record.args = f"{words} (and {said.before} times more before)" if said.before else words, ()
        return True

    def _of(self, all_said: dict[object, _Said], what: object) -> _Said:
        """How often it came in this minute; when the minute is over another begins."""
        now, said = self._clock(), all_said.get(what)
        if said is None or now >= said.until:
            if len(all_said) >= _MOST:
                all_said.clear()
            said = all_said[what] = _Said(now + SAME_SECONDS, before=max(0, said.times - 1) if said else 0)
        return said
