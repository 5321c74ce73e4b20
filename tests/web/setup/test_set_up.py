"""From an empty folder to a chapter, by the pages of the set-up."""

import re

import pytest

from node.chapter import identity
from node.input import paper_key
from node.keys import load_signing_key
from node.models import Chapter, Person
from node.setup import links
from node.upkeep.backups import backup_key

from ...support.network import Clock, LocalNode, a_run
from ...support.set_up import Founder, field
from ...support.web_client import Phone, words

pytestmark = pytest.mark.usefixtures("gazetteer")


@pytest.fixture
def founder(node: LocalNode) -> Founder:
    return Founder(node).begin()


def chapter(node: LocalNode) -> Chapter | None:
    with node.session() as session:
        return session.get(Chapter, 1)


@pytest.mark.parametrize("path", ["/", "/runs", "/chapters", "/signin", "/lead", "/setup/you", "/no/such/page"])
def test_before_the_chapter_is_founded_every_page_says_that_it_is_being_set_up(node: LocalNode, path: str) -> None:
    answer = Phone(node).get(path, follow_redirects=True)
    assert answer.status_code == 503
    assert "A new chapter is being set up here" in words(answer)
    assert answer.headers["Retry-After"]


def test_the_help_lines_are_there_from_the_first_minute(node: LocalNode) -> None:
    answer = Phone(node).get("/help", headers={"Accept-Language": "en-GB"})
    assert (answer.status_code, "116 123" in answer.text) == (200, True)
    assert "/help" in Phone(node).get("/").text


def test_other_nodes_are_told_that_there_is_no_chapter_yet(node: LocalNode) -> None:
    for path in ("/fed/v1/status", "/fed/v1/changes", "/fed/v1/chapters/x/root/1"):
        answer = Phone(node).get(path)
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert answer.json["code"] == "not-founded"


def test_looking_at_the_link_uses_nothing_up(node: LocalNode) -> None:
    phone = Founder(node)
    link = phone.link()
    assert phone.get(link).status_code == Phone(node).get(link).status_code == 200
    assert phone.post(link).status_code == 303


def test_a_used_link_an_older_one_and_one_that_never_was_say_the_same(node: LocalNode, founder: Founder) -> None:
    older = founder.link()
    used = founder.link()
    assert founder.post(used).status_code == 303
    stranger = Phone(node)
    seen = {(stranger.get(one).status_code, words(stranger.get(one))) for one in (older, used, "/setup/begin/x")}
    assert len(seen) == 1
    assert next(iter(seen))[0] == 410
    assert stranger.post(used).status_code == 410
    assert "Set-Cookie" not in stranger.post(older).headers


def test_a_link_is_over_after_a_day(node: LocalNode, clock: Clock) -> None:
    phone = Founder(node)
    link = phone.link()
    clock.tick(hours=24)
    assert phone.get(link).status_code == 410
    assert phone.post(link).status_code == 410


