"""The pages of accounts: signing in, one's own account, and the people who lead."""

from collections.abc import Mapping

from ..look import Look, by_lead, by_role

_PERSON = "<int(max=999999999):person_id>"
_ADDRESS = {"email": "robin@example.org", "form_id": "a"}
_WRONG = {"email": "robin@example.org", "code": "000000"}

PUBLIC: Mapping[str, tuple[Look, ...]] = {
    "/signin/mail/<token>": (
        Look("new", "{code_link}", "london"),
        Look("known", "{known_link}", "london"),
        Look("used", "/signin/mail/used", status=410),
    ),
    "/signin/paper": (Look("empty", "/signin/paper"),),
    "/invited/<token>": (
        Look("nobody yet", "{invited}", "london"),
        Look("used", "/invited/used", status=410),
        by_role("member", "somebody with an account", "{invited}"),
    ),
}

SIGNED_IN: Mapping[str, tuple[Look, ...]] = {
    "/me": (
        by_lead("a lead", "/me?done=saved"),
        by_role("co-lead", "a co-lead", "/me"),
        by_role("member", "a member", "/me?done=role-taken"),
    ),
    "/me/erase": (by_lead("a lead", "/me/erase"), by_role("member", "a member", "/me/erase")),
    "/me/passkeys": (by_role("member", "none", "/me/passkeys"),),
    "/me/phones": (by_lead("phones", "/me/phones?done=phone-out"), by_role("member", "a member", "/me/phones")),
    "/lead/people": (
        by_lead("some", "/lead/people?done=last-lead"),
        by_lead("one", "/lead/people", "young"),
    ),
    f"/lead/people/{_PERSON}/remove": (
        by_lead("sure", "/lead/people/{ada}/remove"),
        by_lead("unknown", "/lead/people/0/remove", status=404),
    ),
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    "/signin/mail": (
        Look("sent", "/signin/mail", "london", sent=_ADDRESS),
        Look("no address", "/signin/mail", "london", status=422, sent={"email": "robin"}),
    ),
    "/signin/mail/<token>": (Look("used", "/signin/mail/used", status=410, sent={}),),
    "/signin/code": (Look("wrong", "/signin/code", "london", status=422, sent=_WRONG),),
    "/signin/paper": (Look("wrong", "/signin/paper", status=422, sent={"code": "abcd"}),),
    "/signin/passkey": (Look("refused", "/signin/passkey", status=422, sent={"answer": "{}"}),),
    "/signin/passkey/options": (Look("by number", "/signin/passkey/options", status=404, sent={}),),
    "/invited/<token>": (Look("no name", "{invited}", "london", status=422, sent={"first_name": ""}),),
    "/me/name": (by_lead("no name", "/me/name", status=422, sent={"first_name": ""}),),
    "/me/language": (by_role("member", "no language", "/me/language", status=422, sent={"language": "tlh"}),),
    "/me/email": (
        by_role("member", "sent", "/me/email", sent=_ADDRESS),
        by_role("member", "no address", "/me/email", status=422, sent={"email": "robin"}),
    ),
    "/me/email/code": (by_role("member", "wrong", "/me/email/code", status=422, sent=_WRONG),),
    "/me/email/remove": (),
    "/me/letters": (),
    "/me/coming": (by_role("member", "of nothing", "/me/coming", status=404, sent={"link": "x"}),),
    "/me/erase": (by_lead("the only lead", "/me/erase", "young", status=422, sent={}),),
    "/me/paper": (by_role("member", "made", "/me/paper", sent={}),),
    "/me/passkeys": (by_role("member", "refused", "/me/passkeys", status=422, sent={"answer": "{}"}),),
    "/me/passkeys/options": (by_role("member", "by number", "/me/passkeys/options", status=404, sent={}),),
    "/me/passkeys/remove": (),
    "/me/phones/add": (by_role("member", "shown", "/me/phones/add", sent={}),),
    "/me/phones/sign-out": (),
    "/me/sign-out": (),
    "/lead/people": (
        by_lead("made", "/lead/people", sent={"role": "co-lead", "form_id": "b", "email": "kim@example.org"}),
        by_lead("no address", "/lead/people", status=422, sent={"role": "lead", "email": "kim"}),
    ),
    "/lead/people/invitations/revoke": (),
    f"/lead/people/{_PERSON}/role": (),
    f"/lead/people/{_PERSON}/remove": (),
}
