"""`rtr init`: a new chapter's node."""

import sys
from pathlib import Path

import click

from federation.keys import SigningKey
from node.chapter.identity import create_chapter
from node.chapter.profile import ProfileInput
from node.input import paper_key
from node.keys import write_key

from ..folder import base_url, made, network, port


@click.command("init")
@base_url
@click.option("--name", prompt="The chapter's name", help="e.g. London")
@click.option("--place", prompt="Its town", help="e.g. London")
@click.option("--country", prompt="Its country (two letters)", help="ISO 3166-1, e.g. GB")
@click.option("--timezone", prompt="Its time zone", help="IANA, e.g. Europe/London")
@click.option("--about", default="", help="A few words about the chapter.")
@port
@network
@click.option(
    "--root-key-file",
    type=click.Path(path_type=Path, readable=False),
    help="Write the root key here instead of showing it.",
)
@click.pass_obj
def command(
    data: Path,
    base_url: str,
    name: str,
    place: str,
    country: str,
    timezone: str,
    about: str,
    port: int,
    network: str,
    root_key_file: Path | None,
) -> None:
    """Found a chapter: make its folder, its keys and its profile.

    The root key is shown once, and kept nowhere on this computer. Write it on paper: only with it can the chapter
    move to another address or replace a lost signing key.
    """
    _require_a_place_for_the_root_key(root_key_file)
    profile = ProfileInput(name=name, place=place, country=country.upper(), timezone=timezone, about=about)
    root_key = SigningKey.generate()
    values = {"BASE_URL": base_url, "ROLE": "chapter", "NETWORK": network, "PORT": str(port)}
    with made(data, values) as node, node.sessions() as session:
        chapter = create_chapter(session, node.settings, profile, SigningKey.generate(), root_key, node.clock())
        chapter_id = chapter.id
        if root_key_file:
            write_key(root_key_file, root_key)
    _say(data, chapter_id, root_key, root_key_file)


def _require_a_place_for_the_root_key(file: Path | None) -> None:
    if file is None and not sys.stdout.isatty():
        raise click.ClickException("the root key is shown on a terminal only: give --root-key-file FILE")
    if file is not None and file.exists():
        raise click.ClickException(f"{file} exists already: choose another file for the root key")


def _say(data: Path, chapter_id: str, root_key: SigningKey, file: Path | None) -> None:
    click.echo(f"The chapter {chapter_id} lives in {data}.")
    if file:
        click.echo(f"Its root key is in {file}. Take it off this computer: print it, then delete the file.")
    else:
        click.echo("Its root key, shown once. Write it on paper, all four lines, and keep it safe:\n")
        click.echo("".join(f"    {line}\n" for line in paper_key.lines_of(root_key)))
    click.echo(f"Next: rtr --data {data} lead add YOUR-FIRST-NAME, then rtr --data {data} serve")
