"""For whom data is read: every version, hash, count and message belongs to one of two projections."""

from enum import StrEnum


class Audience(StrEnum):
    """Blinded readers see a world in which treatment was never recorded."""

    BLINDED = "blinded"
    UNBLINDED = "unblinded"
