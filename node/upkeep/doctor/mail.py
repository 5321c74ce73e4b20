"""Whether letters go out: the way to the mail server, and what became of the last ones."""

from datetime import timedelta
from threading import Event

from sqlalchemy import func, select

from ...mail import carriers, outbox
from ...models import ClosedAddress, Letter
from .checks import Found, Ground, broken, look, well

_LONG = timedelta(hours=2)
#: A server that took a letter so lately need not be asked again whether it takes any.
_LATELY = timedelta(hours=1)


def server(ground: Ground) -> Found:
    """Whether the mail server can be reached and lets this node in. No letter is sent."""
    settings = ground.settings
    if not settings.has_mail:
        return look("this node sends no letters: nobody is told of a cancellation by mail", 'set RTR_MAIL (see "Mail")')
    if settings.mail.startswith("folder:"):
        says = f"letters are files in {settings.mail.removeprefix('folder:')}: nobody gets them"
        return look(says, 'set RTR_MAIL to a mail server (see "Mail")') if ground.is_internet else well(says)
    if ground.session.scalar(select(Letter.id).where(Letter.sent_at > ground.now - _LATELY).limit(1)):
        return well("the mail server took a letter within the hour")
    # The read ends before the network is used.
    ground.session.rollback()
    from ...mail.smtp import MailServer, address_of

    try:
        with MailServer(address_of(settings), Event()) as way:
            way.sign_in()
    except carriers.NotTaken as error:
        return broken(
            f"the mail server lets nothing in: {error}", "see RTR_MAIL and its password; then: rtr mail test ADDRESS"
        )
    return well("the mail server can be reached and lets this node in")


def letters(ground: Ground) -> Found:
    """Whether letters wait for long, were lost, or came back."""
    session, now = ground.session, ground.now
    tally = outbox.tally(session, now)
    waits = (Letter.sent_at.is_(None), Letter.given_up.is_(None), Letter.not_after > now, Letter.tries > 0)
    late = session.scalar(select(func.count()).where(*waits, Letter.made_at < now - _LONG)) or 0
    bounced = session.scalar(select(func.count()).where(ClosedAddress.why == "bounced")) or 0
    says = f"{tally.sent_today} letters within a day, {tally.waiting} wait, {tally.failed} lost within a week"
    says += f", {bounced} addresses bounced" if bounced else ""
    if late:
        return broken(f"{says}; {late} of them for over two hours", "see what the log says of the mail server")
    if tally.failed:
        return look(says, "see the page Emails, and the log; rtr mail reopen ADDRESS after a bounce that was none")
    return well(says)
