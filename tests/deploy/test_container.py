"""The compose set-up, built and started for real: HTTPS by Caddy, a node that can write nowhere but into its volumes.

Not in the default run: it needs a Docker engine or may start one, ports 80 and 443 of this machine, and minutes. `make
container` runs it. Build and containers use the machine's own network, so that an engine without a bridge will do, and
Caddy listens on 127.0.0.1 only. Where Docker Hub cannot be reached, images that are made here stand in for its own.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.upkeep.backups import backup_key
from node.upkeep.backups.backup_key import Pair

from ..support import container_engine
from ..support.cloned import cloned
from ..support.processes import wait_until
from ..web.leads.test_runs import TYPED

pytestmark = pytest.mark.container

ROOT = Path(__file__).parents[2]
HOST = "london.localhost"
BASE_URL = f"https://{HOST}"
INIT = ["--name", "London", "--place", "London", "--country", "GB", "--timezone", "Europe/London"]
#: Bytes of the node's image.
LARGEST = 180_000_000

#: Any builder, and minutes for a container of which every file has to be copied.
SLOW_MACHINE = {"DOCKER_BUILDKIT": "0", "COMPOSE_DOCKER_CLI_BUILD": "0", "COMPOSE_HTTP_TIMEOUT": "600"}

#: The machine's network instead of the engine's own. Names and volumes are those of the project's own folder.
ON_THIS_MACHINE = """
services:
  migrate:
    image: runtalkrun-try
    build: &build {{network: host, args: {{BASE: "{base}", CADDY: "{caddy}"}}}}
  node:
    image: runtalkrun-try
    build: *build
    network_mode: host
    environment: {{RTR_HOST: 127.0.0.1, RTR_PORT: "8180"}}
  caddy:
    image: runtalkrun-try-proxy
    build: *build
    network_mode: host
    environment: {{NODE: "127.0.0.1:8180", CADDY_GLOBAL_OPTIONS: "default_bind 127.0.0.1"}}
