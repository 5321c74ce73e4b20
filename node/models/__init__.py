"""The tables, one module for each noun. Nothing here decides anything."""

from .chapter import Chapter, Hq
from .directory import Counter, Evidence, HeldDocument, HeldListing, HeldRoot
from .hq_act import HqAct
from .invitation import Admission, IssuedInvitation
from .lead import Lead, LeadSession, SignInLink
from .peer import KnownPeer, Retry
from .registry import HeldBin, HeldRegistry, RegistryChapter
from .relay import RelayItem, RelayReceipt
from .restore_question import RestoreQuestion
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
    "RegistryChapter",
    "RelayItem",
    "RelayReceipt",
    "RestoreQuestion",
    "Retry",
    "Revision",
    "Run",
    "RunDate",
    "SignInLink",
]
