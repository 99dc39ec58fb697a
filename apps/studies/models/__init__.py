"""Tables of the room, by noun."""

from apps.studies.models.blinding import BlindingRule, RuleKind, RuleOrigin
from apps.studies.models.imports import (
    CheckedLine,
    ImportedSubject,
    ImportRun,
    ImportState,
    ReceivedDomain,
    RejectedRow,
    SourceFile,
)
from apps.studies.models.ledger import ChangeSet, Record, RecordRevision, SiteTransfer
from apps.studies.models.replay import HeldBack
from apps.studies.models.study import Site, Study, StudyState, Subject

__all__ = [
    "BlindingRule",
    "ChangeSet",
    "CheckedLine",
    "HeldBack",
    "ImportRun",
    "ImportState",
    "ImportedSubject",
    "ReceivedDomain",
    "Record",
    "RecordRevision",
    "RejectedRow",
    "RuleKind",
    "RuleOrigin",
    "Site",
    "SiteTransfer",
    "SourceFile",
    "Study",
    "StudyState",
    "Subject",
]
