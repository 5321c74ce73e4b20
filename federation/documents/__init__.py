"""The kinds of document as types (PROTOCOL.md §5 to §7). Members that no type names are stored and never shown.

The types are what a reader accepts: a word may come from a later version's closed list (§2.7). This node writes only
words of its own version.
"""

from .base import Document as Document
from .base import bounds_of as bounds_of
from .base import most_of as most_of
from .chapter import MAX_AHEAD as MAX_AHEAD
from .chapter import MAX_DATES as MAX_DATES
from .chapter import MAX_FRESH as MAX_FRESH
from .chapter import MAX_LIFE as MAX_LIFE
from .chapter import MAX_PRECISION_M as MAX_PRECISION_M
from .chapter import ChapterDocument as ChapterDocument
from .chapter import DateState as DateState
from .chapter import Landmark as Landmark
from .chapter import Listing as Listing
from .chapter import MeetingPoint as MeetingPoint
from .chapter import Notice as Notice
from .chapter import Pause as Pause
from .chapter import Profile as Profile
from .chapter import Schedule as Schedule
from .chapter import unknown_words as unknown_words
from .registry import BinReference as BinReference
from .registry import HqProfile as HqProfile
from .registry import Registered as Registered
from .registry import Registry as Registry
from .registry import RegistryBin as RegistryBin
from .registry import RegistryEntry as RegistryEntry
from .roots import ChapterRoot as ChapterRoot
from .roots import HqRoot as HqRoot
from .texts import MAX_TRANSLATIONS as MAX_TRANSLATIONS
from .texts import ListingTexts as ListingTexts
from .texts import NoticeTexts as NoticeTexts
from .texts import PointTexts as PointTexts
from .texts import ProfileTexts as ProfileTexts
