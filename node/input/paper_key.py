"""A root key on paper: four lines, each with a check of its own, and how a key that somebody typed is read."""

import hashlib

from federation.keys import SigningKey

from ..errors import NodeError

LINES = 4
_DIGITS, _CHECK = 16, 2
_WHOLE = LINES * _DIGITS
#: What people write for the digit that looks alike.
_ALIKE = {"o": "0", "l": "1", "i": "1", "s": "5", "z": "2", "g": "6 or 9", "q": "9"}


class Mistyped(NodeError):
    """What was typed is no root key. The message is one line and says where the mistake is; never what was typed."""

    code = "mistyped"


def lines_of(key: SigningKey) -> list[str]:
    """The key as it is written on paper: `8f3a 11c2 90de 77ab 4c`, four times. The last two digits check the line."""
    seed = key.seed_hex()
    parts = [seed[at : at + _DIGITS] for at in range(0, _WHOLE, _DIGITS)]
    return [" ".join([*_fours(part), _check(number, part)]) for number, part in enumerate(parts, 1)]


def read(text: str) -> SigningKey:
    """The key in `text`: four lines with their checks, or the 64 digits alone. Spaces and capitals do not matter.

    Raises Mistyped.
    """
    digits = _digits(text)
    if len(digits) == _WHOLE:
        return SigningKey(digits)
    long = _DIGITS + _CHECK
    if len(digits) != LINES * long:
        raise Mistyped(f"a root key has {LINES * long} digits, or {_WHOLE} without checks; this has {len(digits)}")
    parts = [digits[at : at + long] for at in range(0, LINES * long, long)]
    return SigningKey("".join(_checked(number, part) for number, part in enumerate(parts, 1)))


def read_line(number: int, text: str) -> str:
    """The sixteen digits of line `number`. Raises Mistyped."""
    digits = _digits(text)
    if len(digits) == _DIGITS:
        return digits
    if len(digits) != _DIGITS + _CHECK:
        raise Mistyped(f"line {number} has {_DIGITS + _CHECK} digits, and this has {len(digits)}")
    return _checked(number, digits)


def is_whole(text: str) -> bool:
    """Whether `text` is longer than a line: somebody has pasted all of the key at once."""
    return len("".join(text.split())) > _DIGITS + _CHECK + 2


def _digits(text: str) -> str:
    found = "".join(one for one in text.lower() if not one.isspace() and one not in "-.:,")
    for at, one in enumerate(found, 1):
        if one not in "0123456789abcdef":
            hint = f" (perhaps {_ALIKE[one]})" if one in _ALIKE else ""
            raise Mistyped(f"the {at}. character is none of 0 to 9 and a to f{hint}")
    return found


def _checked(number: int, part: str) -> str:
    digits, check = part[:_DIGITS], part[_DIGITS:]
    if _check(number, digits) != check:
        raise Mistyped(f"line {number} has a mistake: compare it with the paper, digit by digit")
    return digits


def _check(number: int, digits: str) -> str:
    """Two digits that differ for another line and for 255 of 256 mistakes. They tell nothing that the line does not."""
    return hashlib.sha256(f"{number}:{digits}".encode()).hexdigest()[:_CHECK]


def _fours(digits: str) -> list[str]:
    return [digits[at : at + 4] for at in range(0, _DIGITS, 4)]
