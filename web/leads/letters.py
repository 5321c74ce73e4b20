"""What letters this site sends: whether they get through, and what each kind says, about people who do not exist."""

from flask import Blueprint, abort, render_template

from node.mail import closed, outbox

from ..context import now, session, settings
from ..http import limits, sessions

bp = Blueprint("letters", __name__, url_prefix="/lead/letters")
limits.signed_in(bp)


@bp.get("")
def overview() -> str:
    """Show whether letters go out, whether the lead gets them, and all kinds."""
    from ..letters import KINDS  # as in `preview`: no page and no process needs letters before one is read

    return render_template(
        "leads/letters.html",
        has_mail=settings().has_mail,
        tally=outbox.tally(session(), now()),
        budget=settings().mail_a_day,
        closed_for=closed.why(session(), sessions.person().email_index),
        samples={kind: (found.sample().subject, found.occasion) for kind, found in KINDS.items()},
    )


@bp.get("/<kind>")
def preview(kind: str) -> str:
    """Show one kind of letter as it would be."""
    from ..letters import KINDS, posting

    if kind not in KINDS:
        abort(404)
    written = KINDS[kind].sample()
    return render_template(
        "leads/letter.html",
        written=written,
        blocks=posting.named(written),
        text=posting.bodies_of(written, posting.sample_stop_address(kind)).text,
        occasion=KINDS[kind].occasion,
        sender=settings().mail_sender,
    )
