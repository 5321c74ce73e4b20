"""federation/examples: the independent verifier, run as anybody would run it, against a feed on a socket."""

import ast
import io
import json
import subprocess
import sys
import threading
import tokenize
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from federation.envelope import Envelope
from federation.feed import Cursor, write_block

from ...support.federation_makers import DAY, HOUR, ChapterMaker, HqMaker, Members, key, registry_bin, sealed, sha256

SCRIPT = Path(__file__).parents[3] / "federation" / "examples" / "verify_feed.py"
# The verifier has the machine's clock, so its feeds are signed by it.
NOW = datetime.now(UTC).replace(microsecond=0)

Serve = Callable[..., "subprocess.CompletedProcess[str]"]


class StaticNode:
    """A node that answers every path with bytes made beforehand."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        answers = self.answers

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = answers.get(self.path)
                self.send_response(404 if found is None else 200)
                self.end_headers()
                self.wfile.write(found or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def verify() -> Iterator[Serve]:
    """Serve the feed `lines` of an HQ that lists `entries`, and run the verifier on it."""
    node = StaticNode()

    def run(
        lines: list[Envelope], entries: list[Members], hq: HqMaker | None = None, pin: str = "", instead: bytes = b""
    ) -> object:
        hq = hq or HqMaker()
        serve(node, hq, lines, registry_bin(entries), instead)
        url = f"http://127.0.0.1:{node.server.server_port}"
        command = [sys.executable, str(SCRIPT), url, pin or hq.roots[0].digest]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    yield run  # type: ignore[misc]
    node.close()


def serve(node: StaticNode, hq: HqMaker, lines: list[Envelope], content: bytes, instead: bytes) -> None:
    """The answers of a node; its feed comes in two blocks. `instead`: what is served under the bin's digest."""
    base = f"/fed/v1/hq/{hq.id}"
    newest = {"version": len(hq.roots), "digest": hq.roots[-1].digest}
    node.answers["/fed/v1/status"] = json.dumps({"hq": hq.id, "hq_root": newest}).encode()
    for version, root in enumerate(hq.roots, 1):
        node.answers[f"{base}/root/{version}"] = root.to_bytes()
    node.answers[f"{base}/registry"] = hq.registry([content], NOW).to_bytes()
    node.answers[f"{base}/bins/{sha256(content)}"] = instead or content
    data = [line.to_bytes() for line in lines]
    node.answers["/fed/v1/changes?after="] = write_block(data[:2], Cursor("abcdefgh", 2), True)
    node.answers["/fed/v1/changes?after=abcdefgh.2"] = write_block(data[2:], Cursor("abcdefgh", 9), False)


def forged(maker: ChapterMaker) -> Envelope:
    return sealed("chapter", maker.members(NOW), key("thief"))


def test_a_good_feed_passes(verify: Serve) -> None:
    london, leeds = ChapterMaker("london"), ChapterMaker("leeds")
    lines = [*london.roots, london.document(NOW), *leeds.roots, leeds.document(NOW)]
    done = verify(lines, [london.entry(), leeds.entry()])
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ok {london.id} {int(NOW.timestamp())}\n" in done.stdout
    assert f"ok {leeds.id} {int(NOW.timestamp())}\n" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 chapters, 4 lines, 0 refused"


def test_a_rotated_chapter_and_a_rotated_hq_pass(verify: Serve) -> None:
    london, hq = ChapterMaker(), HqMaker()
    london.rotate()
    hq.rotate()
    done = verify([*london.roots, london.document(NOW)], [london.entry()], hq)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_document_may_stand_before_its_chapters_newest_root(verify: Serve) -> None:
    london = ChapterMaker()
    document = london.document(NOW)
    london.roots.append(sealed("chapter-root", london.root_members(2), london.root_key))
    entry = london.entry(root_version=2, root_digest=london.roots[1].digest)
    done = verify([london.roots[0], document, london.roots[1]], [entry])
    assert done.returncode == 0, done.stdout + done.stderr


def test_s9_2_what_a_later_version_wrote_is_passed_over(verify: Serve) -> None:
    london = ChapterMaker()
    later = Later("chapter", "{}", ((key("a").id, b"x" * 64),))
    done = verify([london.roots[0], later, london.document(NOW)], [london.entry()])
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "1 chapters, 3 lines, 0 refused"


class Later(Envelope):
    """An envelope of a version to come."""

    def to_bytes(self) -> bytes:
        return super().to_bytes().replace(b".v1+json", b".v2+json")


def test_s4_4_a_forged_document_is_refused_by_name(verify: Serve) -> None:
    london = ChapterMaker()
    done = verify([*london.roots, forged(london)], [london.entry()])
    assert done.returncode == 1
    assert f"REFUSED forged {london.id}\n" in done.stdout


