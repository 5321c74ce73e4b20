"""What `rtr serve` and `rtr setup-link` make of a folder in which nobody has founded a chapter yet."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.commands import main
from deploy.commands.chapter import first_start
from node import config

ENVIRONMENT = {"RTR_BASE_URL": "http://127.0.0.1:8177", "RTR_NETWORK": "loopback", "RTR_PORT": "8177"}


def rtr(data: Path, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), *words], env=ENVIRONMENT | environment)


def test_an_empty_folder_becomes_a_node_that_is_set_up_by_its_link(tmp_path: Path) -> None:
    done = rtr(tmp_path / "data", "setup-link")
    assert done.stdout.startswith("http://127.0.0.1:8177/setup/begin/")
    settings = config.load(tmp_path / "data", {})
    assert settings.base_url == "http://127.0.0.1:8177"
    assert first_start.is_unfounded(settings)
    assert first_start.is_unopened(settings)
    modes = {one.stat().st_mode & 0o777 for one in settings.data.iterdir()}
    assert (modes, settings.data.stat().st_mode & 0o777) == ({0o600}, 0o700)


def test_settings_that_lie_in_the_folder_are_kept(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("# mine\nRTR_BASE_URL=http://127.0.0.1:8177\nRTR_COMPLAINTS=a@example.org\n")
    assert rtr(tmp_path, "setup-link").exit_code == 0
    assert "# mine" in (tmp_path / "settings.env").read_text()
    assert config.load(tmp_path, ENVIRONMENT).complaints == "a@example.org"


@pytest.mark.parametrize("left", ["", "empty database", "tables"])
def test_a_first_start_that_was_cut_off_is_done_again(tmp_path: Path, left: str) -> None:
    settings = config.load(tmp_path, ENVIRONMENT)
    if left == "empty database":
        settings.database.touch()
    elif left == "tables":
        first_start.make(settings)
        from node.database import make_engine

        engine = make_engine(settings.database)
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM set_up")
        engine.dispose()
    assert rtr(tmp_path, "setup-link").exit_code == 0


def test_a_folder_that_lost_its_data_is_not_set_up_anew(tmp_path: Path) -> None:
    keys = tmp_path / "data-keys"
    keys.mkdir()
    (keys / "members.key").write_text("0" * 64)
    done = rtr(tmp_path / "data", "setup-link")
    assert done.exit_code == 1
    assert "put your newest copy back" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_folder_with_a_signing_key_and_no_database_is_not_set_up_anew(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/signing.key").write_text("0" * 64)
    done = rtr(tmp_path, "setup-link")
    assert done.exit_code == 1
    assert "is gone or empty" in done.stderr


def test_somebody_elses_folder_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    done = rtr(tmp_path, "setup-link")
    assert done.exit_code == 1
    assert "holds no node" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["holiday.jpg"]


def test_hq_is_founded_by_its_own_command(tmp_path: Path) -> None:
    done = rtr(tmp_path / "hq", "setup-link", RTR_ROLE="hq")
    assert done.exit_code == 1
    assert not (tmp_path / "hq").exists()


def test_a_newer_link_is_printed_each_time(tmp_path: Path) -> None:
    assert rtr(tmp_path / "data", "setup-link").stdout != rtr(tmp_path / "data", "setup-link").stdout
