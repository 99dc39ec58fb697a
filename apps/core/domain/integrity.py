"""A broken link: where what is stored is not what it must be, named without any clinical value."""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What was checked."""

    LEDGER = "ledger"
    RECORDS = "records"
    TWIN = "twin"
    SIGNATURE = "review and signature"
    TRAIL = "trail"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Break:
    """Where and why; `version` and `record` count everything, so they are for operators and on no page."""

    part: Part
    words: str
    study: str = ""
    subject: str = ""
    version: int | None = None
    record: str = ""

    def __str__(self) -> str:
        version = f"version {self.version}" if self.version is not None else ""
        place = ", ".join(name for name in (self.study, self.subject, version, self.record) if name)
        return f"{self.part}: {place}: {self.words}" if place else f"{self.part}: {self.words}"
