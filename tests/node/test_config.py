"""Settings: from a file and the environment, checked, refused in one line with the way out."""

import resource
from pathlib import Path

import pytest

from node import config
from node.config import SETTINGS, SettingsError

GOOD = {"RTR_BASE_URL": "https://london.example.org"}


def test_a_missing_address_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"RTR_BASE_URL is not set: put RTR_BASE_URL=https:"):
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
        ("RTR_THREADS", "100000"),
        ("RTR_POLL_SECONDS", "99999999999999999999"),
        ("RTR_RELAY_SECONDS", "99999999999999999999"),
        ("RTR_TRUSTED_PROXIES", "100"),
        ("RTR_MAIL", "smtp.example.org"),
        ("RTR_MAIL", "smtps://us:secret@smtp.example.org"),
        ("RTR_MAIL", "smtps://smtp.example.org/path"),
        ("RTR_MAIL", "folder:"),
        ("RTR_MAIL_FROM", "letters"),
        ("RTR_MAIL_FROM", "Letters <letters@example.org>"),
        ("RTR_MAIL_A_DAY", "0"),
        ("RTR_MAIL_A_DAY", "many"),
        ("RTR_HOST", "*"),
        ("RTR_TRUSTED_HOSTS", "https://www.example.org"),
        ("RTR_TRUSTED_HOSTS", "www.example.org/runs"),
        ("RTR_TRUSTED_HOSTS", "www.example.org ruhr.example.org"),
        ("RTR_TRUSTED_HOSTS", "*.example.org"),
        ("RTR_TRUSTED_HOSTS", "www..example.org"),
        ("RTR_TRUSTED_HOSTS", "www.example.org:https"),
        ("RTR_TRUSTED_HOSTS", '"www.example.org"'),
        ("RTR_RELAY_SECONDS", "0"),
        ("RTR_LOG_LEVEL", "LOUD"),
        ("RTR_BACKUP_KEY", "age1tooshort"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        config.load(tmp_path, GOOD | {name: value})


def test_an_empty_variable_sets_nothing_and_an_empty_line_of_the_file_is_refused(tmp_path: Path) -> None:
    """Compose hands on an empty variable for each that nobody has set. In the file somebody has written it."""
    assert config.load(tmp_path, GOOD | {"RTR_HOST": " "}).host == "127.0.0.1"
    config.write(tmp_path, {"HOST": ""})
    with pytest.raises(SettingsError, match="RTR_HOST"):
        config.load(tmp_path, GOOD)


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
    assert {name.lower() for name in SETTINGS} <= set(config.Settings.__dataclass_fields__)


def test_in_a_loopback_network_each_node_speaks_from_an_address_of_its_own(tmp_path: Path) -> None:
    def speaks_from(port: int) -> str | None:
        settings = {"RTR_BASE_URL": f"http://127.0.0.1:{port}", "RTR_NETWORK": "loopback", "RTR_PORT": str(port)}
        return config.load(tmp_path, settings).speaks_from

    assert (speaks_from(8100), speaks_from(8101)) == ("127.1.31.164", "127.1.31.165")
    assert config.load(tmp_path, GOOD).speaks_from is None


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("WWW.Example.org", "www.example.org"),
        (" www.example.org ,", "www.example.org"),
        ("www.example.org.", "www.example.org"),
        ("www.example.org:443", "www.example.org"),
        ("WWW.example.org:8443", "www.example.org:8443"),
        ("läufe.example.org", "xn--lufe-loa.example.org"),
    ],
)
def test_a_trusted_host_is_kept_as_browsers_send_it(tmp_path: Path, typed: str, heard: str) -> None:
    assert config.load(tmp_path, GOOD | {"RTR_TRUSTED_HOSTS": typed}).trusted_hosts == (heard,)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("RTR_TRUSTED_PROXY", "RTR_TRUSTED_PROXIES"),
        ("RTR_TRUSTED_HOST", "RTR_TRUSTED_HOSTS"),
        ("rtr_port", "RTR_PORT"),
        ("RTR_POLL_SECOND_FILE", "RTR_POLL_SECONDS_FILE"),
    ],
)
def test_a_setting_that_there_is_not_is_said_with_the_nearest_one(tmp_path: Path, name: str, nearest: str) -> None:
    with pytest.raises(SettingsError, match=f"there is no setting {name}; the nearest is {nearest}: mend the name"):
        config.load(tmp_path, GOOD | {name: "1"})


