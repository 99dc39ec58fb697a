"""Current records of a subject, as the matching of incoming rows needs them."""

from dataclasses import dataclass, field

from apps.studies.domain.ladders import TARGET_IDS
from apps.studies.domain.variables import Value
from apps.studies.models import Record, Study, Subject

RecordValues = dict[str, Value]


@dataclass(slots=True)
class CurrentRecords:
    """Live and withdrawn records by domain and id; the target of a relation stands beside its values."""

    live: dict[str, dict[str, RecordValues]] = field(default_factory=dict)
    withdrawn: dict[str, RecordValues] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)

    def of(self, domain: str) -> dict[str, RecordValues]:
        """Live records of one domain."""
        return self.live.get(domain, {})

    def matchable(self, domain: str) -> dict[str, RecordValues]:
        """Live records of one domain with what the key ladder needs beside the values."""
        if domain != "RELREC":
            return self.of(domain)
        return {key: {**values, TARGET_IDS: self.targets.get(key, "")} for key, values in self.of(domain).items()}

    def ids(self) -> set[str]:
        """Ids of all live records."""
        return {record_id for records in self.live.values() for record_id in records}


def current_records(*, subject: Subject | None, study: Study, domain: str | None = None) -> CurrentRecords:
    """Records of a subject (or, without one, of the study itself), of one domain or of all."""
    found = CurrentRecords()
    records = Record.objects.filter(study=study, subject=subject)
    if domain is not None:
        records = records.filter(domain=domain)
    rows = records.values_list("record_id", "domain", "values", "target", "is_withdrawn")
    for record_id, code, values, target, is_withdrawn in rows.iterator(chunk_size=5000):
        if is_withdrawn:
            found.withdrawn[record_id] = values
        else:
            found.live.setdefault(code, {})[record_id] = values
        if target:
            found.targets[record_id] = target
    return found
