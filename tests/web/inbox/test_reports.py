""" "Something here is out of date": on every site's page of a run, read and answered where the run is from."""

import pytest

from node.inbox import room
from node.models import Person, Run

from ...support.members.letters import sent, text_of
from ...support.messages import answer, write
from ...support.network import BRISBANE, LONDON, LocalFederation, LocalNode, a_run
from ...support.web_client import Phone, words

WRONG = "The café has closed."


def path_of(node: LocalNode, run: Run) -> str:
    with node.session() as session:
        from node.directory.chapters import own_id

        return f"/runs/{own_id(session)}/{run.id}/out-of-date"


@pytest.fixture
def lead(london: LocalNode) -> Phone:
    return Phone(london).sign_in()


def test_every_sites_page_of_a_run_leads_to_the_form_of_its_own_chapter(federation: LocalFederation) -> None:
    london, brisbane = federation.add_chapter(LONDON), federation.add_chapter(BRISBANE)
    run = london.announce(a_run())
    federation.settle(1)
    page, path = f"/runs/{london.chapter_id}/{run.id}", path_of(london, run)
    for node in (brisbane, federation.hq):
        assert f'href="{london.settings.base_url}{path}"' in Phone(node).get(page).text
        there = Phone(node).get(path)
        assert there.status_code == 303
        assert there.headers["Location"] == london.settings.base_url + path
        assert Phone(node).post(path, data={"text": WRONG}).status_code == 404
    assert f'href="{path}"' in Phone(london).get(page).text
    assert Phone(london).get(path).status_code == 200


def test_a_report_reaches_the_leads_though_the_contact_form_is_off(
    london: LocalNode, run: Run, ada: Person, lead: Phone
) -> None:
    write(Phone(london), path_of(london, run), WRONG)
    (letter,) = sent(london)
    assert str(letter["To"]) == "ada@example.org"
    assert run.name in str(letter["Subject"])
    assert "café" not in text_of(letter) + str(letter["Subject"])
    assert WRONG in words(lead.get("/lead/messages"))


@pytest.mark.parametrize(
    ("outcome", "text", "said"),
    [
        ("mended", "", "It was out of date, and it’s been put right"),
        ("right", "", "It’s right as it is"),
        ("right", "They moved next door.", "They moved next door."),
        ("", "I’ll look on Thursday.", "I’ll look on Thursday."),
    ],
)
def test_the_leads_say_what_they_found(
    london: LocalNode, run: Run, lead: Phone, outcome: str, text: str, said: str
) -> None:
    phone = Phone(london)
    link = write(phone, path_of(london, run), WRONG)
    answer(lead, text, outcome)
    assert said in words(phone.get(link))


def test_neither_a_finding_nor_words_is_no_answer(london: LocalNode, run: Run, lead: Phone) -> None:
    write(Phone(london), path_of(london, run), WRONG)
    path = lead.get("/lead/messages").text.partition('href="/lead/messages/')[2].partition('"')[0]
    for data in ({"text": ""}, {"text": "x" * 1001}, {"outcome": "perhaps"}):
        assert lead.post(f"/lead/messages/{path}", data=data).status_code == 422


def test_a_report_changes_nothing_that_anybody_reads(london: LocalNode, run: Run, lead: Phone) -> None:
    page = path_of(london, run).removesuffix("/out-of-date")
    before = Phone(london).get(page).data
    write(Phone(london), path_of(london, run), WRONG)
    answer(lead, "", "mended")
    assert Phone(london).get(page).data == before


def test_a_flood_of_reports_is_bounded_and_one_letter_a_run_and_day(london: LocalNode, run: Run, ada: Person) -> None:
    phone, path = Phone(london), path_of(london, run)

    def report(number: int, network: str) -> int:
        from_there = {"REMOTE_ADDR": f"{network}.7"}
        return phone.post(path, data={"text": f"Number {number}"}, environ_base=from_there).status_code

    half, share = room.MOST_OF_RUN // 2, room.SHARE
    assert [report(number, "192.0.2") for number in range(half + 1)] == [303] * half + [422]
    # Who floods from one network keeps nobody else out.
    for network in ("198.51.100", "203.0.113"):
        assert [report(number, network) for number in range(share + 1)] == [303] * share + [422]
    assert report(0, "100.64.1") == 422
    assert len(sent(london)) == 1
    london.clock.tick(days=1)
    other = london.announce(a_run(name="Sunday walk"))
    assert phone.post(path_of(london, other), data={"text": WRONG}).status_code == 303
    assert len(sent(london)) == 1


def test_a_run_that_nobody_knows_takes_no_report(london: LocalNode, run: Run) -> None:
    path = path_of(london, run).replace(run.id, "aaaaaaaa")
    assert Phone(london).get(path).status_code == 404
    assert Phone(london).post(path, data={"text": WRONG}).status_code == 404


def test_a_lead_deletes_what_a_program_wrote(london: LocalNode, run: Run, lead: Phone) -> None:
    phone = Phone(london)
    link = write(phone, path_of(london, run), "Buy now")
    path = lead.get("/lead/messages").text.partition('href="/lead/messages/')[2].partition('"')[0]
    assert lead.post(f"/lead/messages/{path}/erase").status_code == 303
    assert phone.get(link).status_code == 404
