"""What a search box understands: queries as people type them, how quickly they are answered, and what that takes.

`python -m tests.benchmarks places --before FOLDER` also answers with the code in FOLDER, an older checkout, and puts
its figures beside ours.
"""

import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..table import Row
from .queries import Answer, Found, Query, Verdict, judge, read_queries

_HERE = Path(__file__).parents[3]
_RIGHT, _P99_MS, _MEMORY_MB = 97.0, 2.0, 5.0


@dataclass(frozen=True)
class Measured:
    """What one checkout answers; the milliseconds of each look-up in each round, by the clock and the processor's."""

    verdicts: list[Verdict]
    milliseconds: list[float]
    processor_ms: list[float]
    memory_mb: float


def measure(before: Path | None = None) -> list[Row]:
    """Every kind with this code, and with that in `before`; then each query that this code gets wrong."""
    now = _measured(_HERE)
    then = _measured(before.resolve()) if before else None
    return [*_right(now, then), *_questions(now, then), *_costs(now, then), *_wrong(now.verdicts)]


def _measured(code: Path) -> Measured:
    queries = read_queries()
    _build(code)
    asked = json.dumps([[one.text, one.home] for one in queries])
    done = _run(code, str(Path(__file__).with_name("answers.py")), given=asked)
    said = json.loads(done)
    answers = [Answer([Found(*place) for place in one["found"]], one["asked"]) for one in said["answers"]]
    verdicts = [judge(query, answer) for query, answer in zip(queries, answers, strict=True)]
    return Measured(verdicts, said["milliseconds"], said["processor_ms"], said["memory_kb"] / 1024)


def _build(code: Path) -> None:
    """An older checkout has no places yet, and ours are of another edition."""
    if not (code / "node" / "data" / "places.sqlite").exists():
        _run(code, "-m", "deploy.gazetteer")


def _run(code: Path, *words: str, given: str = "") -> str:
    environ = os.environ | {"PYTHONPATH": str(code)}
    command = [sys.executable, *words]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, check=True, cwd=code, env=environ
    ).stdout


def _right(now: Measured, then: Measured | None) -> Iterator[Row]:
    every = {"every kind": now.verdicts, "held out": [one for one in now.verdicts if one.query.held_out]}
    for name, verdicts in (every | _by_kind(now.verdicts)).items():
        queries = {_key(one.query) for one in verdicts}
        older = [one for one in then.verdicts if _key(one.query) in queries] if then else []
        goal, met = (f">= {_RIGHT:g} %", _percent(verdicts) >= _RIGHT) if name in every else ("", None)
        yield Row(f"right in first position, {name}", _share(verdicts), _before(older), goal=goal, met=met)


def _by_kind(verdicts: list[Verdict]) -> dict[str, list[Verdict]]:
    kinds: defaultdict[str, list[Verdict]] = defaultdict(list)
    for one in verdicts:
        kinds[one.query.kind].append(one)
    return dict(kinds)


def _key(query: Query) -> tuple[str, str, str]:
    """What tells one query of the table from another."""
    return query.kind, query.text, query.home


def _share(verdicts: list[Verdict]) -> str:
    asked = sum(one.answer.asked for one in verdicts)
    needless = sum(one.needless for one in verdicts)
    return f"{_percent(verdicts):.1f} % of {len(verdicts)}, {asked} asked, {needless} needlessly"


def _percent(verdicts: list[Verdict]) -> float:
    return 100 * sum(one.right for one in verdicts) / len(verdicts)


def _before(verdicts: list[Verdict]) -> str:
    return f"before: {_share(verdicts)}" if verdicts else ""


def _questions(now: Measured, then: Measured | None) -> Iterator[Row]:
    """Questions without reason, answers that are guesses, and namesakes that are not offered."""
    for what, count in (
        ("asked without reason", lambda one: one.needless),
        ("not asked, though two are likely", lambda one: one.guessed),
        ("a likely place is not offered", lambda one: bool(one.missing)),
    ):
        older = f"before: {sum(map(count, then.verdicts))}" if then else ""
        yield Row(what, f"{sum(map(count, now.verdicts))} of {len(now.verdicts)}", older)


def _costs(now: Measured, then: Measured | None) -> Iterator[Row]:
    """By the processor's time: on a busy machine the clock measures its neighbours."""
    older = f"before: {_spread(then)}" if then else ""
    p99 = _percentile(now.processor_ms, 99)
    yield Row("a look-up, median and p99", _spread(now), older, goal=f"p99 <= {_P99_MS:g} ms", met=p99 <= _P99_MS)
    yield Row("a look-up by the clock", f"{_spread_of(now.milliseconds)}, load {os.getloadavg()[0]:.1f}")
    if then is None:
        yield Row("memory of look-ups", f"{now.memory_mb:.1f} MB")
        return
    more = now.memory_mb - then.memory_mb
    figures = f"{now.memory_mb:.1f} MB", f"before: {then.memory_mb:.1f} MB"
    yield Row("memory of look-ups", *figures, goal=f"<= {_MEMORY_MB:g} MB more", met=more <= _MEMORY_MB)


def _spread(measured: Measured) -> str:
    return _spread_of(measured.processor_ms)


def _spread_of(milliseconds: list[float]) -> str:
    return f"{statistics.median(milliseconds):.2f}, {_percentile(milliseconds, 99):.2f} ms"


def _percentile(milliseconds: list[float], percent: int) -> float:
    return statistics.quantiles(milliseconds, n=100, method="inclusive")[percent - 1]


def _wrong(verdicts: list[Verdict]) -> Iterator[Row]:
    for one in verdicts:
        what = f'{one.query.kind}: "{one.query.text}" at {one.query.home or "no home"}'
        found = one.answer.found[0].label if one.answer.found else "nothing"
        meant = one.query.meanings[0].name if one.query.meanings else "nothing"
        if not one.right:
            yield Row(f"wrong, {what}", found, f"meant: {meant}")
        elif one.needless:
            yield Row(f"asked, {what}", found, "without reason")
        elif one.guessed:
            yield Row(f"not asked, {what}", found, "two are likely")
        elif one.missing:
            yield Row(f"not offered, {what}", found, ", ".join(one.missing))
