"""Write federation/vectors: what any implementation of PROTOCOL.md must accept or refuse (§17).

Run as `python -m tests.federation.vectors.make_vectors`. Fixed keys, fixed times: it writes the same bytes every time.
"""

import json
from pathlib import Path

from . import accepted, documents, exchanged, shown, signed
from .vector import Vector

FOLDER = Path(__file__).parents[3] / "federation" / "vectors"


def everything() -> dict[str, list[Vector]]:
    """File name to vectors."""
    return {
        "signing": list(signed.signing()),
        "envelopes": list(signed.envelopes()),
        "keys": list(signed.keys()),
        "roots": list(signed.roots()),
        "registry": list(accepted.registry()),
        "payloads": list(signed.payloads()),
        "documents": list(documents.documents()),
        "readings": list(shown.readings()),
        "texts": list(shown.texts()),
        "acceptance": list(accepted.acceptance()),
        "urgency": list(accepted.urgency()),
        "feed": list(exchanged.feed()),
        "invitations": list(exchanged.invitations()),
        "addresses": list(exchanged.addresses()),
    }


def written(vectors: list[Vector]) -> str:
    """A file's text."""
    return json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for name, vectors in everything().items():
        (FOLDER / f"{name}.json").write_text(written(vectors))


if __name__ == "__main__":
    main()
