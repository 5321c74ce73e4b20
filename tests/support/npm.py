"""Tools from npm that tests read pages and calendars with. `make test` installs them."""

from pathlib import Path

_MODULES = Path(__file__).parents[2] / ".venv" / "npm" / "node_modules"


def tool(name: str) -> Path:
    """The folder of a tool."""
    folder = _MODULES / name
    assert folder.is_dir(), f"{name} is not here: `make test` installs it"
    return folder
