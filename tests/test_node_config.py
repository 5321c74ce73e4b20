"""Settings: from a file and the environment, checked, refused in one line with the way out."""

from pathlib import Path

import pytest

from node import config
from node.config import SETTINGS, SettingsError

GOOD = {"RTR_BASE_URL": "https://london.example.org"}


def test_a_missing_address_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"RTR_BASE_URL is not set: run `rtr init`"):
        config.load(tmp_path, {})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config.write(tmp_path, {"BASE_URL": "https://london.example.org", "PORT": "8200"})
    assert config.load(tmp_path, {"RTR_PORT": "8300"}).port == 8300


def test_a_setting_may_come_from_a_file_that_another_names(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("https://london.example.org\n")
    assert config.load(tmp_path, {"RTR_BASE_URL_FILE": str(tmp_path / "url")}).base_url == GOOD["RTR_BASE_URL"]


def test_a_named_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RTR_BASE_URL_FILE"):
        config.load(tmp_path, {"RTR_BASE_URL_FILE": str(tmp_path / "nothing")})


def test_the_settings_file_is_its_owners_alone(tmp_path: Path) -> None:
    config.write(tmp_path, {"BASE_URL": "https://london.example.org"})
    assert (tmp_path / "settings.env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RTR_PORT", "many"),
        ("RTR_PORT", "0"),
        ("RTR_ROLE", "boss"),
        ("RTR_NETWORK", "lan"),
        ("RTR_BASE_URL", "http://london.example.org"),
        ("RTR_BASE_URL", "https://london.example.org/path"),
        ("RTR_BASE_URL", "https://London.example.org"),
        ("RTR_BASE_URL", "https://london.example.org:8443"),
        ("RTR_THREADS", "0"),
        ("RTR_RELAY_SECONDS", "0"),
        ("RTR_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        config.load(tmp_path, GOOD | {name: value})


def test_polling_can_be_switched_off(tmp_path: Path) -> None:
    assert config.load(tmp_path, GOOD | {"RTR_POLL_SECONDS": "0"}).poll_seconds == 0


def test_a_loopback_network_listens_on_loopback_alone(tmp_path: Path) -> None:
    environ = {"RTR_BASE_URL": "http://127.0.0.1:8100", "RTR_NETWORK": "loopback", "RTR_HOST": "0.0.0.0"}
    with pytest.raises(SettingsError, match="RTR_HOST"):
        config.load(tmp_path, environ)


def test_a_loopback_node_listens_where_its_address_says(tmp_path: Path) -> None:
    environ = {"RTR_BASE_URL": "http://127.0.0.1:8105", "RTR_NETWORK": "loopback"}
    with pytest.raises(SettingsError, match="RTR_PORT"):
        config.load(tmp_path, environ)


def test_every_row_of_the_table_is_a_member_of_settings() -> None:
    assert {s.name.lower() for s in SETTINGS} <= set(config.Settings.__dataclass_fields__)


def test_in_a_loopback_network_each_node_speaks_from_an_address_of_its_own(tmp_path: Path) -> None:
    def speaks_from(port: int) -> str | None:
        settings = {"RTR_BASE_URL": f"http://127.0.0.1:{port}", "RTR_NETWORK": "loopback", "RTR_PORT": str(port)}
        return config.load(tmp_path, settings).speaks_from

    assert (speaks_from(8100), speaks_from(8101)) == ("127.1.31.164", "127.1.31.165")
    assert config.load(tmp_path, GOOD).speaks_from is None