"""


def run(*words: str) -> str:
    """What a command prints; its errors are shown where it fails."""
    return container_engine.run(*words, cwd=ROOT, env=os.environ | SLOW_MACHINE)


class Composed:
    """The two containers, and visitors of the page they serve."""

    def __init__(self, folder: Path, base: str, caddy: str) -> None:
        self.folder = folder
        self.source = cloned(folder / "runtalkrun")
        (self.source / ".env").write_text(f"DOMAIN={HOST}\n")
        (self.source / "docker-compose.yml").write_text(without_ports((ROOT / "docker-compose.yml").read_text()))
        (folder / "here.yml").write_text(ON_THIS_MACHINE.format(base=base, caddy=caddy))
        self._compose = [*compose(), "--project-name", "runtalkrun-try", "--project-directory", str(self.source)]
        self._compose += ["-f", str(self.source / "docker-compose.yml"), "-f", str(folder / "here.yml")]

    def __call__(self, *words: str) -> str:
        """What `docker compose …` prints."""
        return run(*self._compose, *words)

    def start(self) -> None:
        """As deploy/README.md says, with commands instead of the set-up in the browser."""
        began = time.monotonic()
        self("build")
        print(f"\nimages built in {time.monotonic() - began:.0f} s")
        began = time.monotonic()
        self("up", "-d")
        wait_until(lambda: self.answers(503), "the page that says that a chapter is being set up")
        print(f"from `up` to the first page in {time.monotonic() - began:.0f} s")
        self.link = re.search(rf"{BASE_URL}/setup/begin/\S+", self("logs", "--no-color", "node"))
        self.link_answers = self.link and self.status(self.link[0])
        self.stop()
        self("run", "--rm", "-T", "node", "init", *INIT, "--root-key-file", "/data/root.key")
        self("run", "--rm", "-T", "node", "lead", "add", "Ada")
        self("up", "-d")
        wait_until(self.answers, "the first page over https")

    def back_up(self, pair: Pair) -> Path:
        """The folder with a backup of the node, which serves on, and with its key, as deploy/README.md makes them."""
        kept = self.folder / "kept"
        kept.mkdir(mode=0o755)
        self("exec", "-T", "node", "rtr", "backup", "key", pair.recipient)
        made = self("exec", "-T", "node", "rtr", "backup").split(" (")[0]
        with (kept / "copy.age").open("wb") as file:
            subprocess.run([*self._compose, "exec", "-T", "node", "cat", made], stdout=file, check=True)
        (kept / "key").write_text(pair.secret)
        for path in kept.iterdir():
            path.chmod(0o644)
        return kept

    def put_back(self, kept: Path) -> None:
        """A backup into empty volumes."""
        words = ("restore", "/from/copy.age", "--key-file", "/from/key")
        self("run", "--rm", "-T", "-v", f"{kept}:/from:ro", "node", *words)

    def stop(self) -> None:
        """Containers, network and volumes go; the images stay for the next time."""
        self("down", "--volumes", "--timeout", "10")
        (self.folder / "root.crt").unlink(missing_ok=True)

    def curl(self, path: str, *options: str, source: str = "127.0.0.1") -> str:
        """A visitor who trusts Caddy's own authority and comes from `source`, an address of this machine's loopback."""
        authority = self.folder / "root.crt"
        if not authority.exists():
            authority.write_text(self("exec", "-T", "caddy", "cat", "/data/caddy/pki/authorities/local/root.crt"))
        known = ["--cacert", str(authority), "--resolve", f"{HOST}:443:127.0.0.1", "--resolve", f"{HOST}:80:127.0.0.1"]
        where = path if path.startswith("http") else BASE_URL + path
        return run("curl", "--silent", "--show-error", *known, "--interface", source, *options, where)

    def status(self, path: str, *options: str, source: str = "127.0.0.1") -> int:
        """HTTP's number alone."""
        sink = ("--output", "/dev/null", "--write-out", "%{http_code}")
        return int(self.curl(path, *sink, *options, source=source))

    def inspect(self, service: str, what: str, *options: str) -> str:
        """One fact of a container, as the engine tells it."""
        return run("docker", "inspect", "--format", what, self("ps", "-q", *options, service).strip()).strip()

    def announce_a_run(self) -> None:
        """As a lead does it, with the link that `rtr signin-link` prints."""
        jar = str(self.folder / "cookies")
        kept = ("--cookie", jar, "--cookie-jar", jar, "--header", f"Origin: {BASE_URL}")
        link = self("exec", "-T", "node", "rtr", "signin-link").strip()
        assert self.status(link, *kept, "--request", "POST") == 303
        fields = [word for name, value in TYPED.items() for word in ("--data-urlencode", f"{name}={value}")]
        assert self.status("/lead/runs/new", *kept, *fields) == 303

    def answers(self, status: int = 200) -> bool:
        """Whether the first page can be had."""
        try:
            return self.status("/") == status
        except AssertionError:
            return False


def without_ports(text: str) -> str:
    """Compose refuses published ports on the machine's own network, where they are open anyway."""
    changed, count = re.subn(r"^    ports: .*\n", "", text, flags=re.MULTILINE)
    assert count == 1
    return changed


