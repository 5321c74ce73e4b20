"""The pages of the first-timer letter and of photos."""

import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image
from sqlalchemy import select

from federation.documents import MeetingPoint
from node import jobs
from node.chapter import dates
from node.database import writing
from node.directory import chapters
from node.members import coming, first_time
from node.members.coming import Given
from node.models import Coming, Run

from ...support.members.letters import sent, text_of
from ...support.network import LocalNode
from ...support.taps import THURSDAY, tap
from ...support.web_client import Phone, words


def start() -> datetime:
    return datetime(2026, 6, 1, 10, tzinfo=UTC)


def picture(width: int = 640, height: int = 480) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((width, height), 50).convert("RGB").save(made, "JPEG", quality=95)
    return made.getvalue()


def page_of(node: LocalNode, run: Run) -> str:
    with node.session() as session:
        return f"/runs/{chapters.own_id(session)}/{run.id}"


def add(phone: Phone, run: Run, sent: bytes, shows: str = "The steps") -> Any:
    """Send a photo as a browser does."""
    # Not by the client's own encoder, which leaves a temporary file open.
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    body = part % (b"photo", b'; filename="IMG_0001.jpg"', sent) + part % (b"shows", b"", shows.encode()) + b"--x--\r\n"
    path = f"/lead/runs/{run.id}/first-time/photos"
    return phone.post(path, data=body, content_type="multipart/form-data; boundary=x")


def test_the_letter_is_on_the_runs_page_and_on_a_page_to_print(london: LocalNode, run: Run) -> None:
    phone, path = Phone(london).sign_in(), f"/lead/runs/{run.id}/first-time"
    assert "Your first time" not in words(phone.get(page_of(london, run)))
    assert phone.tap(path, {"letter": "Turn left at the station.\nYou may just listen."}).status_code == 303
    for place in (page_of(london, run), f"{page_of(london, run)}/first-time"):
        assert "Turn left at the station. You may just listen." in words(Phone(london).get(place))
    printed = words(Phone(london).get(f"{page_of(london, run)}/first-time"))
    assert "Every Thursday, 18:30" in printed
    assert f"{london.settings.base_url}{page_of(london, run)}" in printed


def test_where_a_date_was_moved_to_nobody_is_led_to_the_usual_place(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    phone.tap(f"/lead/runs/{run.id}/first-time", {"letter": "Turn left at the Monument."})
    assert add(phone, run, picture()).status_code == 303
    tap(london, run, dates.move, THURSDAY, None, MeetingPoint("Tower Hill", "", "", 515098, -766), "")
    with london.session() as session:
        coming.say(session, london.settings, run.id, THURSDAY, Given(email="a@example.org", first_time=True), start())
        with writing(session):
            session.scalars(select(Coming)).one().email_confirmed_at = start()
    moved = Phone(london).get(f"{page_of(london, run)}?date=2026-06-04").text
    assert "Tower Hill" in moved
    assert "Turn left at the Monument." not in moved
    assert "/photos/" not in moved
    usual = Phone(london).get(f"{page_of(london, run)}?date=2026-06-11").text
    assert "Turn left at the Monument." in usual
    assert "/photos/" in usual
    london.clock.now = datetime(2026, 6, 4, 9, tzinfo=UTC)
    jobs.tell(london.handle)
    [reminder] = [one for one in sent(london) if "18:30" in str(one["Subject"])]
    assert "Tower Hill" in text_of(reminder)
    assert "Turn left" not in text_of(reminder)


def test_what_was_typed_stays_where_another_lead_was_quicker(london: LocalNode, run: Run) -> None:
    phone, path = Phone(london).sign_in(), f"/lead/runs/{run.id}/first-time"
    with london.session() as session:
        first_time.write(session, run.id, "By Kim", london.clock())
    answer = phone.post(path, data={"letter": "By Sam", "seen": "old"})
    assert answer.status_code == 409
    assert "By Kim" in words(answer)
    assert "By Sam" in answer.text


def test_a_photo_of_many_megabytes_is_taken_and_served_small(london: LocalNode, run: Run) -> None:
    phone, sent = Phone(london).sign_in(), picture(2400, 1800)
    assert len(sent) > 1_000_000
    assert add(phone, run, sent).status_code == 303
    with london.session() as session:
        (kept,) = first_time.photos_of(session, run.id)
    page = Phone(london).get(page_of(london, run))
    assert f'src="/photos/{kept.id}"' in page.text
    assert 'alt="The steps"' in page.text
    served = Phone(london).get(f"/photos/{kept.id}")
    assert (served.mimetype, len(served.data) <= first_time.MAX_KEPT) == ("image/webp", True)
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in served.headers


def test_a_photo_that_cannot_be_read_is_refused_in_words_and_the_words_stay(london: LocalNode, run: Run) -> None:
    answer = add(Phone(london).sign_in(), run, b"<script>", "The steps")
    assert answer.status_code == 422
    assert "We couldn’t read this as a photo." in words(answer)
    assert 'value="The steps"' in answer.text


def test_a_photo_without_words_is_refused(london: LocalNode, run: Run) -> None:
    answer = add(Phone(london).sign_in(), run, picture(), "")
    assert answer.status_code == 422
    assert "Please fill this in." in words(answer)


def test_a_file_longer_than_any_photo_is_refused_in_words(london: LocalNode, run: Run) -> None:
    answer = add(Phone(london).sign_in(), run, b"\0" * (first_time.MAX_SENT + 100_000))
    assert answer.status_code == 413
    assert "longer than this page can take" in words(answer)


def test_no_other_form_takes_so_much(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    assert phone.post(f"/lead/runs/{run.id}/first-time", data={"letter": "x" * 300_000}).status_code == 413


def test_a_photo_goes_with_one_tap(london: LocalNode, run: Run) -> None:
    phone = Phone(london).sign_in()
    add(phone, run, picture())
    with london.session() as session:
        (kept,) = first_time.photos_of(session, run.id)
    assert phone.post(f"/lead/runs/{run.id}/first-time/photos/{kept.id}/remove").status_code == 303
    assert Phone(london).get(f"/photos/{kept.id}").status_code == 404
