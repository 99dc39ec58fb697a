"""Tables of the room, by noun."""

from apps.compliance.models.review import Review, ReviewTransition
from apps.compliance.models.signature import Signature

__all__ = ["Review", "ReviewTransition", "Signature"]
