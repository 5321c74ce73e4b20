"""Letters of a real process, through a real mail server on loopback: `rtr serve` writes and sends them by itself."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from ..support.members.letters import text_of
from ..support.members.mail_server import mail_server
from ..support.processes import free_port_base, wait_until
from .commands.test_commands import loopback_node, rtr

pytestmark = pytest.mark.processes


@contextmanager
def serving(data: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "deploy.commands", "--data", str(data), "serve"]
    with (data / "serve.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: rtr(data, "health").exit_code == 0, "the node to answer")
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask_for_a_code(port: int, address: str) -> None:
    url = f"http://127.0.0.1:{port}"
    page = requests.get(f"{url}/signin", timeout=10).text
    form_id = re.search(r'name="form_id"[^>]*value="([^"]*)"', page) or re.search(
        r'value="([^"]*)"[^>]*name="form_id"', page
    )
    form = {"email": address, "form_id": form_id[1] if form_id else "0" * 32}
    assert requests.post(f"{url}/signin/mail", data=form, headers={"Origin": url}, timeout=10).status_code == 200


def test_a_serving_node_mails_by_itself_and_a_killed_one_goes_on(tmp_path: Path) -> None:
    port = free_port_base(1)
    data = loopback_node(tmp_path, port)
    with mail_server() as box:
        with (data / "settings.env").open("a") as file:
            file.write(f"RTR_MAIL=smtp://127.0.0.1:{box.port}\nRTR_MAIL_FROM=letters@example.org\n")
        with serving(data, port) as process:
            ask_for_a_code(port, "robin@example.org")
            took = wait_until(lambda: len(box.taken) == 1, "the letter", patience=20)
            assert took < 10
            assert box.readers == ["robin@example.org"]
            assert f"http://127.0.0.1:{port}/" in text_of(box.taken[0])
            ask_for_a_code(port, "sam@example.org")
            process.kill()
            process.wait(timeout=20)
        with serving(data, port):
            wait_until(lambda: len(box.taken) >= 2, "the second letter", patience=20)
    assert set(box.readers) == {"robin@example.org", "sam@example.org"}
    # Once each, but for a process that is killed just after the server took a letter.
    assert len({letter["Message-ID"] for letter in box.taken}) == 2
    assert "example.org" not in (data / "serve.log").read_text()
