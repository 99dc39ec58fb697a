"""What changed in a twin: its versions, the difference of two, the changes since one; each in the reader's sequence."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, seen_revision
from apps.studies.domain.variables import Value, sections_of
from apps.studies.models import ChangeSet, Subject
from apps.studies.selectors.received import received_domains
from apps.twins.selectors.twins import change_sets_for, load_twin, revisions_between


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One variable of one record: old and new value, and the version that changed it."""

    record: str
    operation: str
    variable: str
    old: Value | None
    new: Value | None
    version: int


def versions(subject: Subject, audience: Audience) -> list[ChangeSet]:
    """The versions of a twin for an audience, oldest first."""
    return list(change_sets_for(subject, audience))


def number_for(change_set: ChangeSet, audience: Audience) -> int:
    """Number of a version in the sequence of the audience."""
    return change_set.number if audience is Audience.UNBLINDED else change_set.blinded_number


def known_until(subject: Subject, audience: Audience, version: int) -> datetime | None:
    """When a version stopped being the latest of its sequence; None for the one that still is.

    Raises NotVisibleError for a version that does not exist.
    """
    latest = subject.version_for(audience)
    if not 1 <= version <= latest:
        raise NotVisibleError(f"Expected a version from 1 to {latest}.")
    if version == latest:
        return None
    later = (found for found in versions(subject, audience) if number_for(found, audience) == version + 1)
    return next(later).known_at


def received_at(subject: Subject, audience: Audience, version: int) -> frozenset[str]:
    """The domains that the study had received while a version was the latest; of others a twin says nothing.

    Raises NotVisibleError for a version that does not exist.
    """
    if version == subject.version_for(audience):
        return received_domains(subject.study, audience)
    if version == 0:
        # Before the first, nothing was known of the subject, whatever the study had.
        return frozenset()
    return received_domains(subject.study, audience, by=known_until(subject, audience, version))


def in_sequence_of(subject: Subject, audience: Audience, blinded_number: int) -> int:
    """The number that a version of the blinded sequence has in the sequence of an audience."""
    if audience is Audience.BLINDED:
        return blinded_number
    # Hidden change sets repeat the blinded number of the open one before them.
    found = ChangeSet.objects.filter(subject=subject, blinded_number=blinded_number, is_open=True)
    return found.values_list("number", flat=True).first() or blinded_number


def reason_for(change_set: ChangeSet, audience: Audience) -> str | None:
    """Reason of a version; None where it may tell a blinded reader what they must not know."""
    if audience is Audience.UNBLINDED or change_set.is_reason_open:
        return change_set.reason
    return None


def sha256_at(subject: Subject, audience: Audience, version: int) -> str:
    """Head of the audience's hash chain at a version; empty for version 0."""
    sets = change_sets_for(subject, audience)
    if audience is Audience.UNBLINDED:
        return sets.filter(number=version).values_list("sha256", flat=True).first() or ""
    return sets.filter(blinded_number=version).values_list("blinded_sha256", flat=True).first() or ""


def sections_by_version(subject: Subject, audience: Audience, after: int, until: int) -> list[tuple[int, list[str]]]:
    """Sections that each version after one and up to another changed, as the audience sees it."""
    found: dict[int, set[str]] = {}
    for version, domain in _domains_touched(subject, audience, after, until):
        found.setdefault(version, set()).add(sections_of(domain))
    return [(version, sorted(found[version])) for version in sorted(found)]


def _domains_touched(subject: Subject, audience: Audience, after: int, until: int) -> Iterable[tuple[int, str]]:
    """Version and domain of every change; one that moved only hidden values is none for blinded readers."""
    revisions = revisions_between(subject, audience, after, until)
    if audience is Audience.UNBLINDED:
        return revisions.values_list("change_set__number", "domain")
    return revisions.exclude(open_operation="").values_list("change_set__blinded_number", "domain")


def changes_between(subject: Subject, audience: Audience, after: int, until: int) -> list[ValueChange]:
    """Every change of a value in the versions after one and up to another, in order.

    Raises NotVisibleError for versions that do not exist or are the wrong way round.
    """
    latest = subject.version_for(audience)
    if not 0 <= after <= until <= latest:
        raise NotVisibleError(f"Expected versions between 0 and {latest}, the earlier one first.")
    known = {row.id: row.values for row in load_twin(subject, audience, after).all_rows()}
    return list(_walk(subject, audience, after, until, dict(known)))


def _walk(
    subject: Subject, audience: Audience, after: int, until: int, known: dict[str, Mapping[str, Value]]
) -> Iterator[ValueChange]:
    number = "change_set__number" if audience is Audience.UNBLINDED else "change_set__blinded_number"
    rows = revisions_between(subject, audience, after, until)
    for record, version, *stored in rows.values_list(
        "record_id", number, "operation", "open_operation", "values", "hidden"
    ):
        seen = seen_revision(audience, *stored)
        if seen is None:
            continue
        operation, shown = seen
        # A withdrawal is stored with the values that it took away.
        gone = operation is Operation.WITHDRAW
        yield from _differences(record, operation.value, known.get(record, {}), {} if gone else shown, version)
        if gone:
            known.pop(record, None)
        else:
            known[record] = shown


def _differences(
    record: str, operation: str, before: Mapping[str, Value], after: Mapping[str, Value], version: int
) -> Iterator[ValueChange]:
    for variable in sorted(before.keys() | after.keys()):
        old, new = before.get(variable), after.get(variable)
        if old != new:
            yield ValueChange(record, operation, variable, old, new, version)


def net_changes(changes: Iterable[ValueChange]) -> list[ValueChange]:
    """The difference of the two ends: a value that changed and changed back is not in it."""
    ends: dict[tuple[str, str], ValueChange] = {}
    for change in changes:
        first = ends.get((change.record, change.variable))
        old = first.old if first else change.old
        ends[change.record, change.variable] = ValueChange(
            change.record, change.operation, change.variable, old, change.new, change.version
        )
    return [change for change in ends.values() if change.old != change.new]


def change_count_for(change_set: ChangeSet, audience: Audience) -> int:
    """How many records a version changed, as the audience sees it."""
    return change_set.change_count if audience is Audience.UNBLINDED else change_set.blinded_change_count
