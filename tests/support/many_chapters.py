"""A few hundred chapters that a node holds something of, by rows alone: for lists, which read no document."""

from datetime import timedelta

from sqlalchemy import insert

from node.database import writing
from node.models import HeldDocument, RegistryChapter

from .network import LocalNode

COUNTRIES = ("AU", "DE", "GB", "IE", "US")


def list_many(node: LocalNode, count: int) -> list[str]:
    """`count` active chapters, round the countries; their ids in the order of the list of chapters."""
    now = node.clock()
    ids = [f"{number:a>24}".translate(str.maketrans("0189", "wxyz")) for number in range(count)]
    documents = [
        {
            "chapter": id_,
            "version": 1,
            "digest": id_,
            # No page of a list may read it: it is none.
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
