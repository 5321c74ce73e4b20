"""Which pages there are, and how each is reached in each situation. Keys are the rules of the URL map.

A rule that stands in no table fails a test by its name: a page that nobody looks at is not finished.
"""

from collections.abc import Mapping

from . import closed, setting_up
from .facts import looks as facts
from .inbox import looks as inbox
from .look import Look
from .looks import accounts, comers, errors, hq, leading, leads, readers
from .upkeep import looks as upkeep
from .world import LATER

Looks = Mapping[str, tuple[Look, ...]]

PUBLIC: Looks = {
    **readers.PUBLIC,
    **accounts.PUBLIC,
    **comers.PUBLIC,
    **inbox.PUBLIC,
    **leading.PUBLIC,
    **facts.PUBLIC,
    **setting_up.PUBLIC,
}
LEADS: Looks = {
    **leads.SIGNED_IN,
    **accounts.SIGNED_IN,
    **comers.LEADS,
    **inbox.LEADS,
    **leading.SIGNED_IN,
    **facts.SIGNED_IN,
    **upkeep.SIGNED_IN,
    **setting_up.LEADS,
}
HQS: Looks = {**hq.SIGNED_IN, **inbox.HQS}
#: What a form that cannot be kept leads to. Nothing: every answer of this rule sends the browser on to another page.
FORMS: Looks = {
    **readers.FORMS,
    **hq.FORMS,
    **leads.FORMS,
    **accounts.FORMS,
    **comers.FORMS,
    **inbox.FORMS,
    **leading.FORMS,
    **facts.FORMS,
    **upkeep.FORMS,
    **setting_up.FORMS,
}

#: Pages that no address is for.
ERRORS: tuple[Look, ...] = (*setting_up.ERRORS, *closed.ERRORS, *errors.ERRORS)
#: Answers that are no whole page, and the page that they are a part of.
PARTS: Mapping[str, str] = {"/lead/reach": "/lead"}
#: What no person looks at. test_site_files.py, test_calendars.py and test_searches.py of tests/web/public read them, as
#: do tests/web/sharing and tests/web/upkeep.
FILES = frozenset(
    {
        *("/favicon.ico", "/robots.txt", "/sitemap.xml", "/me/export", "/c/<token>/export", "/m/<token>/export"),
        *("/photos/<photo_id>", "/lead/backups/<name>", "/hq/backups/<name>"),
        *("/offline.js", "/manifest.webmanifest", "/picture.png", "/chapters/<chapter_id>/picture.png"),
        *("/runs/<chapter_id>/<listing_id>/picture.png", "/chapters/<chapter_id>/feed.atom"),
        "/runs/<chapter_id>/<listing_id>/calendar.ics",
        "/runs/<chapter_id>/<listing_id>/<day:day>/calendar.ics",
        *("/chapters/<chapter_id>/calendar.ics", "/c/<token>/calendar.ics"),
        *("/runs/calendar.ics", "/runs/feed.atom", "/places", "/livez", "/readyz"),
    }
)


#: Each public page once, as anybody sees it who types its address.
PLAIN: Mapping[str, Look] = {rule: looks[0] for rule, looks in PUBLIC.items() if looks and looks[0].is_plain}


def all_looks() -> dict[str, Look]:
    """Every look by a name of its own, in the order of the stages."""
    tables = {"": PUBLIC, "lead ": LEADS, "HQ ": HQS, "POST ": FORMS, "error": {"": ERRORS}}
    named = {
        f"{kind}{rule} {look.situation}".strip(): look
        for kind, table in tables.items()
        for rule, looks in table.items()
        for look in looks
    }
    return dict(sorted(named.items(), key=lambda one: LATER[one[1].stage]))
