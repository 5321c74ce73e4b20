""" "I'm coming" on the pages: two taps, a private link, and nothing that tells anybody else."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from node.chapter import series
from node.database import writing
from node.directory import chapters
from node.mail import closed
from node.members import first_time
from node.models import Coming, Duty, Run, RunDay

from ...support.full_disk import full_disk
from ...support.network import LONDON, Clock, LocalFederation, LocalNode, a_run
from ...support.taps import cancel, move
from ...support.web_client import Phone, hidden, words


@pytest.fixture
def mute(tmp_path: Path, clock: Clock) -> Iterator[LocalNode]:
    """London's node, without mail."""
    node = LocalNode(tmp_path / "mute", clock, 8102, mail="")
    node.chapter_id = node.found_chapter(LONDON).id
    yield node
    node.close()


def chapter_of(node: LocalNode) -> str:
    with node.session() as session:
        return chapters.own_id(session) or ""


def form_of(node: LocalNode, run: Run, day: str = "2026-06-04") -> str:
    return f"/runs/{chapter_of(node)}/{run.id}/coming?date={day}"


def sent(phone: Phone, path: str, **typed: str) -> dict[str, str]:
    page = phone.get(path).text
    found = re.search(r'name="form_id"[^>]*value="([^"]*)"', page)
    assert found is not None
    return {**hidden(page, path), "form_id": found[1], **typed}


def say(phone: Phone, run: Run, day: str = "2026-06-04", **typed: str) -> str:
    """The path of the private link."""
    path = form_of(phone.node, run, day)
    answer = phone.post(path, data=sent(phone, path, **typed))
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"].partition("?")[0]


