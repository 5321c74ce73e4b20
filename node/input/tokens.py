"""A secret that its holder hands in: in a link, in a cookie, in an invitation."""

import hashlib


def hash_of(token: str) -> str:
    """What the database has instead of a token, so that whoever reads the database holds none. A token is random
    and long: nobody finds it by trying, so its hash needs no salt.
    """
    return hashlib.sha256(token.encode()).hexdigest()
