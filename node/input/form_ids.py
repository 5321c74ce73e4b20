"""Ids of forms, so that a double tap is one act. Each page of a form makes a random one for it."""

import hashlib

#: A form's id is as long as its page makes it, so that nobody gets what another's form made by sending a short one.
_LENGTH = 22


def with_content(form_id: str, *content: object) -> str | None:
    """The id of one form with one content: a friend who types another name on the same page means another act.

    None for an id that is short enough to guess, and for none.
    """
    if len(form_id) < _LENGTH:
        return None
    return hashlib.sha256("\n".join(map(str, (form_id, *content))).encode()).hexdigest()
