"""E-mail addresses that people type."""

import re

#: As a mail server takes it: 254 characters in all (RFC 5321 §4.5.3.1), in ASCII alone. Letters that look alike, or
#: become alike in lower case (the Kelvin sign and k), would let one person ask for another one's letters.
_SHAPE = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{0,62}\Z")
LONGEST = 254


def is_email(text: str) -> bool:
    """Whether `text` may be an address. Only a letter that is answered shows that it is one."""
    return len(text) <= LONGEST and bool(_SHAPE.match(text)) and ".." not in text and not text.startswith(".")
