"""The letters that a node has sent, as its readers get them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from node import jobs

from ..network import LocalNode


def sent(node: LocalNode) -> list[EmailMessage]:
    """The letters that the node sends now, and no longer in the folder: a second call gives what is new."""
    jobs.mail(node.handle)
    found = []
    for file in sorted(node.letters_folder(node.settings.data).glob("*.eml")):
        found.append(message_from_bytes(file.read_bytes(), policy=SMTP))
        file.unlink()
    return found  # type: ignore[return-value]  # by this policy they are EmailMessages


def text_of(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
