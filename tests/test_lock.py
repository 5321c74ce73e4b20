"""requirements.lock: what the container's image installs, each file by its hash. `make lock` writes it."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ASKED_FOR = [
    Requirement(line)
    for line in (
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["gazetteer"],
        *PROJECT["optional-dependencies"]["build"],
    )
]


def locked() -> list[Requirement]:
    """Every `name==version ; marker` of the lock."""
    return [Requirement(line.rstrip(" \\")) for line in LOCK.splitlines() if re.match(r"[a-z0-9]", line)]


LOCKED = {canonicalize_name(one.name): one for one in locked() if one.marker is None or one.marker.evaluate()}


@pytest.mark.parametrize("asked", ASKED_FOR, ids=str)
def test_each_dependency_is_locked_to_a_version_that_the_project_asks_for(asked: Requirement) -> None:
    found = LOCKED[canonicalize_name(asked.name)]
    (version,) = (specifier.version for specifier in found.specifier)
    assert asked.specifier.contains(version)


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_what_a_locked_package_needs_is_locked_too(name: str) -> None:
    try:
        needs = [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        pytest.skip("not installed here: only the image needs it")
    wanted = {canonicalize_name(need.name) for need in needs if not need.marker or need.marker.evaluate({"extra": ""})}
    assert wanted <= LOCKED.keys()


def test_every_locked_version_has_its_hashes() -> None:
    entries = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked())
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|/home/|/opt/", LOCK)
