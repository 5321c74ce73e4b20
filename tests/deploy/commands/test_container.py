"""In a container, a folder without a volume is refused, since it goes with the container."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from deploy.commands import main
from deploy.commands.container import require_new_names, require_volumes

DATA = Path("/data/node")
OVERLAY = "21 20 0:50 / / ro,relatime - overlay overlay rw,lowerdir=/a\n"
VFS = "21 20 254:0 /var/lib/docker/vfs/dir/1f / ro,relatime - ext4 /dev/vda rw\n"
VOLUME = "30 21 254:0 /var/lib/docker/volumes/node/_data /data rw,relatime - ext4 /dev/vda rw\n"
KEYS = "31 21 254:0 /var/lib/docker/volumes/keys/_data /keys rw,relatime - ext4 /dev/vda rw\n"


@pytest.mark.parametrize("root", [OVERLAY, VFS])
def test_a_folder_in_the_container_itself_is_refused(root: str) -> None:
    with pytest.raises(click.ClickException, match="would be lost with this container: put a volume there"):
        require_volumes(DATA, {}, root)


@pytest.mark.parametrize("kind", ["tmpfs", "overlay"])
def test_a_folder_in_memory_is_refused(kind: str) -> None:
    with pytest.raises(click.ClickException, match="/data/node would be lost"):
        require_volumes(DATA, {}, OVERLAY + f"30 21 0:60 / /data rw - {kind} {kind} rw\n")


@pytest.mark.parametrize("root", [OVERLAY, VFS])
def test_a_volume_is_taken(root: str) -> None:
    require_volumes(DATA, {}, root + VOLUME)


def test_the_folder_of_the_members_key_needs_a_volume_too() -> None:
    environ = {"RTR_KEYS_FOLDER": "/keys"}
    with pytest.raises(click.ClickException, match="/keys would be lost"):
        require_volumes(DATA, environ, OVERLAY + VOLUME)
    require_volumes(DATA, environ, OVERLAY + VOLUME + KEYS)


def test_a_volume_that_is_hidden_by_memory_counts_for_nothing() -> None:
    with pytest.raises(click.ClickException, match="would be lost"):
        require_volumes(DATA, {}, OVERLAY + VOLUME + "32 30 0:61 / /data rw - tmpfs tmpfs rw\n")


def test_a_folder_with_a_space_in_its_name_is_found() -> None:
    require_volumes(Path("/my data/node"), {}, OVERLAY + VOLUME.replace("/data ", "/my\\040data "))


def test_a_former_name_of_a_setting_is_refused_with_the_new_one() -> None:
    with pytest.raises(click.ClickException, match=r"^MAIL_FROM in \.env has a new name: write RTR_MAIL_FROM$"):
        require_new_names({"MAIL": "", "MAIL_FROM": "a@example.org"})


def test_every_command_asks_first_where_it_is_told_that_it_runs_in_a_container() -> None:
    """Memory that every Linux has."""
    data = "/dev/shm/rtr-nowhere"  # noqa: S108
    result = CliRunner().invoke(main, ["--in-container", "--data", data, "migrate"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert f"what is written into {data} would be lost" in result.output
