"""The settings of a node, from settings.env in its data folder and from the environment. The environment wins."""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from federation.encodings import Network, is_base_url

from .errors import NodeError

Role = Literal["chapter", "hq"]
BackedUpKeys = Literal["none", "signing", "all"]

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

SETTINGS_FILE = "settings.env"
SERVE_LOCK = "serve.lock"

_WEEK = 7 * 86_400

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\Z")
_PORT = re.compile(r"[0-9]{1,5}\Z")
_LISTEN = re.compile(r"[A-Za-z0-9.:-]+\Z")

#: Without a password, which has a setting of its own: that one may name a file.
_MAIL = re.compile(r"(folder:.+|smtps?://([^/?#:\s]+@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?/?)\Z")
_MAIL_SHAPE = "smtps://user@host:465, smtp://user@host:587 or folder:PATH, and the password in RTR_MAIL_PASSWORD"
_PASSWORD = re.compile(r":[^:/@]*@")
#: The checksum is read where a backup is made (node.upkeep.backups.backup_key).
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}\Z")
#: A remote of rclone.conf, never one that is spelled out with its password.
_REMOTE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@ -]*:[^\x00-\x1f]*\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\Z")


class SettingsError(NodeError):
    """A setting is missing or wrong. The message is one line and says what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that an operator sets, as RTR_<NAME>. deploy/README.md documents each, and a test compares them."""

    data: Path
    base_url: str
    role: Role = "chapter"
    network: Network = "internet"
    host: str = "127.0.0.1"
    port: int = 8100
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    poll_seconds: int = 900
    relay_seconds: int = 20
    threads: int = 4
    log_level: str = "INFO"
    log_format: str = "text"
    metrics_port: int = 0
    mail: str = ""
    mail_password: str = field(default="", repr=False)
    mail_from: str = ""
    mail_a_day: int = 200
    keep_coming_days: int = 7
    keep_idle_days: int = 365
    keep_copies_days: int = 30
    keep_messages_days: int = 30
    complaints: str = ""
    keys_folder: str = ""
    backup_key: str = ""
    backup_keys: str = "signing"
    backup_to: str = ""

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "node.sqlite"

    @property
    def signing_key_file(self) -> Path:
        """The chapter's signing key, or HQ's registry key (0600)."""
        return self.data / "keys" / "signing.key"

    @property
    def has_mail(self) -> bool:
        """Whether this node sends letters."""
        return bool(self.mail)

    @property
    def mail_sender(self) -> str:
        """The address that letters come from. Captured letters need none of their own."""
        return self.mail_from or "letters@localhost"

    @property
    def members_key_file(self) -> Path:
        """The key of what members told this chapter (0600). A copy of the data folder alone does not hold it."""
        folder = Path(self.keys_folder) if self.keys_folder else self.data.with_name(f"{self.data.name}-keys")
        return folder / "members.key"

    @property
    def serve_lock(self) -> Path:
        """The lock file that `rtr serve` and `rtr migrate` hold while they work on the folder."""
        return self.data / SERVE_LOCK

    @property
    def pid_file(self) -> Path:
        """The file with the process number of `rtr serve` while it runs."""
        return self.data / "serve.pid"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name (with port where BASE_URL has one) that requests may carry."""
        return (urlsplit(self.base_url).netloc, *self.trusted_hosts)

    @property
    def speaks_from(self) -> str | None:
        """The address that this node connects from. On a loopback network it is one of 127/8 for each node.

        Otherwise the nodes would be one visitor to each other, and share one budget.
        """
        return f"127.1.{self.port >> 8}.{self.port & 255}" if self.network == "loopback" else None

    @property
    def is_hq(self) -> bool:
        """Whether this is HQ's seed node."""
        return self.role == "hq"


#: Each setting's name X of RTR_X, and its default. BASE_URL has none: it must be given.
SETTINGS: dict[str, Any] = {each.name.upper(): each.default for each in fields(Settings) if each.name != "data"}
_VARIABLES = {f"RTR_{name}{end}" for name in SETTINGS for end in ("", "_FILE")}