def test_a_page_of_another_site_cannot_use_the_link(node: LocalNode) -> None:
    phone = Founder(node)
    link = phone.link()
    assert phone.post(link, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert phone.post(link).status_code == 303


def test_the_database_holds_no_token_of_the_link(node: LocalNode) -> None:
    token = Founder(node).link().rpartition("/")[2]
    node.engine.dispose()
    files = [one.read_bytes() for one in node.settings.data.iterdir() if one.name.startswith("node.sqlite")]
    assert files
    assert not any(token.encode() in one for one in files)


def test_no_page_of_the_set_up_is_kept_or_tells_where_it_came_from(node: LocalNode, founder: Founder) -> None:
    founder.choose_town()
    shown = [founder.get(founder.link()), founder.get("/setup/root-key"), founder.post("/setup/root-key/show")]
    assert [one.headers["Cache-Control"] for one in shown] == ["no-store"] * 3
    assert shown[0].headers["Referrer-Policy"] == "strict-origin"


def test_a_town_is_offered_before_it_is_taken(node: LocalNode, founder: Founder) -> None:
    offered = founder.post("/setup/chapter", {"place": "Perth", "asked": "", "name": "Perth on Tay"})
    assert "Perth, Western Australia" in words(offered)
    assert "Perth, Scotland" in words(offered)
    assert founder.at() == "/setup/chapter"


def test_of_several_towns_none_is_chosen_beforehand_and_one_must_be(founder: Founder) -> None:
    american = {"Accept-Language": "en-US"}
    offered = founder.post("/setup/chapter", {"place": "Leeds", "asked": ""}, headers=american)
    assert "Leeds, Alabama" in words(offered)
    assert "checked" not in offered.text
    answer = founder.post("/setup/chapter", {"place": "Leeds", "asked": "Leeds"}, headers=american)
    assert (answer.status_code, "Choose one from the list." in words(answer)) == (422, True)
    assert founder.at() == "/setup/chapter"


def test_a_slip_is_read_and_asked_about(founder: Founder) -> None:
    answer = founder.post("/setup/chapter", {"place": "Edinbrugh", "asked": ""})
    assert "Did you mean Edinburgh?" in words(answer)


def test_a_place_that_was_offered_for_another_name_is_not_taken(founder: Founder) -> None:
    founder.choose_town()
    number = founder.post("/setup/chapter", {"place": "Leeds", "asked": ""}).text.partition('value="')[2]
    assert number
    answer = founder.post("/setup/chapter", {"place": "Bradford", "asked": "Leeds", "town": "2644688"})
    assert "Bradford, England" in words(answer)


def test_an_unknown_town_is_taken_with_its_country_and_its_zone(node: LocalNode, founder: Founder) -> None:
    typed = {"place": "Xqzzberg", "asked": "", "name": "The Hill"}
    answer = founder.post("/setup/chapter", typed)
    assert answer.status_code == 422
    assert "Which country is it in?" in words(answer)
    assert 'value="The Hill"' in answer.text
    typed |= {"country": "Austria", "timezone": "Europe/Vienna", "asked": "Xqzzberg"}
    assert founder.post("/setup/chapter", typed).status_code == 303
    founder.post("/setup/root-key", founder.paper())
    made = chapter(node)
    assert made
    assert (made.name, made.place, made.country, made.timezone) == ("The Hill", "Xqzzberg", "AT", "Europe/Vienna")


def test_nothing_is_founded_before_the_key_is_seen_to_be_on_paper(node: LocalNode, founder: Founder) -> None:
    founder.choose_town()
    paper = founder.paper()
    answer = founder.post("/setup/root-key", paper | {"first": "0000"})
    assert answer.status_code == 422
    assert paper["key"][:8] not in words(answer)
    assert chapter(node) is None
    assert not node.settings.signing_key_file.exists()


def test_the_key_on_paper_is_the_chapters_root_key_and_lies_nowhere_on_the_server(
    node: LocalNode, founder: Founder
) -> None:
    founder.choose_town()
    paper = founder.paper()
    assert founder.post("/setup/root-key", paper | {"first": paper["first"].upper()}).status_code == 303
    assert chapter(node)
    node.engine.dispose()
    folder = node.settings.data.parent
    files = [one for one in folder.rglob("*") if one.is_file()]
    assert node.settings.signing_key_file in files
    assert not any(paper["key"].encode() in one.read_bytes() for one in files)
    assert not any(bytes.fromhex(paper["key"]) in one.read_bytes() for one in files)


def test_of_two_browsers_one_founds_the_chapter_and_the_other_hears_that_its_key_is_void(
    node: LocalNode, founder: Founder
) -> None:
    founder.choose_town()
    other = Founder(node).begin()
    theirs, mine = other.paper(), founder.paper()
    assert founder.post("/setup/root-key", mine).status_code == 303
    answer = other.post("/setup/root-key", theirs)
    assert answer.status_code == 409
    assert "cross out the key" in words(answer)


def test_a_process_that_ended_while_it_founded_the_chapter_is_no_hindrance(node: LocalNode, founder: Founder) -> None:
    left = node.settings.signing_key_file
    left.parent.mkdir()
    left.write_text("0" * 64)
    founder.found()
    with node.session() as session:
        assert identity.is_founded(session)
    assert left.read_text() != "0" * 64
    assert load_signing_key(node.settings)


def test_after_each_step_another_phone_goes_on_with_the_next_one(node: LocalNode, founder: Founder) -> None:
    assert founder.at() == "/setup/chapter"
    founder.choose_town()
    assert Founder(node).begin().at() == "/setup/root-key"
    founder.post("/setup/root-key", founder.paper())
    assert Founder(node).begin().at() == "/setup/backup-key"
    founder.post("/setup/backup-key", founder.backup_paper())
    assert Founder(node).begin().at() == "/setup/mail"
    founder.leave("mail")
    assert Founder(node).begin().at() == "/setup/you"
    founder.post("/setup/you", {"first_name": "Ada"})
    assert Founder(node).begin().at() == "/setup/run"
    node.announce(a_run())
    assert Founder(node).begin().at() == "/setup/hq"
    founder.leave("hq")
    assert Founder(node).begin().at() == "/setup/done"


def test_all_phones_of_the_set_up_are_one_person(node: LocalNode, founder: Founder) -> None:
    founder.found()
    Founder(node).begin().post("/setup/you", {"first_name": "Ada"})
    with node.session() as session:
        assert [(one.first_name, one.role) for one in session.query(Person)] == [("Ada", "lead")]
    assert "Hello Ada" in words(founder.get("/setup/you"))


@pytest.mark.parametrize("path", ["/lead", "/setup/mail", "/setup/you", "/setup/hq", "/setup/backup-key", "/me"])
def test_before_the_founding_every_page_leads_whoever_sets_up_to_the_step_that_is_due(
    founder: Founder, path: str
) -> None:
    assert founder.get(path).location == "/setup/chapter"
    assert founder.post(path).status_code == 503


def test_the_steps_that_must_be_taken_cannot_be_left(founder: Founder) -> None:
    founder.leave("chapter", "root-key", "you", "nothing")
    assert founder.at() == "/setup/chapter"


def test_pages_of_leads_lead_back_to_the_set_up_until_it_is_done(node: LocalNode, founder: Founder) -> None:
    founder.found()
    founder.post("/setup/you", {"first_name": "Ada"})
    founder.leave("backup-key", "mail", "run", "hq")
    assert "Continue the set-up" in words(founder.get("/lead"))
    assert "Join HQ" in words(founder.get("/setup/done"))
    founder.post("/setup/done")
    assert "Continue the set-up" not in words(founder.get("/lead"))


def test_after_the_set_up_no_link_opens_it(node: LocalNode, founder: Founder) -> None:
    founder.found()
    link = founder.link()
    founder.post("/setup/you", {"first_name": "Ada"})
    founder.leave("backup-key", "mail", "run", "hq")
    founder.post("/setup/done")
    assert Phone(node).post(link).status_code == 410
    with node.session() as session, pytest.raises(links.SetUpOver):
        links.make(session, node.clock())


def test_a_folder_of_rtr_init_goes_on_with_its_first_lead(london: LocalNode) -> None:
    london.add_lead("Sam")
    founder = Founder(london).begin()
    assert founder.at() == "/setup/backup-key"
    assert "Hello Sam" in words(founder.get("/setup/you"))
    assert founder.get("/setup/root-key").location == "/setup/backup-key"


@pytest.mark.parametrize("typed", ["", "rtr1.", "rtr1.abc", "hello", "rtr2.abcdef"])
def test_what_is_no_invitation_stays_on_the_page(founder: Founder, typed: str) -> None:
    founder.found()
    answer = founder.post("/setup/hq", {"invitation": typed})
    assert answer.status_code == 422
    assert typed in answer.text


def test_of_the_key_for_backups_only_the_public_half_is_kept(node: LocalNode, founder: Founder) -> None:
    founder.found()
    paper = founder.backup_paper()
    wrong = founder.post("/setup/backup-key", paper | {"second": "QQQQ"})
    assert (wrong.status_code, node.app.config["NODE"].settings.backup_key) == (422, "")
    assert founder.post("/setup/backup-key", paper | {"first": paper["first"].lower()}).status_code == 303
    kept = node.app.config["NODE"].settings.backup_key
    assert backup_key.fits(paper["key"], kept)
    assert f"RTR_BACKUP_KEY={kept}" in (node.settings.data / "settings.env").read_text()
    files = [one for one in node.settings.data.parent.rglob("*") if one.is_file()]
    assert not any(paper["key"].encode() in one.read_bytes() for one in files)


def test_a_key_for_backups_that_the_environment_sets_cannot_be_changed_here(
    founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    founder.found()
    paper = founder.backup_paper()
    monkeypatch.setenv("RTR_BACKUP_KEY", backup_key.make().recipient)
    assert "RTR_BACKUP_KEY" in words(founder.get("/setup/backup-key"))
    assert founder.post("/setup/backup-key", paper).status_code == 422


def test_of_two_keys_for_backups_the_later_one_is_told_to_be_void(node: LocalNode, founder: Founder) -> None:
    founder.found()
    other = Founder(node).begin()
    theirs, mine = other.backup_paper(), founder.backup_paper()
    assert founder.post("/setup/backup-key", mine).status_code == 303
    answer = other.post("/setup/backup-key", theirs)
    assert (answer.status_code, "cross out the key" in words(answer)) == (409, True)
    assert backup_key.fits(mine["key"], node.app.config["NODE"].settings.backup_key)
    assert founder.post("/setup/backup-key", founder.backup_paper()).status_code == 303


def test_the_button_of_an_old_page_changes_nothing(node: LocalNode, founder: Founder) -> None:
    founder.found()
    assert founder.choose_town("Bradford").location == "/setup/backup-key"
    made = chapter(node)
    assert made
    assert made.name == "Leeds"


def test_the_paper_key_is_shown_in_the_lines_by_which_rtr_root_asks_for_it(node: LocalNode) -> None:
    founder = Founder(node).begin()
    founder.choose_town()
    page = founder.post("/setup/root-key/show").text
    shown = re.findall(r"<li><code>([^<]*)</code></li>", page)
    assert len(shown) == paper_key.LINES
    assert "".join(paper_key.read_line(number, line) for number, line in enumerate(shown, 1)) == field(page, "key")
