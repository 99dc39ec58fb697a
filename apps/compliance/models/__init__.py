"""Tables of the room, by noun."""

from apps.compliance.models.review import Review, ReviewTransition
from apps.compliance.models.signature import Signature
from apps.compliance.models.trail import TrailEntry
from apps.compliance.models.verification import BrokenLink, TrailLeaf, TrailSeal, Verification

__all__ = [
    "BrokenLink",
    "Review",
    "ReviewTransition",
    "Signature",
    "TrailEntry",
    "TrailLeaf",
    "TrailSeal",
    "Verification",
]
