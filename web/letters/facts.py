"""Letters to leads about what their runs say: is all of it still right?"""

from datetime import date, timedelta

from node.chapter import runs
from node.facts import checks, silence
from node.models import Chapter, Letter, Person, Run

from ..context import now, session, settings
from ..language import N_, _
from ..words.facts.silence import day_of
from ..words.listings import checked_words
from ..words.texts import isolated
from .written import Block, Kind, Link, Words, Written, address


def _still_right(name: str, asked: list[tuple[str, str, str]]) -> Written:
    """`asked`: of each run its name, when it was checked in words, and the address of the page that asks."""
    hello = _(
        "Hello %(name)s, every three months we ask if what your runs say is still right: time, place, how to find you.",
        name=isolated(name),
    )
    blocks: list[Block] = [Words(hello)]
    for run, checked, page in asked:
        blocks += [
            Words(f"{isolated(run)}. {checked}".strip()),
            Link(_("Check it: %(run)s", run=isolated(run)), page),
        ]
    return Written(_("Is this still right?"), (*blocks, Words(_("It takes a minute. Thank you."))))


def _write_still_right(letter: Letter) -> Written | None:
    """The runs that nobody has checked since the letter was queued."""
    reader, asked = session().get_one(Person, letter.person_id), date.fromisoformat(str(letter.facts["asked"]))
    found = [runs.find(session(), run_id) for run_id in letter.facts["runs"]]
    told = [_asked(reader, run, asked) for run in found if run is not None and checks.due_on(run) <= asked]
    return _still_right(reader.first_name, told) if told else None


def _gone_quiet(days: int, since: date) -> Written:
    told = _(
        "No lead here has confirmed, cancelled, changed or checked anything for %(days)s days, since %(day)s. "
        "Every site now says so.",
        days=days,
        day=day_of(since),
    )
    hq = _("HQ sees it too. After %(days)s days it might take your chapter off the list.", days=silence.STEPS[-1])
    ask = _(
        "If you’re still running, please confirm your next date. If you’re taking a break, please announce a pause."
    )
    words = [told, hq, ask] if days > silence.STEPS[0] else [told, ask]
    return Written(_("Are you still running?"), (*map(Words, words), Link(_("Your runs"), address("board.board"))))


def _write_gone_quiet(letter: Letter) -> Written | None:
    """Only while nobody has said anything since."""
    days, since = int(letter.facts["days"]), date.fromisoformat(str(letter.facts["since"]))
    is_quiet = session().get_one(Chapter, 1).last_word_on == since and silence.own_step(session(), now()) == days
    return _gone_quiet(days, since) if is_quiet else None


def _asked(reader: Person, run: Run, asked: date) -> tuple[str, str, str]:
    token = checks.token(settings(), reader.id, reader.added_at, run.id, asked)
    page = address("check_taps.show_tap", person_id=reader.id, run_id=run.id, day=asked, token=token)
    return run.name, checked_words(run.checked_on) if run.checked_on else "", page


def _sample() -> Written:
    board, day = address("board.board"), now().date() - checks.EVERY
    return _still_right("Sam", [(_("Thursday evening run"), checked_words(day), board)])


KINDS = {
    "gone_quiet": Kind(
        _write_gone_quiet,
        lambda: _gone_quiet(30, now().date() - timedelta(days=30)),
        N_("To every lead, when no lead has said anything for 14, 30 or 90 days"),
    ),
    "still_right": Kind(_write_still_right, _sample, N_("To the leads, every three months for each run")),
}
