"""The tables, one module a noun. Nothing here decides anything."""

from .chapter import Chapter, Hq
from .directory import Counter, Evidence, HeldDocument, HeldListing, HeldRoot
from .hq_act import HqAct
from .invitation import Admission, IssuedInvitation
from .lead import Lead, LeadSession, SignInLink
from .peer import KnownPeer, Retry
from .question import Question
from .registry import HeldBin, HeldRegistry, RegistryChapter
from .relay import RelayItem, RelayReceipt
from .revision import Revision
from .run import Run, RunDate

__all__ = [
    "Admission",
    "Chapter",
    "Counter",
    "Evidence",
    "HeldBin",
    "HeldDocument",
    "HeldListing",
    "HeldRegistry",
    "HeldRoot",
    "Hq",
    "HqAct",
    "IssuedInvitation",
    "KnownPeer",
    "Lead",
    "LeadSession",
    "Question",
    "RegistryChapter",
    "RelayItem",
    "RelayReceipt",
    "Retry",
    "Revision",
    "Run",
    "RunDate",
    "SignInLink",
]
