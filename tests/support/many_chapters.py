"""A few hundred chapters as rows alone, for lists of chapters, which read no document."""

from datetime import timedelta

from sqlalchemy import insert

from node.database import writing
from node.models import HeldDocument, RegistryChapter

from .network import LocalNode

COUNTRIES = ("AU", "DE", "GB", "IE", "US")


def list_many(node: LocalNode, count: int) -> list[str]:
    """Add so many active chapters of several countries. Their ids in the order of the list of chapters."""
    now = node.clock()
    ids = [f"{number:a>24}".translate(str.maketrans("0189", "wxyz")) for number in range(count)]
    documents = [
        {
            "chapter": id_,
            "version": 1,
            "digest": id_,
            # This is no envelope: a list that read it would fail.
            "envelope": b"not read",
            "name": f"Chapter {number:03}",
            "place": f"Town {number % 7}",
            "country": COUNTRIES[number % len(COUNTRIES)],
            "pause": "",
            "issued": now,
            "fresh_until": now + timedelta(hours=48),
            "expires": now + timedelta(days=14),
            "seq": 10_000 + number,
        }
        for number, id_ in enumerate(ids)
    ]
    entry = {"root_version": 1, "root_digest": "0" * 64, "status": "active", "since": now}
    entries = [entry | {"chapter": id_} for id_ in ids]
    with node.session() as session, writing(session):
        session.execute(insert(HeldDocument), documents)
        session.execute(insert(RegistryChapter), entries)
    return [str(one["chapter"]) for one in sorted(documents, key=lambda one: (one["country"], one["name"]))]