def test_a_setting_like_no_other_is_said_alone(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no setting RTR_XQZ: mend the name, or take it out"):
        config.load(tmp_path, GOOD | {"RTR_XQZ": "1"})


def test_where_the_folder_is_may_stand_in_the_environment(tmp_path: Path) -> None:
    assert config.load(tmp_path, GOOD | {"RTR_DATA": "data"}).base_url == GOOD["RTR_BASE_URL"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RTR_PROT=8200\n", r"there is no setting RTR_PROT in .*settings.env; the nearest is RTR_PORT"),
        ("PORT=8200\n", r"there is no setting PORT in .*; the nearest is RTR_PORT"),
        ("export RTR_PORT=8200\n", r"there is no setting export RTR_PORT in .*; the nearest is RTR_PORT"),
        ("RTR_DATA=here\n", r"there is no setting RTR_DATA in"),
        ("RTR_PORT 8200\n", r"settings.env, line 1: 'RTR_PORT 8200' is no RTR_…=value"),
        ("RTR_PORT=1\n\nRTR_PORT=2\n", r"settings.env, line 3: RTR_PORT stands there twice"),
        ("RTR_PORT=1\nRTR_PORT_FILE=x\n", r"RTR_PORT and RTR_PORT_FILE are both set in .*settings.env: take one out"),
    ],
)
def test_a_line_of_the_file_that_would_do_nothing_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "settings.env").write_text(text)
    with pytest.raises(SettingsError, match=said):
        config.load(tmp_path, GOOD)


def test_comments_empty_lines_and_an_editors_mark_are_no_settings(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("\ufeffRTR_PORT = 8200\r\n\r\n# RTR_PORT=1\r\n  # x\r\n", "utf-8")
    assert config.load(tmp_path, GOOD).port == 8200


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_bytes(b"RTR_PORT=\xff\xfe")
    with pytest.raises(SettingsError, match="is no text in UTF-8"):
        config.load(tmp_path, GOOD)


def test_the_file_may_name_another_file_too(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("8200\n")
    (tmp_path / "settings.env").write_text(f"RTR_PORT_FILE={tmp_path / 'port'}\n")
    assert config.load(tmp_path, GOOD).port == 8200


def test_a_mail_server_needs_an_address_that_letters_come_from(tmp_path: Path) -> None:
    mail = GOOD | {"RTR_MAIL": "smtps://us@example.org@smtp.example.org:465"}
    with pytest.raises(SettingsError, match="RTR_MAIL_FROM"):
        config.load(tmp_path, mail)
    assert config.load(tmp_path, mail | {"RTR_MAIL_FROM": "letters@example.org"}).has_mail


def test_a_mail_servers_password_in_its_address_is_refused_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="RTR_MAIL_PASSWORD") as refused:
        config.load(tmp_path, GOOD | {"RTR_MAIL": "smtps://us@example.org:se-cret@smtp.example.org"})
    assert "se-cret" not in str(refused.value)


def test_a_mail_servers_password_is_in_no_print_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("se-cret\n")
    found = config.load(tmp_path, GOOD | {"RTR_MAIL_PASSWORD_FILE": str(tmp_path / "password")})
    assert found.mail_password == "se-cret"
    assert "se-cret" not in repr(found)


def test_a_secret_key_in_place_of_the_public_one_is_refused_without_being_repeated(tmp_path: Path) -> None:
    secret = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"
    with pytest.raises(SettingsError, match="RTR_BACKUP_KEY is '…': it must be a public key, age1…") as refused:
        config.load(tmp_path, GOOD | {"RTR_BACKUP_KEY": secret})
    assert secret not in str(refused.value)


def test_a_changed_setting_leaves_the_other_lines_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("# Ours since May\nRTR_BASE_URL=https://london.example.org\nRTR_PORT = 8200\n\nRTR_MAIL_FROM=a@b\n")
    config.change(tmp_path, {"PORT": "8300", "COMPLAINTS": "a@example.org"})
    assert file.read_text() == (
        "# Ours since May\nRTR_BASE_URL=https://london.example.org\n\nRTR_MAIL_FROM=a@b\n"
        "RTR_PORT=8300\nRTR_COMPLAINTS=a@example.org\n"
    )
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["settings.env"]


def test_a_changed_setting_takes_the_place_of_a_file_that_held_it(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("RTR_BASE_URL=https://london.example.org\nRTR_PORT_FILE=/nowhere\n")
    config.change(tmp_path, {"PORT": "8300"})
    assert config.load(tmp_path, {}).port == 8300


@pytest.mark.parametrize("value", ["8300\nRTR_ROLE=hq", "8300\r", "8300\x85RTR_ROLE=hq"])
def test_a_value_of_two_lines_changes_nothing(tmp_path: Path, value: str) -> None:
    config.write(tmp_path, {"BASE_URL": "https://london.example.org"})
    before = (tmp_path / "settings.env").read_bytes()
    with pytest.raises(SettingsError, match="one line"):
        config.change(tmp_path, {"PORT": value})
    assert (tmp_path / "settings.env").read_bytes() == before


def test_a_change_on_a_full_disk_leaves_the_settings_as_they_were(tmp_path: Path) -> None:
    config.write(tmp_path, {"BASE_URL": "https://london.example.org"})
    before = (tmp_path / "settings.env").read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 14, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            config.change(tmp_path, {"COMPLAINTS": "a" * (1 << 15)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert (tmp_path / "settings.env").read_bytes() == before
