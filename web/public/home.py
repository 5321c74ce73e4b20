"""The home page of a chapter or of HQ, the help lines, and what this site keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request, url_for

from node import help_lines
from node.directory import chapter_list, listings
from node.directory.listings import ChapterView, ListingView, Occurrence
from node.errors import NotFound
from node.members import idle, retention, sign_in
from node.members.accounts import invitations
from node.members.leading.rota import DUTY_KEPT
from node.upkeep.backups import nightly

from ..alternatives import alternative_to, next_on, promised_soon
from ..context import now, session, settings
from ..forms.find.search import home_country
from ..http import limits
from ..language import _
from ..maps import runs as maps
from ..sharing import heads
from ..site import site
from ..words.countries import country_order
from ..words.states import by_time, is_in_doubt

bp = Blueprint("home", __name__)
limits.pages(bp)

#: Chapters on HQ's home page. The others are behind the link to the list.
HQ_SHOWS = 24
#: Promised runs of tonight and tomorrow on HQ's home page.
_SOON = 3
#: Dates below the next one.
_LATER = 6


@dataclass(frozen=True)
class ComingDates:
    """The coming dates of several runs. `next`: the very next one, on or not. `alternative`: where `next` is not on,
    the next one that is. `later`: those after `next`. `under_way`: those that have begun.
    """

    next: Occurrence | None
    alternative: Occurrence | None
    later: list[Occurrence]
    under_way: list[Occurrence]

    @property
    def has_several(self) -> bool:
        """Whether they are dates of more than one run, so that each needs its name."""
        return len({one.listing.id for one in (*self.later, *filter(None, [self.next]))}) > 1


@bp.get("/")
def home() -> str:
    """Show the next run, large. HQ's home page says what the movement is."""
    if site().is_hq:
        found = chapter_list.page(session(), now(), order=country_order, limit=HQ_SHOWS)
        shown = {"found": found, "soon": promised_soon(_SOON), "map": maps.of_all()}
        return render_template("public/home_of_hq.html", page_head=heads.of_hq(url_for(".home")), **shown)
    # The other sites' pages do not show this chapter, either, while HQ does not list it.
    chapter = listed_chapter(site().chapter)
    coming = coming_dates(chapter.listings if chapter else [])
    doubtful = coming.next if coming.next and is_in_doubt(coming.next) else None
    promised = alternative_to(doubtful) if doubtful else None
    head = heads.of_chapter(chapter, url_for(".home")) if chapter else heads.of_own(url_for(".home"))
    return render_template("public/home.html", page_head=head, chapter=chapter, coming=coming, promised=promised)


@bp.get("/help")
def help_page() -> str:
    """Show the help lines of the reader's likely country. Those of the others are one tap away."""
    code = request.args.get("country", "")[:2].upper() or home_country()
    head = heads.of_site(_("Help now"), url_for(".help_page"))
    here = help_lines.of(code)
    others = [one for one in help_lines.countries() if one != here]
    return render_template("public/help.html", page_head=head, here=here, others=others)


@bp.get("/privacy")
def privacy() -> str:
    """Say what is kept and for how long, with this site's own numbers, what leaves it, and when it last swept."""
    hq = site().hq
    complaints = settings().complaints or (hq.contact if hq else "")
    return render_template(
        "public/privacy.html",
        page_head=heads.of_site(_("Privacy"), url_for(".privacy")),
        keeps=nightly.as_set_now(settings()),
        swept_at=retention.swept_at(session()),
        late_since=retention.late_since(session(), now()),
        complaints=complaints,
        link_minutes=minutes(sign_in.LINK_LIFE),
        notice_days=idle.NOTICE_DAYS,
        session_days=sign_in.SESSION_LIFE.days,
        invitation_days=invitations.INVITATION_KEPT.days,
        duty_days=DUTY_KEPT.days,
    )


def minutes(time: timedelta) -> int:
    """Whole minutes."""
    return int(time.total_seconds()) // 60


def coming_dates(views: Sequence[ListingView]) -> ComingDates:
    """What is next of all `views`. Where nothing comes, `next` is the first date that has begun."""
    every = sorted((one for view in views for one in view.coming), key=by_time)
    coming, begun = [one for one in every if not one.begun], [one for one in every if one.begun]
    if not coming:
        return ComingDates(begun[0] if begun else None, None, begun[1:], [])
    alternative = None if coming[0].is_on else next_on(coming)
    return ComingDates(coming[0], alternative, coming[1 : _LATER + 1], begun)


def listed_chapter(chapter_id: str) -> ChapterView | None:
    """A chapter as every page shows it; None while HQ does not list it."""
    try:
        return listings.chapter(session(), chapter_id, now())
    except NotFound:
        return None
