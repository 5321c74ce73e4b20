"""What stands in the log, and how often."""

import json
import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from node import config, logs
from node.upkeep.backups import backup_key

from ..support.network import LocalNode
from ..support.web_client import Phone


class Written(logging.Handler):
    """The log as it is written, by a clock that the test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.lines = 0.0, list[str]()
        self.setFormatter(logs.Line("%(levelname)s %(message)s"))
        self.addFilter(logs.Seldom(lambda: self.now))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def written() -> Written:
    return Written()


def say(to: Written, words: str, *args: object, name: str = "rtr", line: int = 1, **options: object) -> None:
    to.handle(logging.LogRecord(name, logging.WARNING, "somewhere.py", line, words, args, options.get("exc_info")))  # type: ignore[arg-type]


def test_the_same_is_said_once_a_minute_with_how_often_it_came(written: Written) -> None:
    for _ in range(10_000):
        say(written, "accept() threw an exception")
    written.now = 61
    say(written, "accept() threw an exception")
    assert written.lines == [
        "WARNING accept() threw an exception",
        "WARNING accept() threw an exception (and 9999 times more before)",
    ]


def test_one_place_that_says_ever_another_thing_cannot_fill_the_disk(written: Written) -> None:
    for number in range(10_000):
        say(written, "refused: %s", number)
    say(written, "something else", line=2)
    assert len(written.lines) == logs.MOST_FROM_ONE_PLACE + 1
    assert written.lines[-1] == "WARNING something else"


def test_an_event_is_one_short_printable_line(written: Written) -> None:
    say(written, "a\nERROR forged\x1b[2J\u202e%s", "x" * 1_000_000)
    assert len(written.lines[0]) <= 2 * logs.MAX_LINE
    assert written.lines[0].isprintable()


def test_a_traceback_is_one_line_that_ends_with_what_it_was(written: Written) -> None:
    try:
        raise ValueError("what\nit was")
    except ValueError:
        say(written, "failed", exc_info=sys.exc_info())
    assert "\n" not in written.lines[0]
    assert written.lines[0].endswith("ValueError: what | it was")


def test_the_server_does_not_say_what_was_asked_for(written: Written) -> None:
    say(written, "Client disconnected while serving /signin/secret", name="waitress")
    assert written.lines == ["WARNING Client disconnected"]


def test_no_sign_in_link_is_logged_when_the_database_fails_under_the_page_cache(
    london: LocalNode, caplog: pytest.LogCaptureFixture
) -> None:
    phone = Phone(london)
    link = f"/signin/{phone.link(london.add_lead().id)}"
    assert phone.get(link).status_code == 200
    with closing(sqlite3.connect(london.settings.database)) as connection:
        connection.execute("ALTER TABLE revision RENAME TO elsewhere")
    answer = phone.get(link)
    assert answer.status_code == 500
    assert "failed outside of its page" in caplog.text
    assert link.removeprefix("/signin/") not in caplog.text


def test_an_event_as_json_is_one_object_on_one_line() -> None:
    written = Written()
    written.setFormatter(logs.JsonLine())
    say(written, "a peer says %s", 'x"\n{"level": "FORGED"}')
    (line,) = written.lines
    assert "\n" not in line
    said = json.loads(line)
    assert set(said) == {"at", "level", "from", "message"}
    assert (said["level"], said["from"]) == ("WARNING", "rtr")
    assert said["message"] == 'a peer says x" | {"level": "FORGED"}'


def test_json_has_the_limits_of_text() -> None:
    written = Written()
    written.setFormatter(logs.JsonLine())
    say(written, "x" * 100_000)
    say(written, "x" * 100_000)
    (line,) = written.lines
    assert len(line) < logs.MAX_LINE + 200


def test_a_handler_goes_on_as_json_when_it_is_told_to() -> None:
    written, root = Written(), logging.getLogger()
    root.addHandler(written)
    try:
        logs.write_as("json")
        logging.getLogger("rtr").error("no")
        logs.write_as("text")
        logging.getLogger("rtr").error("nor this")
    finally:
        root.removeHandler(written)
    assert [json.loads(written.lines[0])["message"], written.lines[1]] == ["no", "ERROR nor this"]


def test_what_a_node_starts_beside_itself_writes_as_the_node_does(london: LocalNode) -> None:
    london.settings.database.write_bytes(b"no database")
    config.write(london.settings.data, {"BASE_URL": london.settings.base_url, "NETWORK": "loopback", "PORT": "8101"})
    command = [sys.executable, "-m", "node.upkeep.backups", str(london.settings.data), "now"]
    environ = os.environ | {"RTR_LOG_FORMAT": "json", "RTR_BACKUP_KEY": backup_key.make().recipient}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert json.loads(line)["level"] == "ERROR"
