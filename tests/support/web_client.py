"""A visitor's phone: it asks one node, by the node's own address, and sends the node's own forms."""

import html
import re
from typing import Any

from werkzeug.test import TestResponse

from node.members import sign_in

from .network import LocalNode


class Phone:
    """One visitor of a node, with a cookie jar of its own."""

    def __init__(self, node: LocalNode) -> None:
        self.node = node
        self.client = node.app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=self.node.settings.base_url, buffered=True, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Send a form as if a page of the node had it."""
        headers = {"Origin": self.node.settings.base_url, **options.pop("headers", {})}
        return self.client.post(path, data=data, base_url=self.node.settings.base_url, headers=headers, **options)

    def tap(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """Send the form that goes to `path`, with the hidden fields that it has on its own page or on the board."""
        page = self.get(path)
        kept = hidden(page.text, path) if page.status_code == 200 else hidden(self.get("/lead").text, path)
        return self.post(path, data={**kept, **(data or {})}, **options)

    def sign_in(self, name: str = "Sam", role: str = "lead") -> "Phone":
        """Sign in as a new lead of the chapter, or as somebody of another role."""
        self.lead = self.node.add_lead(name, role)
        assert self.post(f"/signin/{self.link(self.lead.id)}").status_code == 303
        return self

    def link(self, lead_id: int) -> str:
        """A new one-time token of a lead."""
        with self.node.session() as session:
            return sign_in.make_link(session, lead_id, self.node.clock())


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of a page's form that goes to `action`, or else to the page itself."""
    form = (page.partition(f'action="{action}"')[2] or page.partition('class="kept"')[2]).partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def words(response: TestResponse) -> str:
    """A page's main text, without tags, with single spaces."""
    bare = re.sub(r"<[^>]*>", " ", response.text.partition('tabindex="-1">')[2].partition("<footer")[0])
    return re.sub(r"\s+", " ", html.unescape(bare))
