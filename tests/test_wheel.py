"""What is installed from a wheel has everything that a node needs beside its code."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

NEEDED = (
    "federation/PROTOCOL.md",
    "federation/vectors/",
    "federation/examples/verify_feed.py",
    "node/data/help_lines.json",
    "node/data/places.sqlite",
    "node/migrations/env.py",
    "node/migrations/versions/0001_the_first_tables.py",
    "web/templates/base.html",
    "web/templates/public/",
    "web/static/site.css",
    "web/static/favicon.ico",
    "deploy/commands/serve.py",
    "deploy/files/system-packages",
)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory, gazetteer: None) -> list[str]:
    """Of all files in the wheel, built from a copy so that nothing is left in the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in [*listed.splitlines(), "node/data/places.sqlite"]:
        copy = folder / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", folder, folder / "source"], check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return wheel.namelist()


@pytest.mark.parametrize("needed", NEEDED)
def test_the_wheel_holds_what_a_node_needs(names: list[str], needed: str) -> None:
    assert any(name.startswith(needed) for name in names)


def test_the_wheel_holds_no_test_and_no_key(names: list[str]) -> None:
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".key")]
