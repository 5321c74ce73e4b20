"""What installs a node, judged by the programs that read it: the engine, systemd, and the checkers of both."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = Path(sys.prefix) / "bin"


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | environ, timeout=120
    )


def test_the_unit_leaves_a_node_little_to_do_harm_with() -> None:
    done = run(
        "systemd-analyze", "security", "--no-pager", "--offline=true", str(DEPLOY / "install/runtalkrun.service")
    )
    found = re.search(r"Overall exposure level for runtalkrun.service: ([0-9.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= 2.0


def test_systemd_knows_every_line_of_the_unit() -> None:
    """A word that systemd does not know is passed over, and what it should have forbidden is allowed."""
    done = run("systemd-analyze", "verify", "--man=no", str(DEPLOY / "install/runtalkrun.service"))
    complaints = [line for line in done.stderr.splitlines() if "runtalkrun.service:" in line]
    assert [line for line in complaints if "is not executable" not in line] == []


def test_the_dockerfile_is_as_its_checker_wants_it() -> None:
    done = run(str(TOOLS / "hadolint"), str(DEPLOY / "files/Dockerfile"))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "script",
    [
        "files/slim-system",
        "files/system-packages",
        *(f"install/{name}" for name in ("install.sh", "make-version", "rtr")),
    ],
)
def test_a_script_is_as_its_checker_wants_it(script: str) -> None:
    done = run(str(TOOLS / "shellcheck"), "--shell=sh", "--exclude=SC1091", str(DEPLOY / script))
    assert (done.returncode, done.stdout) == (0, "")


def composed(folder: Path, env: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "docker-compose.yml", folder)
    (folder / ".env").write_text(env)
    return run("docker-compose", "--project-directory", str(folder), "-f", str(folder / "docker-compose.yml"), "config")


def test_compose_takes_the_file_with_the_name_alone(tmp_path: Path) -> None:
    done = composed(tmp_path, "DOMAIN=london.example.org\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "RTR_BASE_URL: https://london.example.org" in done.stdout


def test_no_setting_is_handed_to_a_container_that_nobody_has_set(tmp_path: Path) -> None:
    """An empty one in the environment would win over what the set-up in the browser has written."""
    set_by_us = {"RTR_BASE_URL", "RTR_TRUSTED_PROXIES", "RTR_KEYS_FOLDER"}
    done = composed(tmp_path, "DOMAIN=london.example.org\n")
    assert set(re.findall(r"RTR_\w+", done.stdout)) == set_by_us
    done = composed(tmp_path, "DOMAIN=london.example.org\nRTR_MAIL=smtps://a@b.example:465\n")
    assert set(re.findall(r"RTR_\w+", done.stdout)) == {*set_by_us, "RTR_MAIL"}


def test_compose_says_what_to_write_where_the_name_is_missing(tmp_path: Path) -> None:
    assert "put DOMAIN=london.example.org into a file named .env" in composed(tmp_path, "").stderr


@pytest.mark.parametrize("name", ["london.example.org", "203.0.113.7", "London", ""])
def test_what_is_no_name_of_a_site_is_refused_before_anything_is_done(name: str) -> None:
    done = run(str(DEPLOY / "install/install.sh"), name)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
