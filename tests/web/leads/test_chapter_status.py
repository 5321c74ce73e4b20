"""A lead's board says how HQ lists the chapter. Links and buttons of one page have different names."""

import html
import re

import pytest

from node.hq import registry

from ...support.network import BRISBANE, LONDON, PETERBOROUGH, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words
from .test_runs import TYPED


def test_a_node_that_never_asked_hq_says_that_only_its_site_shows_the_runs(london: LocalNode) -> None:
    phone = Phone(london).sign_in()
    page = words(phone.post("/lead/runs/new", data=TYPED, follow_redirects=True))
    assert "Not in the directory: only this site shows your runs. Ask HQ for an invitation" in page
    assert "This site shows it, but no other site does yet." in page
    assert "Your run is announced" not in page


def test_a_node_that_waits_for_hqs_yes_says_so(federation: LocalFederation) -> None:
    node = federation.add_chapter(LONDON, admit=False)
    assert federation.join(node, needs_a_person=True) == "waiting"
    phone = Phone(node).sign_in()
    page = words(phone.post("/lead/runs/new", data=TYPED, follow_redirects=True))
    assert "Not in the directory yet: waiting for HQ’s approval (asked just now). Only this site" in page
    federation.clock.tick(hours=5)
    assert "(asked 5 hours ago)" in words(phone.get("/lead"))
    assert "Your run is announced" not in page


def test_a_listed_chapter_hears_that_its_run_is_listed(federation: LocalFederation) -> None:
    phone = Phone(federation.add_chapter(LONDON)).sign_in()
    page = words(phone.post("/lead/runs/new", data=TYPED, follow_redirects=True))
    assert "Your run is announced. It will show everywhere within a few minutes." in page
    assert "directory" not in page


@pytest.mark.parametrize(
    ("status", "say"),
    [
        ("paused", "HQ has paused this chapter"),
        ("suspended", "HQ doesn’t list this chapter at the moment"),
        ("left", "HQ doesn’t list this chapter at the moment"),
    ],
)
def test_what_hq_says_of_a_chapter_stands_on_its_board(federation: LocalFederation, status: str, say: str) -> None:
    node = federation.add_chapter(LONDON)
    with federation.hq.session() as session:
        registry.set_status(session, federation.hq.settings, node.chapter_id, status, federation.clock())
    federation.poll(node, only=federation.hq)
    assert say in words(Phone(node).sign_in().get("/lead"))


def controls(page: str) -> list[tuple[str, str]]:
    """(name, address) of every link, button and disclosure, as a screen reader lists them."""
    found = []
    form = ""
    for tag, attributes, inside in re.findall(
        r"<(form|a|button|summary)\b([^>]*)>(?:(.*?)</(?:a|button|summary)>)?", page, re.DOTALL
    ):
        to = re.search(r'(?:href|action)="([^"]*)"', attributes)
        if tag == "form":
            form = to[1] if to else ""
            continue
        name = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", inside)).split())
        found.append((name, f"{tag} {to[1] if to else form}"))
    return found


def test_what_is_on_a_page_more_than_once_is_told_apart_by_its_name(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    brisbane = federation.add_chapter(BRISBANE)
    for node in (london, brisbane):
        node.announce(a_run())
        node.announce(a_run(name="Canal run"))
    federation.settle()
    federation.join(federation.add_chapter(PETERBOROUGH, admit=False), needs_a_person=True)
    Phone(federation.hq).sign_in("Kim")
    hq = ("/hq", "/hq/people", "/hq/chapters", f"/hq/chapters/{london.chapter_id}", "/hq/invitations")
    for node, path in ((london, "/lead"), (london, "/chapters"), *((federation.hq, path) for path in hq)):
        phone = Phone(node).sign_in(f"Ada {path[:20]}")
        names: dict[str, set[str]] = {}
        for name, to in controls(phone.get(path).text):
            names.setdefault(name, set()).add(to)
        assert len(names) > 8, path
        assert {name: sorted(to) for name, to in names.items() if len(to) > 1} == {}, path


def test_cancelling_names_the_run_and_the_date(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    london.announce(a_run())
    named = [name for name, _ in controls(Phone(london).sign_in().get("/lead").text)]
    assert [name for name in named if re.search(r"Change or cancel.*Thursday evening run.*Thursday 4 June", name)]
    assert len([name for name in named if name.startswith("The weather")]) == len(
        {name for name in named if name.startswith("The weather")}
    )


def test_a_sign_in_page_speaks_of_other_browsers_before_its_button(london: LocalNode) -> None:
    phone = Phone(london)
    token = phone.link(london.add_lead().id)
    for _ in range(3):
        page = phone.get(f"/signin/{token}").text
    assert page.index("Open in browser") < page.index("Sign in here")
    assert phone.post(f"/signin/{token}").status_code == 303, "looking uses nothing up"