def test_s6_3_an_unregistered_chapter_is_refused_by_name(verify: Serve) -> None:
    london, ghost = ChapterMaker(), ChapterMaker("ghost")
    done = verify([*london.roots, london.document(NOW), *ghost.roots, ghost.document(NOW)], [london.entry()])
    assert done.returncode == 1
    assert f"REFUSED unregistered {ghost.id}\n" in done.stdout
    assert f"ok {london.id}" in done.stdout


def test_s8_2_an_older_document_after_a_newer_one_is_refused_by_name(verify: Serve) -> None:
    london = ChapterMaker()
    done = verify([*london.roots, london.document(NOW), london.document(NOW - HOUR)], [london.entry()])
    assert done.returncode == 1
    assert f"REFUSED older {london.id}\n" in done.stdout


def test_s8_1_an_expired_document_is_refused_by_name(verify: Serve) -> None:
    london = ChapterMaker()
    done = verify([*london.roots, london.document(NOW - 15 * DAY)], [london.entry()])
    assert done.returncode == 1
    assert f"REFUSED expired {london.id}\n" in done.stdout


def test_s6_3_a_suspended_chapter_is_refused_by_name(verify: Serve) -> None:
    london = ChapterMaker()
    done = verify([*london.roots, london.document(NOW)], [london.entry(status="suspended")])
    assert done.returncode == 1
    assert f"REFUSED unregistered {london.id}\n" in done.stdout


def test_s5_2_a_root_that_the_former_one_did_not_sign_is_refused_by_name(verify: Serve) -> None:
    london = ChapterMaker()
    takeover = sealed("chapter-root", london.root_members(2, root_keys=[key("thief").public]), key("thief"))
    done = verify([*london.roots, takeover, london.document(NOW)], [london.entry()])
    assert done.returncode == 1
    assert f"REFUSED forged {london.id}\n" in done.stdout
    assert f"ok {london.id}" in done.stdout


def test_s6_2_a_chain_that_passes_the_registrys_root_by_is_refused_by_name(verify: Serve) -> None:
    london = ChapterMaker()
    done = verify([*london.roots, london.document(NOW)], [london.entry(root_digest="0" * 64)])
    assert done.returncode == 1
    assert f"REFUSED missing-root {london.id}\n" in done.stdout


def test_s3_1_the_bytes_are_verified_before_they_are_parsed(verify: Serve) -> None:
    london = ChapterMaker()
    broken = Envelope("chapter", f'{{"chapter":"{london.id}" not JSON', london.document(NOW).signatures)
    done = verify([*london.roots, broken], [london.entry()])
    assert f"REFUSED forged {london.id}\n" in done.stdout


def test_s5_1_another_hq_than_the_pinned_one_ends_the_run(verify: Serve) -> None:
    london = ChapterMaker()
    done = verify([*london.roots, london.document(NOW)], [london.entry()], pin="0" * 64)
    assert done.returncode != 0
    assert "ok" not in done.stdout


def test_s6_2_a_forged_registry_bin_ends_the_run(verify: Serve) -> None:
    london = ChapterMaker()
    done = verify([*london.roots, london.document(NOW)], [], instead=registry_bin([london.entry()]))
    assert done.returncode != 0
    assert "ok" not in done.stdout


def test_a_line_that_is_no_document_is_refused_and_the_rest_is_read(verify: Serve) -> None:
    london = ChapterMaker()
    nonsense = Envelope("chapter", f'{{"chapter":"{london.id}"}}', ())
    done = verify([*london.roots, nonsense, london.document(NOW)], [london.entry()])
    assert done.returncode == 1
    assert f"ok {london.id}" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 chapters, 3 lines, 1 refused"


def code_lines(source: str) -> set[int]:
    """Lines that are not blank, no comment and not inside a docstring; imports count."""
    tree = ast.parse(source)
    idle = [node for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    skipped = {line for node in idle for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    lines = source.splitlines()
    return {n for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")} - skipped


def test_the_verifier_is_sixty_lines_of_code_at_most() -> None:
    source = SCRIPT.read_text()
    assert len(code_lines(source)) <= 60
    assert max(map(len, source.splitlines())) <= 120
    assert not any(token.string == ";" for token in tokenize.generate_tokens(io.StringIO(source).readline))


def test_the_verifier_shares_no_code_with_this_project() -> None:
    tree = ast.parse(SCRIPT.read_text())
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    roots = {name.split(".")[0] for name in modules}
    assert roots - {"cryptography"} <= sys.stdlib_module_names
