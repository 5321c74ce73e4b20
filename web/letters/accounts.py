"""Letters about accounts: the code that signs in, a lead's invitation, and an account that ends."""

from datetime import date, datetime, timedelta

from node.members import idle
from node.members.accounts import codes, invitations
from node.models import Letter, Person, SignInCode

from ..context import now, session, settings
from ..language import N_, _
from ..site import site
from ..words.members.accounts import role_words
from ..words.times import day_since, long_day
from .written import Digits, Kind, Link, Words, Written, address


def code(letter: Letter) -> Written | None:
    """The letter with six digits and a link. None once the code is used or over."""
    row = session().get(SignInCode, letter.facts["code"])
    if row is None or row.expires_at <= now():
        return None
    six = codes.digits(settings(), row.id)
    if row.person_id is not None and row.email is not None:
        return _to_added(six)
    link = address("codes.show_link", token=codes.link_token(settings(), row.id))
    return _to_sign_in(six, link, is_new=row.person_id is None)


def invitation(letter: Letter) -> Written | None:
    """A lead's invitation. None once it is used or taken back."""
    token = invitations.token_of(settings(), letter.facts["by"], letter.facts["form"])
    found = invitations.peek(session(), token, now())
    if found is None:
        return None
    by = session().get_one(Person, found.invited_by)
    return _invited(by.first_name, found.role, address("other_ways.show_invitation", token=token), found.expires_at)


def account_ends(letter: Letter) -> Written | None:
    """An account that nobody uses is deleted soon. None once it is used again, or its owner leads runs."""
    person = session().get_one(Person, letter.person_id)
    if person.role != "member" or idle.key_of(person) != letter.key:
        return None
    return _account_ends(idle.last_day(session(), settings(), person, now()))


def _to_sign_in(six: str, link: str, *, is_new: bool) -> Written:
    otherwise = (
        _(
            "There’s no account with this address yet, so the code will make one. If it wasn’t you who "
            "asked, do nothing. No account will be made, and we won’t email you again because someone "
            "types your address."
        )
        if is_new
        else _("If it wasn’t you who asked, do nothing. Without this email, no one can get in.")
    )
    return Written(
        _("Your code for %(site)s", site=site().name),
        (
            Words(_("Type these six digits on the page where you asked for them:")),
            Digits(six),
            Words(_("Or open this link, and tap the button there. Both work once, for 15 minutes.")),
            Link(_("Sign in"), link),
            Words(_("Don’t give the digits to anyone. We’ll never ask you for them.")),
            Words(otherwise),
        ),
    )


def _to_added(six: str) -> Written:
    return Written(
        _("Your code for %(site)s", site=site().name),
        (
            Words(_("Someone who’s signed in wants to get emails at this address. This is the code for it:")),
            Digits(six),
            Words(_("It works once, for 15 minutes. If it wasn’t you, do nothing.")),
        ),
    )


def _invited(by: str, role: str, link: str, until: datetime) -> Written:
    day = day_since(until, now())
    return Written(
        _("%(name)s invites you to %(site)s", name=by, site=site().name),
        (
            Words(
                _(
                    "%(name)s would like you to help with the runs at %(site)s, as a %(role)s.",
                    name=by,
                    site=site().name,
                    role=role_words(role),
                )
            ),
            Link(_("Look at the invitation"), link),
            Words(_("The link works once, until %(day)s. If you’d rather not, do nothing.", day=day)),
        ),
    )


def _account_ends(until: date) -> Written:
    return Written(
        _("Do you still need your account at %(site)s?", site=site().name),
        (
            Words(
                _(
                    "You haven’t used your account here for a long time. We’ll keep it until %(day)s, and"
                    " then delete it with everything in it, so that we don’t keep what no one needs.",
                    day=long_day(until, now().date()),
                )
            ),
            Words(_("To keep it, just sign in before then.")),
            Link(_("Sign in"), address("me.show")),
            Words(
                _("If you don’t need it any more, you don’t have to do anything. You can come to any run without one.")
            ),
        ),
    )


def _sample_code() -> Written:
    return _to_sign_in("012 345", address("signin.explain"), is_new=False)


def _sample_invitation() -> Written:
    return _invited("Sam", "co-lead", address("signin.explain"), now() + invitations.INVITATION_LIFE)


KINDS = {
    "code": Kind(code, _sample_code, N_("To anyone who asks for a code to sign in, at once")),
    "account_ends": Kind(
        account_ends,
        lambda: _account_ends((now() + timedelta(idle.NOTICE_DAYS)).date()),
        N_("To a member who hasn’t signed in for a long time, two weeks before the account is deleted"),
    ),
    "invitation": Kind(invitation, _sample_invitation, N_("To anyone a lead invites, at once")),
}
