"""Current records, as the reader in whose name work is done may know them.

Whatever matches, compares or numbers records on behalf of a person is handed a `RecordReader`. That of a blinded person
reads the open projection and has no way to the rest: there, a hidden record or value does not exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import OPEN, Hidden, open_values, parsed
from apps.studies.domain.ladders import TARGET_IDS
from apps.studies.domain.principal import Principal
from apps.studies.domain.variables import Value
from apps.studies.models import Record, Study, Subject
from apps.studies.selectors.access import audience_of

RecordValues = dict[str, Value]


@dataclass(slots=True)
class CurrentRecords:
    """Live and withdrawn records by domain and id; the target of a relation stands beside its values.

    `hidden` says what blinded readers do not see of each (nothing is said of it to them), `ids` are all ids in use:
    they are opaque, and a new record must not take one.
    """

    live: dict[str, dict[str, RecordValues]] = field(default_factory=dict)
    withdrawn: dict[str, RecordValues] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, Hidden] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def of(self, domain: str) -> dict[str, RecordValues]:
        """Live records of one domain."""
        return self.live.get(domain, {})

    def matchable(self, domain: str) -> dict[str, RecordValues]:
        """Live records of one domain with what the key ladder needs beside the values."""
        if domain != "RELREC":
            return self.of(domain)
        return {key: {**values, TARGET_IDS: self.targets.get(key, "")} for key, values in self.of(domain).items()}


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Reads records in one projection, and in no other."""

    audience: Audience

    @property
    def is_blinded(self) -> bool:
        """Whether the reader sees the open projection only."""
        return self.audience is Audience.BLINDED

    def current(self, *, subject: Subject | None, study: Study) -> CurrentRecords:
        """Records of a subject (or, without one, of the study itself)."""
        found = CurrentRecords()
        for record_id, domain, values, target, is_withdrawn, hidden in _rows(study, subject):
            seen = open_values(values, hidden) if self.is_blinded else values
            # A withdrawn record may come back under its id; that of a hidden one is never given to another.
            if seen is None or not is_withdrawn:
                found.ids.add(record_id)
            if seen is None:
                continue
            if is_withdrawn:
                found.withdrawn[record_id] = seen
            else:
                found.live.setdefault(domain, {})[record_id] = seen
            if target:
                found.targets[record_id] = target
            if hidden and not self.is_blinded:
                found.hidden[record_id] = hidden
        return found


ALL_RECORDS = RecordReader(Audience.UNBLINDED)
"""For work that nobody blinded asked for: commands of the operator, replay."""


def record_reader(principal: Principal, study: Study) -> RecordReader:
    """The reader in whose projection work for a principal is done."""
    return RecordReader(audience_of(principal, study))


def _rows(study: Study, subject: Subject | None) -> Iterator[tuple[str, str, RecordValues, str, bool, Hidden]]:
    records = Record.objects.filter(study=study, subject=subject)
    rows = records.values_list("record_id", "domain", "values", "target", "is_withdrawn", "hidden")
    for record_id, domain, values, target, is_withdrawn, hidden in rows.iterator(chunk_size=5000):
        yield record_id, domain, values, target, is_withdrawn, parsed(hidden) if hidden else OPEN
