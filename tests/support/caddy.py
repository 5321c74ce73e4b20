"""Caddy in front of a node on loopback, with our Caddyfile and certificates of its own authority."""

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path

from .processes import free_port_base, wait_until

FILES = Path(__file__).parents[2] / "deploy"
#: As the image `caddy:2` has it: the Python package of development carries the program.
NEW = (str(Path(sys.executable).with_name("caddy")), FILES / "files/Caddyfile")
#: As Debian 12 and 13 have it: `deploy/files/system-packages deploy` brings it.
DEBIANS = (str(Path(sys.prefix) / "debian/usr/bin/caddy"), FILES / "install/Caddyfile")


class Caddy:
    """A running Caddy for the name `host`, which leads to this machine alone."""

    def __init__(self, folder: Path, node_port: int, caddy: tuple[str, Path] = NEW, prefix: Sequence[str] = ()) -> None:
        program, caddyfile = caddy
        self.plain_port = free_port_base(2)
        self.port = self.plain_port + 1
        self.host = "london.localhost"
        ports = f"http_port {self.plain_port}\nhttps_port {self.port}\ndefault_bind 127.0.0.1\nskip_install_trust"
        environ = os.environ | {
            "DOMAIN": self.host,
            "NODE": f"127.0.0.1:{node_port}",
            "CADDY_GLOBAL_OPTIONS": ports,
            "GOMEMLIMIT": "48MiB",
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "HOME": str(folder),
        }
        self._authority = folder / "data/caddy/pki/authorities/local/root.crt"
        command = [*prefix, program, "run", "--config", str(caddyfile), "--adapter", "caddyfile"]
        self.log = folder / "caddy.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environ, stderr=log, stdout=log)
        try:
            wait_until(self._has_a_certificate, "Caddy's certificate")
        except BaseException:
            self.stop()
            raise

    @property
    def authority(self) -> Path:
        """The certificate that visitors of this Caddy trust."""
        return self._authority

    def connect(self, source: str = "127.0.0.1", timeout: float = 20) -> HTTPSConnection:
        """A visitor's connection, from `source`, an address of this machine's loopback."""
        trusting = ssl.create_default_context(cafile=str(self._authority))
        return _Here(self.host, self.port, timeout=timeout, context=trusting, source_address=(source, 0))

    def stop(self) -> None:
        """As the operator does it."""
        self.process.terminate()
        self.process.wait(timeout=30)

    def _has_a_certificate(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        if not self._authority.exists():
            return False
        with closing(self.connect()) as connection:
            try:
                connection.connect()
            except OSError:
                return False
        return True


class _Here(HTTPSConnection):
    """The name leads to this machine, whatever the machine's list of names says."""

    def connect(self) -> None:
        assert self.source_address
        self.sock = socket.create_connection(("127.0.0.1", self.port), self.timeout, self.source_address)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)  # type: ignore[attr-defined]
