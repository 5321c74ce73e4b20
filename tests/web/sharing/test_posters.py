"""The poster and the cards of a run."""

from node.models import Run
from web.qr import qr

from ...support.network import LONDON, LocalFederation, LocalNode, a_run
from ...support.taps import cancel, confirm
from ...support.web_client import Phone, words


def open_paper(node: LocalNode, run: Run, kind: str, of: LocalNode | None = None) -> str:
    answer = Phone(node).get(f"/runs/{(of or node).chapter_id}/{run.id}/{kind}")
    assert answer.status_code == 200
    assert len(answer.data) < 60_000
    return answer.text


def test_a_poster_says_when_and_where_in_words(london: LocalNode, run: Run) -> None:
    said = words(Phone(london).get(f"/runs/{london.chapter_id}/{run.id}/poster"))
    for wanted in ("Every Thursday, 18:30", "The Monument", "Fish Street Hill", "Come as you are", "127.0.0.1:8101"):
        assert wanted in said


def test_paper_stays_true_when_a_date_is_confirmed_or_cancelled(london: LocalNode, run: Run) -> None:
    before = [open_paper(london, run, kind) for kind in ("poster", "cards")]
    confirm(london, run)
    cancel(london, run)
    assert [open_paper(london, run, kind) for kind in ("poster", "cards")] == before


def test_the_code_leads_to_the_run_at_its_chapters_own_site(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    federation.settle(1)
    code = qr(f"{london.settings.base_url}/runs/{london.chapter_id}/{run.id}")
    for kind in ("poster", "cards"):
        assert code in open_paper(federation.hq, run, kind, of=london).replace("&#39;", "'")


def test_a_runs_page_leads_to_its_poster_and_shows_a_link_to_copy(london: LocalNode, run: Run) -> None:
    path = f"/runs/{london.chapter_id}/{run.id}"
    page = Phone(london).get(path).text
    assert f'href="{path}/poster"' in page
    assert f'href="{path}/cards"' in page
    assert f'readonly dir="ltr" value="{london.settings.base_url}{path}"' in page