def load(data: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the node whose data folder is `data`. Raises SettingsError, or OSError for the folder itself."""
    environ = os.environ if environ is None else environ
    file = data / SETTINGS_FILE
    given = _named(_read_file(file), f" in {file}") | _named(_ours(environ), "")
    if "BASE_URL" not in given:
        raise SettingsError(f"RTR_BASE_URL is not set: put RTR_BASE_URL=https://… into {file}, or into the environment")
    # Absolute, since a child process may run in another folder.
    return _check(Settings(data=data.absolute(), **_converted(given)))


def changed(settings: Settings, values: Mapping[str, str]) -> Settings:
    """The settings with these values, by the names that SETTINGS has. Raises SettingsError."""
    return _check(replace(settings, **_converted(values)))


def from_environment(names: Iterable[str], environ: Mapping[str, str] | None = None) -> set[str]:
    """Those of `names` whose value the environment sets: what settings.env says of them does not count."""
    set_there = {_setting_of(name) for name in _ours(os.environ if environ is None else environ)}
    return set_there & set(names)


def write(data: Path, values: Mapping[str, str]) -> None:
    """Write settings.env into `data` (0600)."""
    path = data / SETTINGS_FILE
    path.touch(mode=0o600)
    path.write_text("".join(f"RTR_{name}={value}\n" for name, value in values.items()))


def change(data: Path, values: Mapping[str, str]) -> None:
    """Set some settings in settings.env of `data`. Its other lines stay as they are. All is written, or nothing.

    A value that was in a file of its own (RTR_X_FILE) is in settings.env from then on. Raises SettingsError, OSError.
    """
    path = data / SETTINGS_FILE
    _read_file(path)  # a file that nobody can read is not made worse
    if any(value.splitlines() not in ([], [value]) for value in values.values()):
        raise SettingsError("a setting is one line")
    replaced = {f"RTR_{name}{end}" for name in values for end in ("", "_FILE")}
    kept = [line for line in _lines(path) if line.partition("=")[0].strip() not in replaced]
    growing = path.with_suffix(".growing")
    growing.unlink(missing_ok=True)
    growing.touch(mode=0o600)
    with growing.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in (*kept, *(f"RTR_{name}={value}" for name, value in values.items())))
        file.flush()
        os.fsync(file.fileno())
    growing.replace(path)


def _read_file(path: Path) -> dict[str, str]:
    """Full name to value. `#` begins a comment line. A line that would do nothing is refused, since it was meant to."""
    found: dict[str, str] = {}
    for number, line in enumerate(_lines(path), 1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if (not name and not equals) or name.startswith("#"):
            continue
        if not equals:
            raise SettingsError(f"{path}, line {number}: {line.strip()[:40]!r} is no RTR_…=value")
        if name in found:
            raise SettingsError(f"{path}, line {number}: {name} stands there twice")
        found[name] = value
    return found


def _lines(path: Path) -> list[str]:
    try:
        # -sig: some editors begin a file with a mark, which would be a part of the first name.
        return path.read_text("utf-8-sig").splitlines() if path.exists() else []
    except UnicodeError as error:
        raise SettingsError(f"{path} is no text in UTF-8: write it anew") from error


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that begin with RTR_, in any case, but for the folder, which the command was given.

    An empty one sets nothing: compose hands on so what nobody has set.
    """
    ours = {name: value for name, value in environ.items() if name.upper().startswith("RTR_") and value.strip()}
    return {name: value for name, value in ours.items() if name != "RTR_DATA"}


def _named(given: Mapping[str, str], where: str) -> dict[str, str]:
    """Setting to value: RTR_X itself, or the contents of the file that RTR_X_FILE names. `where`: named in an error."""
    found: dict[str, str] = {}
    for name, value in given.items():
        setting = _setting_of(name)
        if name not in _VARIABLES:
            raise SettingsError(f"there is no setting {name}{where}{_nearest(name)}: mend the name, or take it out")
        if setting in found:
            raise SettingsError(f"RTR_{setting} and RTR_{setting}_FILE are both set{where}: take one out")
        found[setting] = (_contents(name, value) if name.endswith("_FILE") else value).strip()
    return found


def _setting_of(name: str) -> str:
    """The name in SETTINGS that RTR_X and RTR_X_FILE set."""
    return name.removeprefix("RTR_").removesuffix("_FILE")


def _converted(given: Mapping[str, str]) -> dict[str, Any]:
    return {name.lower(): _convert(name, value) for name, value in given.items()}


def _nearest(name: str) -> str:
    close = difflib.get_close_matches(name.upper(), sorted(_VARIABLES), 1)
    return f"; the nearest is {close[0]}" if close else ""


def _contents(name: str, path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{name}: {path} cannot be read") from error


def _hosts(text: str) -> tuple[str, ...]:
    """Host names as a browser sends them: lower case, no last dot, no default port, other letters as xn--.

    Raises SettingsError for a name that no browser sends, since it would never match.
    """
    return tuple(_host(name.strip()) for name in text.split(",") if name.strip())


def _host(name: str) -> str:
    host, colon, port = name.partition(":")
    try:
        # An empty label, as in "a..b", or one that is too long, is a UnicodeError, too.
        host = host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        host = ""
    if not _HOST.match(host) or (colon and not _PORT.match(port)):
        raise SettingsError(
            f"RTR_TRUSTED_HOSTS has {name!r}: it must be host names, such as www.example.org or www.example.org:8443, "
            "without https:// and without a path"
        )
    return host if port in ("", "80", "443") else f"{host}:{port}"


def _convert(name: str, text: str) -> Any:
    """The value of a setting, of the type that its default has."""
    if isinstance(SETTINGS[name], tuple):
        return _hosts(text)
    if isinstance(SETTINGS[name], int) and not text.isdecimal():
        raise SettingsError(f"RTR_{name} is {text!r}: it must be a whole number")
    return int(text) if isinstance(SETTINGS[name], int) else text


#: A setting's name, its value as an error says it, whether it fits, and what it must be.
_Rule = tuple[str, object, object, str]


def _check(settings: Settings) -> Settings:
    for name, value, fits, must in (
        *_rules_of_serving(settings),
        *_rules_of_mail(settings),
        *_rules_of_keeping(settings),
    ):
        if not fits:
            raise SettingsError(f"RTR_{name} is {value!r}: it must be {must}")
    return settings


def _rules_of_serving(settings: Settings) -> tuple[_Rule, ...]:
    loopback = settings.network == "loopback"
    shape = "http://127.0.0.1:<port>" if loopback else "https://<host>, no port, no path"
    return (
        ("ROLE", settings.role, settings.role in get_args(Role), "chapter or hq"),
        ("NETWORK", settings.network, settings.network in get_args(Network), "internet or loopback"),
        ("BASE_URL", settings.base_url, is_base_url(settings.base_url, settings.network), shape),
        ("HOST", settings.host, _LISTEN.match(settings.host), "an address of this machine, or 0.0.0.0 or :: for all"),
        ("HOST", settings.host, not loopback or settings.host == "127.0.0.1", "127.0.0.1 in a loopback network"),
        ("PORT", settings.port, 0 < settings.port < 65536, "1 to 65535"),
        ("PORT", settings.port, not loopback or settings.base_url.endswith(f":{settings.port}"), "that of BASE_URL"),
        ("TRUSTED_PROXIES", settings.trusted_proxies, settings.trusted_proxies <= 9, "at most 9"),
        ("POLL_SECONDS", settings.poll_seconds, settings.poll_seconds <= _WEEK, f"at most {_WEEK}, a week"),
        # With 0 the relay would try again for ever without a pause.
        ("RELAY_SECONDS", settings.relay_seconds, 0 < settings.relay_seconds <= _WEEK, f"1 to {_WEEK}"),
        ("THREADS", settings.threads, 0 < settings.threads <= 64, "1 to 64"),
        ("LOG_FORMAT", settings.log_format, settings.log_format in ("text", "json"), "text or json"),
        ("METRICS_PORT", settings.metrics_port, settings.metrics_port < 65536, "0 for none, or 1 to 65535"),
        ("METRICS_PORT", settings.metrics_port, settings.metrics_port != settings.port, "another than RTR_PORT"),
        ("LOG_LEVEL", settings.log_level, settings.log_level in _LOG_LEVELS, "DEBUG, INFO, WARNING or ERROR"),
    )


def _rules_of_mail(settings: Settings) -> tuple[_Rule, ...]:
    return (
        ("MAIL", _PASSWORD.sub(":…@", settings.mail), not settings.mail or _MAIL.match(settings.mail), _MAIL_SHAPE),
        ("MAIL_FROM", settings.mail_from, _ADDRESS.match(settings.mail_sender), "name@host"),
        ("MAIL_FROM", settings.mail_from, settings.mail_from or not settings.mail.startswith("smtp"), "set, too"),
        ("MAIL_A_DAY", settings.mail_a_day, settings.mail_a_day > 0, "at least 1"),
        (
            "COMPLAINTS",
            settings.complaints,
            not settings.complaints or _ADDRESS.match(settings.complaints),
            "name@host",
        ),
    )


def _rules_of_keeping(settings: Settings) -> tuple[_Rule, ...]:
    return (
        ("KEEP_COMING_DAYS", settings.keep_coming_days, 1 <= settings.keep_coming_days <= 30, "1 to 30"),
        ("KEEP_IDLE_DAYS", settings.keep_idle_days, 30 <= settings.keep_idle_days <= 730, "30 to 730"),
        ("KEEP_COPIES_DAYS", settings.keep_copies_days, 1 <= settings.keep_copies_days <= 30, "1 to 30"),
        ("KEEP_MESSAGES_DAYS", settings.keep_messages_days, 1 <= settings.keep_messages_days <= 90, "1 to 90"),
        # Never repeated, since it may be the secret half.
        ("BACKUP_KEY", "…", not settings.backup_key or _RECIPIENT.match(settings.backup_key), "a public key, age1…"),
        ("BACKUP_KEYS", settings.backup_keys, settings.backup_keys in get_args(BackedUpKeys), "none, signing or all"),
        ("BACKUP_TO", settings.backup_to, not settings.backup_to or _REMOTE.match(settings.backup_to), "remote:folder"),
    )
