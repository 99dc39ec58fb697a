"""Which part of a page shows what: the one registry by which an open page is never behind what it says.

A change is announced by its sections (of the twin, or what is laid over twins); a part of a page that shows one of them
refreshes, or offers to where a person is at work in it. A part that is not named here must not change.
"""

from collections.abc import Mapping
from typing import Final

from apps.studies.domain.domain_codes import DOMAINS

NARRATIVE: Final = "narrative"
IMPORTS: Final = "imports"
_DATA: Final = frozenset(entry.section for entry in DOMAINS.values()) | {"other"}
_TEXT: Final = _DATA | {NARRATIVE}

PANELS: Final[Mapping[str, frozenset[str]]] = {
    # The page of a subject.
    "summary": _TEXT,
    "timeline": frozenset(
        {"demographics", "visits", "exposure", "adverse_events", "medications", "disposition", "other"}
    ),
    "problems": frozenset({"demographics", "adverse_events", "exposure", "relations", "other"}),
    "laboratory": frozenset({"laboratory", "demographics"}),
    "medications": frozenset({"medications", "demographics"}),
    "history": frozenset({"history", "demographics"}),
    "changes": _DATA,
    "subject-narrative": _TEXT,
    # The page of a narrative: its currency is in question from the moment the data move.
    "document": _TEXT,
    "text": _TEXT,
    "evidence": _TEXT,
    "verification": _TEXT,
    "signatures": _TEXT,
    "versions": _TEXT,
    "comparison": frozenset({NARRATIVE}),
    # Pages of a study.
    "home": _TEXT | {IMPORTS},
    "study": _DATA | {IMPORTS},
    "subjects": _TEXT,
    "narratives": _TEXT,
    "imports": frozenset({IMPORTS}),
}


def sections_shown(panel: str) -> str:
    """The sections that a part of a page shows, separated by spaces; raises KeyError for one that is not registered."""
    return " ".join(sorted(PANELS[panel]))


def import_section(number: int) -> str:
    """The section of one import, which its own page shows and no other."""
    return f"import-{number}"
