"""The pages of a server that the chapter has left: they say where to, refuse each tap, and lose none silently."""

from datetime import date

import pytest

from federation.documents import ChapterRoot
from federation.envelope import seal
from federation.payloads import write_document
from node.chapter.home import moving
from node.database import writing
from node.directory import held, roots
from node.models import Run

from ..support.network import LocalNode
from ..support.web_client import Phone, words

FIRST = date(2026, 6, 4)
NEW = "http://127.0.0.1:8990"


def leave(node: LocalNode, address: str = "") -> None:
    with node.session() as session, writing(session) as transaction:
        moving.leave(transaction, node.settings, address or node.settings.base_url)


def take_root(node: LocalNode, address: str = NEW) -> None:
    """The chapter's next root names another address: the new server has signed it."""
    with node.session() as session, writing(session) as transaction:
        former = roots.chain_of(transaction, node.chapter_id)[-1].document
        members = {name: getattr(former, name) for name in former.__struct_fields__}
        members |= {"version": former.version + 1, "chapter": node.chapter_id, "base_url": address}
        envelope = seal("chapter-root", write_document(ChapterRoot(**members)), [node.root_key])
        held.receive(transaction, node.settings, envelope, node.clock(), node.chapter_id)


def cancel_path(run: Run) -> str:
    return f"/lead/runs/{run.id}/dates/{FIRST}/cancel"


def test_a_tap_is_refused_and_leads_to_the_same_page_of_the_new_site(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in("Ada")
    take_root(london)
    answer = phone.post(cancel_path(run), data={"reason": "lead", "note": "Ice on the steps"})
    assert answer.status_code == 410
    assert "Nothing has been changed, and no one has been told." in words(answer)
    assert f'href="{NEW}{cancel_path(run)}"' in answer.text
    assert "Ice on the steps" in answer.text
    board = phone.get("/lead")
    assert (board.status_code, f'href="{NEW}/lead"' in board.text) == (410, True)


def test_a_private_link_leads_on(london: LocalNode, run: Run) -> None:
    take_root(london)
    answer = Phone(london).get("/c/abcdef")
    assert answer.status_code == 410
    assert f'href="{NEW}/c/abcdef"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_public_pages_stay_and_say_where_the_site_is(london: LocalNode, run: Run) -> None:
    take_root(london)
    phone = Phone(london)
    for path in ("/", f"/runs/{london.chapter_id}/{run.id}", "/runs?near=London"):
        answer = phone.get(path)
        assert answer.status_code == 200
        assert "has moved. This is the former site, and nothing can be changed here." in words(answer)
        assert f'href="{NEW}{path}"' in answer.text


def test_other_nodes_read_and_hand_in_as_ever(london: LocalNode, run: Run) -> None:
    take_root(london)
    phone = Phone(london)
    assert phone.get("/fed/v1/status").json["chapter"] == london.chapter_id
    assert phone.get(f"/fed/v1/chapters/{london.chapter_id}/root/2").status_code == 200
    document = phone.get("/fed/v1/changes").data.splitlines()[0]
    put = london.app.test_client().put(
        f"/fed/v1/chapters/{london.chapter_id}/root/1",
        data=document,
        content_type="application/json",
        base_url=london.settings.base_url,
    )
    assert put.status_code == 200


def test_on_the_way_to_another_server_of_the_same_address_a_tap_says_to_try_again(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in("Ada")
    leave(london)
    answer = phone.post(cancel_path(run), data={"reason": "lead", "note": ""})
    assert answer.status_code == 410
    assert "Nothing has been changed, and no one has been told." in words(answer)
    assert "This site is moving" in words(answer)
    assert "This site has moved" not in words(answer)
    assert "Try again in a few minutes." in words(answer)
    assert "please tell people yourself" in words(answer)
    home = Phone(london).get("/")
    assert "is on its way to another server" in words(home)
    moving.come_back(london.settings)
    assert phone.post(cancel_path(run), data={"reason": "lead", "note": ""}).status_code == 303


@pytest.mark.parametrize("address", ["", NEW])
def test_whoever_says_that_they_come_is_not_lost_on_the_former_server(
    london: LocalNode, run: Run, address: str
) -> None:
    leave(london, address)
    path = f"/runs/{london.chapter_id}/{run.id}/coming"
    answer = Phone(london).post(path, data={"day": str(FIRST)})
    assert answer.status_code == 410
    assert "Nothing has been changed" in words(answer)
