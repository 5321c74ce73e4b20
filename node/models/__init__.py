"""The tables, one module for each noun. Nothing here decides anything."""

from .chapter import Chapter, Hq
from .directory import Counter, Evidence, HeldDocument, HeldListing, HeldRoot
from .hq_act import HqAct
from .inbox import ChapterContact, Message
from .invitation import Admission, IssuedInvitation
from .members.coming import CannotFind, Coming, ComingDate, DayOff, EmergencyOpening
from .members.consent import Consent, Upkeep
from .members.first_time import FirstTimerLetter, Photo
from .members.letter import ClosedAddress, Letter
from .members.person import Person, PersonSession
from .members.rota import Duty, Holiday, RotaRule
from .members.run_day import CheckIn, RunDay
from .members.sign_in import Attempt, Challenge, Passkey, RecoveryCode, RoleInvitation, SignInCode, SignInLink
from .peer import KnownPeer, Retry
from .registry import HeldBin, HeldRegistry, RegistryChapter
from .relay import RelayItem, RelayReceipt
from .restore_question import RestoreQuestion
from .revision import Revision
from .run import Run, RunDate
from .server import CheckResult, Sample
from .set_up import SetUp

__all__ = [
    "Admission",
    "Attempt",
    "CannotFind",
    "Challenge",
    "Chapter",
    "ChapterContact",
    "CheckIn",
    "CheckResult",
    "ClosedAddress",
    "Coming",
    "ComingDate",
    "Consent",
    "Counter",
    "DayOff",
    "Duty",
    "EmergencyOpening",
    "Evidence",
    "FirstTimerLetter",
    "HeldBin",
    "HeldDocument",
    "HeldListing",
    "HeldRegistry",
    "HeldRoot",
    "Holiday",
    "Hq",
    "HqAct",
    "IssuedInvitation",
    "KnownPeer",
    "Letter",
    "Message",
    "Passkey",
    "Person",
    "PersonSession",
    "Photo",
    "RecoveryCode",
    "RegistryChapter",
    "RelayItem",
    "RelayReceipt",
    "RestoreQuestion",
    "Retry",
    "Revision",
    "RoleInvitation",
    "RotaRule",
    "Run",
    "RunDate",
    "RunDay",
    "Sample",
    "SetUp",
    "SignInCode",
    "SignInLink",
    "Upkeep",
]
