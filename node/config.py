"""One frozen Settings, from the data folder's settings.env and the environment; the environment wins."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from federation.encodings import Network, is_base_url

from .errors import NodeError

Role = Literal["chapter", "hq"]

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

SETTINGS_FILE = "settings.env"


class SettingsError(NodeError):
    """A setting is missing or wrong. The message is one line and says the way out."""


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings: `RTR_<NAME>`, its default (None: must be given), and what it does."""

    name: str
    default: str | None
    about: str


#: Every setting there is. deploy/README.md documents each; a test compares.
SETTINGS = (
    Setting("BASE_URL", None, "the address people and other nodes use, e.g. https://london.example.org"),
    Setting("ROLE", "chapter", "chapter, or hq for the seed node"),
    Setting("NETWORK", "internet", "internet; or loopback, for trying several nodes on one machine"),
    Setting("HOST", "127.0.0.1", "the address to listen on"),
    Setting("PORT", "8100", "the port to listen on; in a loopback network the port of BASE_URL"),
    Setting("TRUSTED_HOSTS", "", "further host names this node answers to, separated by commas"),
    Setting("TRUSTED_PROXIES", "0", "how many proxies stand in front and set X-Forwarded-For"),
    Setting("POLL_SECONDS", "900", "how often other nodes are asked for changes; 0 switches polling off"),
    Setting("RELAY_SECONDS", "20", "how often an urgent change that did not get through is tried again"),
    Setting("THREADS", "4", "how many requests are answered at once"),
    Setting("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
)


@dataclass(frozen=True)
class Settings:
    """All a node is told from outside. Times in seconds."""

    data: Path
    base_url: str
    role: Role = "chapter"
    network: Network = "internet"
    host: str = "127.0.0.1"
    port: int = 8100
    trusted_hosts: tuple[str, ...] = field(default=())
    trusted_proxies: int = 0
    poll_seconds: int = 900
    relay_seconds: int = 20
    threads: int = 4
    log_level: str = "INFO"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "node.sqlite"

    @property
    def signing_key_file(self) -> Path:
        """The chapter's signing key, or HQ's registry key (0600)."""
        return self.data / "keys" / "signing.key"

    @property
    def pid_file(self) -> Path:
        """Written while `rtr serve` runs."""
        return self.data / "serve.pid"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name (with port where BASE_URL has one) that requests may carry."""
        return (urlsplit(self.base_url).netloc, *self.trusted_hosts)

    @property
    def speaks_from(self) -> str | None:
        """In a loopback network each node has an address of its own, as on the internet: all of 127/8 is this machine.

        Else its nodes would be one visitor to each other, and share one budget.
        """
        return f"127.1.{self.port >> 8}.{self.port & 255}" if self.network == "loopback" else None

    @property
    def is_hq(self) -> bool:
        """Whether this is HQ's seed node."""
        return self.role == "hq"


def load(data: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the node whose data folder is `data`; raises SettingsError."""
    environ = os.environ if environ is None else environ
    raw = _read_file(data / SETTINGS_FILE) | _read_environment(environ)
    values = {setting.name: raw.get(setting.name, setting.default) for setting in SETTINGS}
    missing = [f"RTR_{name}" for name, value in values.items() if value is None]
    if missing:
        raise SettingsError(f"{missing[0]} is not set: run `rtr init`, or set it in {data / SETTINGS_FILE}")
    converted = {name.lower(): _convert(name, value or "") for name, value in values.items()}
    # Absolute: what opens the database may stand in another folder.
    return _check(Settings(data=data.absolute(), **converted))


def write(data: Path, values: Mapping[str, str]) -> None:
    """Write settings.env into `data` (0600)."""
    path = data / SETTINGS_FILE
    path.touch(mode=0o600)
    path.write_text("".join(f"RTR_{name}={value}\n" for name, value in values.items()))


def _read_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines() if path.exists() else []
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#")]
    return {name.strip().removeprefix("RTR_"): value.strip() for name, value in pairs}


def _read_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """RTR_X itself, or the contents of the file that RTR_X_FILE names."""
    found = {s.name: environ[f"RTR_{s.name}"] for s in SETTINGS if f"RTR_{s.name}" in environ}
    for setting in SETTINGS:
        path = environ.get(f"RTR_{setting.name}_FILE")
        if path:
            try:
                found[setting.name] = Path(path).read_text().strip()
            except OSError as error:
                raise SettingsError(f"RTR_{setting.name}_FILE: {path} cannot be read") from error
    return found


def _whole(text: str) -> int:
    if not text.isdigit():
        raise ValueError
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "PORT": _whole,
    "TRUSTED_HOSTS": _names,
    "TRUSTED_PROXIES": _whole,
    "POLL_SECONDS": _whole,
    "RELAY_SECONDS": _whole,
    "THREADS": _whole,
}


def _convert(name: str, text: str) -> Any:
    try:
        return _CONVERTERS.get(name, str)(text)
    except ValueError as error:
        raise SettingsError(f"RTR_{name} is {text!r}: it must be a whole number") from error


def _check(settings: Settings) -> Settings:
    loopback = settings.network == "loopback"
    shape = "http://127.0.0.1:<port>" if loopback else "https://<host>, no port, no path"
    for name, value, fits, must in (
        ("ROLE", settings.role, settings.role in get_args(Role), "chapter or hq"),
        ("NETWORK", settings.network, settings.network in get_args(Network), "internet or loopback"),
        ("BASE_URL", settings.base_url, is_base_url(settings.base_url, settings.network), shape),
        ("HOST", settings.host, not loopback or settings.host == "127.0.0.1", "127.0.0.1 in a loopback network"),
        ("PORT", settings.port, 0 < settings.port < 65536, "1 to 65535"),
        ("PORT", settings.port, not loopback or settings.base_url.endswith(f":{settings.port}"), "that of BASE_URL"),
        # 0 would try again without a pause, for ever.
        ("RELAY_SECONDS", settings.relay_seconds, settings.relay_seconds > 0, "at least 1"),
        ("THREADS", settings.threads, settings.threads > 0, "at least 1"),
        ("LOG_LEVEL", settings.log_level, settings.log_level in _LOG_LEVELS, "DEBUG, INFO, WARNING or ERROR"),
    ):
        if not fits:
            raise SettingsError(f"RTR_{name} is {value!r}: it must be {must}")
    return settings
