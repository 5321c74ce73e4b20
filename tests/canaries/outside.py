"""What anybody outside a chapter's node can get of it: pages, documents, feeds, and what other nodes keep."""

import re
from collections import deque
from urllib.parse import parse_qs, urljoin, urlsplit

from web.http import page_cache
from web.http.language_paths import split
from web.http.page_cache import GenerationCache
from web.language import LANGUAGES, tag_of

from ..support.network import LocalNode
from ..support.web_client import Phone

_LINK = re.compile(r'(?:href|src|action)="([^"]+)"|<loc>([^<]+)</loc>')
#: Where a walk begins that follows links, and what no page links to.
_STARTS = ("/", "/runs", "/chapters", "/privacy", "/help", "/signin", "/robots.txt", "/sitemap.xml")
_MOST = 120
#: The hidden id of a form is another one each time.
_FORM_ID = re.compile(rb'name="form_id"[^>]*>')


def pages(node: LocalNode) -> dict[str, bytes]:
    """Each page, calendar and file that links lead to without a sign-in, with its headers, in each language.

    Of the searches, which lead to other searches without end, one of each shape.
    """
    read: dict[str, bytes] = {}
    for language in LANGUAGES:
        ahead, seen = deque(_STARTS), {_shape(one) for one in _STARTS}
        while ahead and len(seen) < _MOST:
            path = ahead.popleft()
            answer = Phone(node).get(path, headers={"Accept-Language": tag_of(language)})
            read[f"{path} in {language}"] = f"{answer.status}\n{answer.headers}\n".encode() + answer.data
            for one in _links(node, path, answer.text if "text" in answer.mimetype or "xml" in answer.mimetype else ""):
                if _shape(one) not in seen:
                    seen.add(_shape(one))
                    ahead.append(one)
        assert not ahead, "some pages were not read"
    return read


def without_ids(read: dict[str, bytes]) -> dict[str, bytes]:
    """The same pages, for a comparison with those of another moment."""
    return {name: _FORM_ID.sub(b"", text) for name, text in read.items()}


def exchange(node: LocalNode, chapters: list[str]) -> dict[str, bytes]:
    """What the node gives other nodes."""
    phone, read = Phone(node), {}
    for path in ("/fed/v1/status", "/fed/v1/changes", *(f"/fed/v1/documents/{one}" for one in chapters)):
        answer = phone.get(path)
        assert answer.status_code == 200, path
        read[path] = str(answer.headers).encode() + answer.data
    return read


def kept_in_memory(node: LocalNode) -> dict[str, bytes]:
    """The pages and cards that the node has drawn and keeps for the next reader."""
    caches = [one for one in vars(page_cache.of(node.app)).values() if isinstance(one, GenerationCache)]
    assert len(caches) > 1
    # A kept page's bytes are plain in its own words, too, but for quotes.
    return {f"kept {key!r}": repr(value).encode() for one in caches for key, value in one._cache.items()}


def _shape(link: str) -> tuple[str, frozenset[str]]:
    """Its path, and the names of what it asks for."""
    path, _, query = link.partition("?")
    return path, frozenset(parse_qs(query, keep_blank_values=True))


def _links(node: LocalNode, path: str, text: str) -> list[str]:
    found = []
    for match in _LINK.finditer(text):
        link = urlsplit(urljoin(node.settings.base_url + path, (match[1] or match[2]).replace("&amp;", "&")))
        # An address that names its language shows the page that the browser's language leads to without.
        is_twin = link.path.startswith("/static") or split(link.path)[0]
        if f"{link.scheme}://{link.netloc}" == node.settings.base_url and not is_twin:
            found.append(link.path + (f"?{link.query}" if link.query else ""))
    return found
