"""A Docker engine for tests, the machine's own or one started for them, and images that stand in for public ones.

Where Docker Hub cannot be reached, Debian's base image is made by debootstrap, as its makers do, and Caddy's of the
program that development brings along.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .caddy import NEW
from .processes import wait_until

_BASE, _CADDY = "debian:bookworm-slim", "caddy:2"
#: Of an engine that is started here: first with a network of its own, then as much as a machine allows that has none.
_WAYS = ([], ["--storage-driver=vfs", "--iptables=false", "--bridge=none"])
_TRUSTED = "/etc/ssl/certs/ca-certificates.crt"
#: Debian's makers leave these out of their image, too.
_LEFT_OUT = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info"),
    *("var/cache/apt", "var/lib/apt/lists"),
)
_CADDYS_FILE = """
FROM {base}
COPY caddy /usr/bin/caddy
ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
"""


def run(*words: str, **options: object) -> str:
    """What a command prints; its last words where it fails."""
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return str(done.stdout)


@contextmanager
def running() -> Iterator[str]:
    """How the engine runs, in words; DOCKER_HOST leads to it. AssertionError where there can be none."""
    if _answers():
        yield "the machine's own engine"
        return
    assert os.geteuid() == 0, "no Docker engine runs, and only root can start one"
    assert shutil.which("dockerd"), "no Docker engine here: apt-get install docker.io docker-compose debootstrap"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        process, way = _start(Path(folder))
        try:
            yield f"an engine of the test's own ({' '.join(way) or 'as it comes'})"
        finally:
            process.terminate()
            process.wait(timeout=60)
            _unmount(folder)
            del os.environ["DOCKER_HOST"]


def _unmount(folder: str) -> None:
    """The engine leaves a mount of its network behind when it ends."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for place in places:
        if place.startswith(f"{folder}/"):
            run("umount", "--lazy", place)


def images() -> tuple[str, str]:
    """The names of Debian's image and of Caddy's, each the public one or one that stands in for it."""
    base = _BASE if _pulled(_BASE) else _made_base()
    return base, _CADDY if _pulled(_CADDY) else _made_caddy(base)


def _answers() -> bool:
    return bool(shutil.which("docker")) and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


def _start(folder: Path) -> "tuple[subprocess.Popen[bytes], list[str]]":
    os.environ["DOCKER_HOST"] = f"unix://{folder}/docker.sock"
    places = [f"--data-root={folder}/data", f"--exec-root={folder}/run", f"--pidfile={folder}/pid"]
    for way in _WAYS:
        with (folder / "log").open("ab") as log:
            command = ["dockerd", "--host", os.environ["DOCKER_HOST"], *places, *way]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda process=process: process.poll() is not None or _answers(), "an engine")  # type: ignore[misc]
        if process.poll() is None:
            return process, way
    raise AssertionError(f"no engine starts here:\n{(folder / 'log').read_text()[-3000:]}")


def _pulled(image: str) -> bool:
    return subprocess.run(["docker", "pull", "--quiet", image], capture_output=True, check=False).returncode == 0


def _made_base() -> str:
    name = "runtalkrun-try-debian"
    if run("docker", "images", "--quiet", name):
        return name
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        root = Path(folder) / "root"
        run("debootstrap", "--variant=minbase", "bookworm", str(root), "http://deb.debian.org/debian")
        for left_out in _LEFT_OUT:
            shutil.rmtree(root / left_out)
            (root / left_out).mkdir()
        # What this machine trusts beyond Debian's list, the image trusts as well.
        shutil.copytree(
            "/usr/local/share/ca-certificates", root / "usr/local/share/ca-certificates", dirs_exist_ok=True
        )
        run("sh", "-c", f"tar -C {root} -c . | docker import --change 'ENV PIP_CERT={_TRUSTED}' - {name}")
    return name


def _made_caddy(base: str) -> str:
    name = "runtalkrun-try-caddy"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(NEW[0], folder)
        (Path(folder) / "Dockerfile").write_text(_CADDYS_FILE.format(base=base))
        run("docker", "build", "--quiet", "--tag", name, folder, env=os.environ | {"DOCKER_BUILDKIT": "0"})
    return name