def test_two_taps_lead_from_the_runs_page_to_the_private_link(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    page = phone.get(f"/runs/{chapter_of(london)}/{run.id}").text
    path = form_of(london, run)
    assert f'href="{path}"' in page
    answer = phone.post(path, data=sent(phone, path))
    assert answer.status_code == 303
    private = phone.get(answer.headers["Location"])
    assert "We can’t reach you, so check here before you leave." in words(private)
    assert "Set-Cookie" not in private.headers


def test_another_sites_page_of_the_run_leads_to_its_own_site(federation: LocalFederation) -> None:
    london = federation.add_chapter(LONDON)
    run = london.announce(a_run())
    federation.settle()
    page = Phone(federation.hq).get(f"/runs/{london.chapter_id}/{run.id}").text
    assert f'href="{london.settings.base_url}{form_of(london, run)}"' in page
    assert Phone(federation.hq).get(form_of(london, run)).status_code == 404
    assert Phone(federation.hq).get("/c/x").status_code == 404


def test_no_public_page_changes_because_somebody_comes(london: LocalNode, run: Run) -> None:
    phone, paths = Phone(london), ["/", "/runs", f"/runs/{chapter_of(london)}/{run.id}", "/fed/v1/status", "/privacy"]
    before = [(phone.get(path).data, phone.get(path).headers.get("ETag")) for path in paths]
    for _ in range(3):
        say(Phone(london), run, name="Canaria", every_week="y", message="canary")
    assert [(phone.get(path).data, phone.get(path).headers.get("ETag")) for path in paths] == before


def test_a_private_page_is_kept_nowhere_and_its_address_travels_nowhere(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    for path in (link, f"{link}/change", f"{link}/withdraw", form_of(london, run), "/c/nothing", "/coming/withdrawn"):
        headers = phone.get(path).headers
        assert headers["Cache-Control"] == "no-store", path
        assert headers["Referrer-Policy"] == "strict-origin", path
        assert headers["X-Robots-Tag"] == "noindex", path
        assert "ETag" not in headers, path


def test_the_log_never_has_a_private_link(london: LocalNode, run: Run, caplog: pytest.LogCaptureFixture) -> None:
    phone = Phone(london)
    link = say(phone, run, name="Canaria")
    with full_disk(london):
        assert phone.post(f"{link}/change", data={"name": "Canaria the second"}).status_code == 503
    token = link.removeprefix("/c/")
    assert caplog.records
    assert not any(token in record.getMessage() or "Canaria" in record.getMessage() for record in caplog.records)
    assert token not in caplog.text
    assert "Canaria" not in caplog.text


def test_a_made_up_link_and_a_withdrawn_one_get_one_answer(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    withdrawn = say(phone, run)
    phone.post(f"{withdrawn}/withdraw")
    over = say(phone, run)
    london.clock.tick(days=14)
    answers = [phone.get(path) for path in (withdrawn, over, f"/c/{'A' * 43}", "/c/x")]
    assert {(one.status_code, one.data, str(one.headers)) for one in answers} == {
        (404, answers[0].data, str(answers[0].headers))
    }


def test_a_look_changes_nothing(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run, every_week="y")
    for path in (f"{link}/withdraw", f"{link}/change", link):
        assert phone.get(path).status_code == 200
    for path in (f"{link}/days/2026-06-11/away", f"{link}/forget", f"{link}/days/2026-06-04/come"):
        assert phone.get(path).status_code == 405
    assert phone.get(link).status_code == 200


def test_the_private_page_says_that_the_date_is_cancelled_with_the_next_run_that_is_on(
    london: LocalNode, run: Run
) -> None:
    phone = Phone(london)
    link = say(phone, run)
    cancel(london, run)
    said = words(phone.get(link))
    assert "✕ Cancelled" in said
    assert "11 June" in said


def test_a_page_that_is_loaded_again_after_a_cancellation_looks_forward_to_nobody(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    assert "We look forward to seeing you" in words(phone.get(f"{link}?done=said"))
    cancel(london, run)
    assert "We look forward to seeing you" not in words(phone.get(f"{link}?done=said"))


def test_the_private_page_asks_again_after_a_move(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    move(london, run, "2026-06-04T19:15")
    assert "It’s moved since you said yes" in words(phone.get(link))
    assert phone.post(f"{link}/days/2026-06-04/come").status_code == 303
    page = words(phone.get(link))
    assert "It’s moved since you said yes" not in page
    assert "19:15" in page


def test_what_was_typed_stays_if_it_cannot_be_kept(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    path = form_of(london, run)
    answer = phone.post(path, data=sent(phone, path, name="Ada", email="ada at example"))
    assert answer.status_code == 422
    assert 'value="ada at example"' in answer.text
    assert 'value="Ada"' in answer.text
    assert "Enter an email address" in answer.text


def test_a_date_that_moved_meanwhile_is_shown_again_with_what_was_typed(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    path = form_of(london, run)
    typed = sent(phone, path, name="Ada")
    move(london, run, "2026-06-04T19:15")
    answer = phone.post(path, data=typed)
    assert answer.status_code == 409
    assert "This date has just changed" in words(answer)
    assert 'value="Ada"' in answer.text
    assert "19:15" in words(answer)


def test_a_site_without_mail_asks_for_no_address_and_says_why(mute: LocalNode) -> None:
    page = Phone(mute).get(form_of(mute, mute.announce(a_run())))
    assert 'name="email"' not in page.text
    assert "This site doesn’t send emails" in words(page)


def test_the_address_and_the_contact_are_on_no_page_of_the_link(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run, email="canary@example.org", emergency="Jo 07700 900123")
    for path in (link, f"{link}/change", f"{link}/withdraw"):
        page = phone.get(path).text
        assert "canary" not in page
        assert "07700" not in page


def test_a_form_of_another_site_says_nothing_here(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    path = form_of(london, run)
    answer = phone.post(path, data=sent(phone, path), headers={"Origin": "https://elsewhere.example.org"})
    assert answer.status_code == 403


def test_on_a_full_disk_a_page_says_so_and_keeps_what_was_typed(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    path = form_of(london, run)
    typed = sent(phone, path, name="Ada Canaria", message="I walk slowly")
    with full_disk(london):
        answer = phone.post(path, data=typed)
    assert answer.status_code == 503
    assert "Nothing has been changed" in words(answer)
    assert "I walk slowly" in answer.text


def test_on_the_evening_one_tap_tells_the_lead_and_the_page_says_so(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    assert "can’t find you" not in words(phone.get(link))
    assert phone.post(f"{link}/days/2026-06-04/here").headers["Location"].endswith("done=not-now")
    london.clock.now = london.clock.now.replace(day=4, hour=17, minute=25)
    assert "I’m here and can’t find you" in words(phone.get(link))
    assert phone.post(f"{link}/days/2026-06-04/here").headers["Location"].endswith("done=here")
    assert "You said at 18:25 that you can’t find the others" in words(phone.get(link))


def test_whoever_still_finds_nobody_can_say_it_again_and_that_they_have_found_the_others(
    london: LocalNode, run: Run
) -> None:
    phone = Phone(london)
    link = say(phone, run)
    london.clock.now = london.clock.now.replace(day=4, hour=17, minute=25)
    phone.post(f"{link}/days/2026-06-04/here")
    assert "I still can’t find you" not in words(phone.get(link))
    london.clock.tick(minutes=3)
    assert "I still can’t find you" in words(phone.get(link))
    phone.post(f"{link}/days/2026-06-04/here")
    assert "You said at 18:28 that you can’t find the others" in words(phone.get(link))
    answer = phone.post(f"{link}/days/2026-06-04/found", follow_redirects=True)
    assert "Glad you’ve found them." in words(answer)
    assert "You said at" not in words(answer)


def test_a_call_before_its_time_does_not_say_that_there_is_no_run(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    page = words(phone.post(f"{link}/days/2026-06-04/here", follow_redirects=True))
    assert "there’s no run" not in page
    assert "from an hour before the start until the end of the run" in page


def test_without_mail_the_page_does_not_say_that_the_lead_was_told(mute: LocalNode) -> None:
    phone = Phone(mute)
    link = say(phone, mute.announce(a_run()))
    mute.clock.now = mute.clock.now.replace(day=4, hour=17, minute=25)
    page = words(phone.post(f"{link}/days/2026-06-04/here", follow_redirects=True))
    assert "It’s on the lead’s page" in page
    assert not re.search("told the lead|lead (has been|was|is) told|emailed", page)


def test_the_leads_line_stands_on_the_private_page(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    with london.session() as session, writing(session) as transaction:
        line = "We stand on the other side"
        at = {"noted_at": london.clock(), "note_at": london.clock()}
        transaction.add(RunDay(run_id=run.id, day=date(2026, 6, 4), note=line, **at))
    assert re.search(r"The lead says, at \d\d:\d\d: We stand on the other side", words(phone.get(link)))


def test_a_lead_sees_a_contact_by_a_tap_alone_and_its_owner_sees_who(london: LocalNode, run: Run) -> None:
    phone, lead = Phone(london), Phone(london).sign_in("Sam")
    link = say(phone, run, emergency="Jo 07700 900123")
    with london.session() as session, writing(session) as transaction:
        promised = {"person_id": lead.lead.id, "promised_at": london.clock()}
        transaction.add(Duty(run_id=run.id, day=date(2026, 6, 4), duty="lead", **promised))
        coming_id = transaction.scalars(select(Coming.id)).one()
    path = f"/lead/runs/{run.id}/dates/2026-06-04/comers/{coming_id}/contact"
    assert lead.post(path).status_code == 403
    london.clock.now = london.clock.now.replace(day=4, hour=17, minute=25)
    assert "07700" not in lead.get(path).text
    assert "No one has opened it." in words(phone.get(link))
    opened = lead.post(path)
    assert "Jo 07700 900123" in words(opened)
    assert opened.headers["Cache-Control"] == "no-store"
    assert "Sam opened it on Thursday 4 June at 18:25." in words(phone.get(link))
    other = Phone(london).sign_in("Kim").post(path)
    assert other.status_code == 403
    assert "07700" not in other.text


def test_whoever_types_an_address_learns_nothing_of_it(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        closed.stop(session, closed.index_of(london.settings, "stopped@example.org"), london.clock())
    pages = set()
    for address in ("new@example.org", "known@example.org", "known@example.org", "stopped@example.org"):
        phone = Phone(london)
        pages.add(words(phone.get(say(phone, run, email=address))))
    assert len(pages) == 1


def test_without_the_members_key_a_page_says_so_and_the_run_goes_on(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link, path = say(phone, run, name="Ada"), form_of(london, run)
    typed = sent(phone, path, message="I walk slowly")
    key = london.settings.members_key_file
    kept = key.rename(key.with_suffix(".elsewhere"))
    answer = phone.post(path, data=typed)
    assert answer.status_code == 503
    assert "This site can’t open what people have told it" in words(answer)
    assert "I walk slowly" in answer.text
    assert phone.get(f"{link}/change").status_code == 503
    cancel(london, run)
    assert "✕ Cancelled" in words(phone.get(link))
    kept.rename(key)


def test_a_cancelled_date_leads_nobody_to_its_place_by_the_first_timer_letter(london: LocalNode, run: Run) -> None:
    with london.session() as session:
        first_time.write(session, run.id, "Turn left at the station.", london.clock())
    page = f"/runs/{chapter_of(london)}/{run.id}?date=2026-06-04"
    assert "Turn left at the station." in words(Phone(london).get(page))
    cancel(london, run)
    assert "Turn left at the station." not in words(Phone(london).get(page))


def test_the_private_page_of_a_date_that_its_run_has_no_more_says_that_there_is_no_run(
    london: LocalNode, run: Run
) -> None:
    phone = Phone(london)
    link = say(phone, run)
    with london.session() as session:
        tuesdays = a_run(starts_on=date(2026, 6, 2))
        series.edit(session, london.settings, run.id, tuesdays, london.clock.tick(minutes=1))
    said = words(phone.get(link))
    assert "There’s no run on Thursday 4 June any more" in said
    assert "This date is over" not in said


def test_the_private_page_of_a_date_that_is_a_planned_gap_now_says_that_it_is_off(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    with london.session() as session:
        gap = a_run(exdates=(date(2026, 6, 4),))
        series.edit(session, london.settings, run.id, gap, london.clock.tick(minutes=1))
    said = words(phone.get(link))
    assert "This date is over" not in said
    assert "11 June" in said


def test_the_private_page_of_a_date_that_was_held_says_that_it_is_over(london: LocalNode, run: Run) -> None:
    phone = Phone(london)
    link = say(phone, run)
    london.clock.tick(days=4)
    assert "This date is over" in words(phone.get(link))


def test_the_form_of_a_date_that_is_off_leads_to_a_run_that_is_not(london: LocalNode, run: Run) -> None:
    cancel(london, run)
    page = Phone(london).get(form_of(london, run))
    assert "<h1>There’s no run on that date</h1>" in page.text
    assert "Thursday 11 June" in words(page)