def compose() -> list[str]:
    """The engine's own compose command, or the older program of its own."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return ["docker", "compose"] if plugin.returncode == 0 else ["docker-compose"]


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    with container_engine.running() as how:
        base, caddy = container_engine.images()
        print(f"\n{how}; images {base} and {caddy}")
        started = Composed(tmp_path_factory.mktemp("compose"), base, caddy)
        try:
            started.start()
            yield started
        finally:
            started.stop()


def test_the_first_page_is_served_over_https_and_plain_http_leads_there(composed: Composed) -> None:
    assert "<h1" in composed.curl("/")
    answer = composed.curl(f"http://{HOST}/runs", "--head")
    assert re.search(rf"^HTTP/1.1 308.*^Location: {BASE_URL}/runs\s*$", answer, re.MULTILINE | re.DOTALL)


def test_three_commands_lead_to_a_link_that_begins_the_set_up(composed: Composed) -> None:
    assert composed.link is not None
    assert composed.link_answers == 200


def test_a_run_announced_before_a_restart_is_there_after_it(composed: Composed) -> None:
    composed.announce_a_run()
    assert TYPED["name"] in composed.curl("/runs")
    composed("down", "--timeout", "10")
    composed("up", "-d")
    # Caddy is not there at once.
    again = ("--retry", "30", "--retry-connrefused", "--retry-delay", "1")
    wait_until(lambda: TYPED["name"] in composed.curl("/runs", *again), "the run after a restart")


def test_two_visitors_behind_the_proxy_have_budgets_of_their_own(composed: Composed) -> None:
    first = [composed.status("/chapters", source="127.0.0.2") for _ in range(125)]
    assert (first[0], first[-1]) == (200, 429)
    assert composed.status("/chapters", source="127.0.0.3") == 200


def test_a_visitor_cannot_say_that_they_are_somebody_else(composed: Composed) -> None:
    claims = [("--header", f"X-Forwarded-For: 192.0.2.{number}") for number in range(125)]
    assert [composed.status("/chapters", *claim, source="127.0.0.4") for claim in claims][-1] == 429


def test_the_node_is_nobody_in_particular_and_can_write_into_its_volume_alone(composed: Composed) -> None:
    status = composed("exec", "-T", "node", "cat", "/proc/1/status")
    assert re.search(r"^Uid:\s+10001\s+10001\s+10001\s+10001$", status, re.MULTILINE)
    assert re.search(r"^CapBnd:\s+0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    tries = "for place in / /opt/runtalkrun /etc /var/tmp; do touch $place/x 2>/dev/null && echo $place; done; true"
    assert composed("exec", "-T", "node", "sh", "-c", tries) == ""
    assert composed("exec", "-T", "node", "sh", "-c", "touch /data/x && rm /data/x && echo kept") == "kept\n"


def test_the_engine_says_that_the_node_is_healthy(composed: Composed) -> None:
    wait_until(lambda: composed.inspect("node", "{{.State.Health.Status}}") == "healthy", "the node to be healthy", 90)


def test_a_stopped_node_ends_at_once_and_by_itself(composed: Composed) -> None:
    container = composed("ps", "-q", "node").strip()
    run("docker", "stop", "--time", "20", container)
    assert composed_exit(container) == "0"
    composed("up", "-d")
    wait_until(lambda: composed.status("/") == 200, "the node again")


def test_the_database_is_brought_to_its_version_once_before_the_node_starts(composed: Composed) -> None:
    assert composed.inspect("migrate", "{{.State.Status}} {{.State.ExitCode}}", "--all") == "exited 0"
    assert composed.inspect("node", "{{.State.Running}}") == "true"


def test_a_node_without_a_volume_refuses_to_start(composed: Composed) -> None:
    address = ["--env", f"RTR_BASE_URL={BASE_URL}"]
    done = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", *address, "runtalkrun-try"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "/data/node would be lost with this container: put a volume there" in done.stderr


def test_the_image_is_small_and_can_build_and_install_nothing(composed: Composed) -> None:
    size = int(run("docker", "image", "inspect", "--format", "{{.Size}}", "runtalkrun-try"))
    print(f"\nimage of the node: {size / 1e6:.0f} MB")
    assert size <= LARGEST
    tools = "for name in cc gcc ld pip pip3 apt-get dpkg perl su mount; do command -v $name; done; true"
    assert composed("exec", "-T", "node", "sh", "-c", tools) == ""
    assert run("docker", "image", "inspect", "--format", "{{.Config.User}}", "runtalkrun-try").strip() == "10001:10001"


def composed_exit(container: str) -> str:
    return run("docker", "inspect", "--format", "{{.State.ExitCode}}", container).strip()


def test_a_backup_put_back_into_empty_volumes_brings_the_run_back(composed: Composed) -> None:
    composed.announce_a_run()
    kept = composed.back_up(backup_key.make())
    composed.stop()
    composed.put_back(kept)
    composed("up", "-d")
    wait_until(lambda: composed.answers() and TYPED["name"] in composed.curl("/runs"), "the run out of the backup")


def test_both_processes_fit_the_memory_that_they_are_given(composed: Composed) -> None:
    for service, most in (("node", 256), ("caddy", 128)):
        assert composed.inspect(service, "{{.HostConfig.Memory}}") == str(most << 20)
        assert composed.inspect(service, "{{.State.OOMKilled}}") == "false"
        status = Path(f"/proc/{composed.inspect(service, '{{.State.Pid}}')}/status").read_text()
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]
        print(f"\nmemory of {service}: {resident:.0f} MB of {most} MB")
        assert resident < most
