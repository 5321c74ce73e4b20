"""The project in a folder of its own, as somebody has it who has just cloned it."""

import os
import shutil
import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def cloned(folder: Path) -> Path:
    """As `git clone` makes it under a umask that lets nobody else read anything, with what is not committed yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    former = os.umask(0o077)
    try:
        for name in names:
            if name and (_ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(_ROOT / name, folder / name)
                (folder / name).chmod(0o700 if os.access(_ROOT / name, os.X_OK) else 0o600)
    finally:
        os.umask(former)
    return folder
