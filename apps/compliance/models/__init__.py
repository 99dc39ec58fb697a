"""Tables of the room, by noun."""

from apps.compliance.models.review import Review, ReviewTransition
from apps.compliance.models.signature import Signature
from apps.compliance.models.trail import TrailEntry

__all__ = ["Review", "ReviewTransition", "Signature", "TrailEntry"]
