"""E-mail addresses as people type them."""

import re

#: The longest address that a mail server takes (RFC 5321 §4.5.3.1, and the angle brackets of a path).
LONGEST = 254
#: Stricter than RFC 5322 on purpose: what is left out here, such as quotes, is a slip far more often than an address.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\Z"
)


def check_email(text: str) -> str | None:
    """The problem of an address as a code (`email`); None for one to which a letter can be sent."""
    return None if len(text) <= LONGEST and _ADDRESS.match(text) and ".." not in text else "email"
