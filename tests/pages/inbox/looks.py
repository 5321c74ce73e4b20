"""What people write to the people of a site: the forms, their senders' pages, the leads' and HQ's pages of them."""

from collections.abc import Mapping

from ..look import Look, by_hq, by_lead

_REPORT = "/runs/{london}/{quiet}/out-of-date"
_NOTHING = {"text": "", "email": "robin at example"}


PUBLIC: Mapping[str, tuple[Look, ...]] = {
    "/contact": (Look("open", "/contact", "london"), Look("closed", "/contact", status=404)),
    "/runs/<chapter_id>/<listing_id>/out-of-date": (
        Look("own run", _REPORT, "london"),
        Look("unknown", "/runs/{london}/nothing/out-of-date", "london", status=404),
    ),
    "/wish": (
        Look("HQ", "/wish?place=Leeds", "hq"),
        Look("no HQ", "/wish", "young", status=404),
    ),
    "/message-deleted": (Look("deleted", "/message-deleted", "london"),),
    "/m/<token>": (
        Look("just sent", "{asked}?done=sent", "london"),
        Look("answered", "{told}", "london"),
        Look("wish", "{wished}?done=sent", "hq"),
        Look("made up", "/m/x", "london", status=404),
    ),
}

LEADS: Mapping[str, tuple[Look, ...]] = {
    "/lead/messages": (
        by_lead("some", "/lead/messages?done=form-opened"),
        by_lead("none", "/lead/messages", "brisbane"),
    ),
    "/lead/messages/<message_id>": (
        by_lead("question", "/lead/messages/{question}"),
        by_lead("answered report", "/lead/messages/{report}"),
        by_lead("unknown", "/lead/messages/nothing", status=404),
    ),
}

HQS: Mapping[str, tuple[Look, ...]] = {
    "/hq/wishes": (by_hq("some", "/hq/wishes"), by_hq("none", "/hq/wishes", "young-hq")),
    "/hq/chapters/<chapter_id>/contact": (
        by_hq("known", "/hq/chapters/{long}/contact"),
        by_hq("none", "/hq/chapters/{waiting}/contact"),
    ),
}

FORMS: Mapping[str, tuple[Look, ...]] = {
    "/contact": (
        Look("what to change", "/contact", "london", status=422, sent=_NOTHING),
        Look("closed meanwhile", "/contact", status=404, sent={"text": "Is there a place to leave a bag?"}),
    ),
    "/runs/<chapter_id>/<listing_id>/out-of-date": (
        Look("what to change", _REPORT, "london", status=422, sent=_NOTHING),
    ),
    "/wish": (Look("what to change", "/wish", "hq", status=422, sent=_NOTHING),),
    "/m/<token>/erase": (Look("made up", "/m/x/erase", "london", status=404, sent={}),),
    "/lead/contact-form": (),
    "/lead/messages/<message_id>": (
        by_lead("no answer", "/lead/messages/{question}", status=422, sent={"text": ""}),
        by_lead("answered", "/lead/messages/{report}", status=409, sent={"text": "It’s open again.", "outcome": ""}),
    ),
    "/lead/messages/<message_id>/erase": (),
    "/hq/wishes/<message_id>/erase": (),
    "/hq/chapters/<chapter_id>/contact": (
        by_hq("what to change", "/hq/chapters/{london}/contact", status=422, sent={"email": "priya", "name": "Priya"}),
        by_hq("quicker", "/hq/chapters/{london}/contact", status=409, sent={"name": "Priya", "seen": "old"}),
    ),
}
