"""Messages to the people of a site, by the site's own forms."""

import re

from .web_client import Phone, words


def write(phone: Phone, path: str, text: str, **typed: str) -> str:
    """Send the form at `path`. The path of its sender's private page."""
    answer = phone.post(path, data=filled(phone, path, text, **typed))
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["Location"].partition("?")[0])


def filled(phone: Phone, path: str, text: str, **typed: str) -> dict[str, str]:
    """What the form at `path` sends."""
    form_id = re.search(r'name="form_id"[^>]*value="([^"]+)"', phone.get(path).text)
    assert form_id is not None
    return {"form_id": form_id[1], "text": text, **typed}


def answer(lead: Phone, text: str, outcome: str = "") -> None:
    """Answer the message that waits first on the leads' page."""
    path = re.search(r'href="(/lead/messages/\w+)"', lead.get("/lead/messages").text)
    assert path is not None
    said = lead.post(path[1], data={"text": text, "outcome": outcome})
    assert said.status_code == 303, words(said)


def take_questions(lead: Phone) -> None:
    """Turn the contact form on."""
    assert lead.post("/lead/contact-form", data={"open": "yes"}).status_code == 303
