"""What happened to a subject between two states of its records, most serious first; events, not rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.studies.domain.clinical.codelists import CAUSALITY, DISPOSITION, OUTCOME, SEVERITY
from apps.studies.domain.clinical.disposition import LEFT_ON, Death, death_of, is_concern, is_death, leaving, reason_of
from apps.studies.domain.clinical.events import EventGroup, event_of, grouping_term
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.seriousness import CRITERIA, Conflict
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.dates import display
from apps.studies.domain.highlights import WEIGHT, Matter
from apps.studies.domain.variables import domain_label


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `matter` is None for what is news and no more. Old and new stand for a judgement."""

    matter: Matter | None
    text: str
    note: str = ""
    old: str = ""
    new: str = ""
    is_judgement: bool = False

    @property
    def weight(self) -> int:
        """Place in the order of what a person must see first."""
        return len(WEIGHT) if self.matter is None else WEIGHT[self.matter]


def happenings(before: Sequence[ClinicalRecord], now: Sequence[ClinicalRecord]) -> list[Happening]:
    """What the later rows of DM, AE and DS say that the earlier ones did not, and what was withdrawn of any domain."""
    found = [*_death(before, now), *_events(before, now), *_leaving(before, now), *_withdrawn(before, now)]
    return sorted(found, key=lambda happening: happening.weight)


def _death(before: Sequence[ClinicalRecord], now: Sequence[ClinicalRecord]) -> Iterator[Happening]:
    was, has = _death_in(before), _death_in(now)
    if has is not None and was is None:
        words = f"Died {display(has.on)}" if has.on else "Died"
        yield Happening(Matter.DEATH, words, "" if has.on else "date not recorded")
    if was is not None and has is None:
        yield Happening(Matter.JUDGEMENT, "Death no longer recorded")
    if has is not None:
        known = was.conflicts if was is not None else ()
        yield from (
            Happening(Matter.CONTRADICTION, _sentence(conflict)) for conflict in has.conflicts if conflict not in known
        )


def _death_in(rows: Sequence[ClinicalRecord]) -> Death | None:
    return death_of(next(iter(_of("DM", rows)), None), rows)


def _sentence(conflict: str) -> str:
    return conflict[:1].upper() + conflict[1:]


def _events(before: Sequence[ClinicalRecord], now: Sequence[ClinicalRecord]) -> Iterator[Happening]:
    known = _grouped(before)
    # An event that is gone is told as records withdrawn.
    for key, event in _grouped(now).items():
        if key in known:
            yield from _moved_event(known[key], event)
        else:
            yield _new_event(event)


def _grouped(rows: Sequence[ClinicalRecord]) -> Mapping[tuple[str, str], EventGroup]:
    groups: dict[tuple[str, str], list[ClinicalRecord]] = {}
    for row in _of("AE", rows):
        sponsor_id = row.text("AESPID")
        groups.setdefault((sponsor_id, grouping_term(row)) if sponsor_id else (row.id, ""), []).append(row)
    return {key: event_of(key[0], group) for key, group in groups.items()}


def _new_event(event: EventGroup) -> Happening:
    if event.is_serious:
        return Happening(Matter.SERIOUS, heading(event.term), _seriousness(event))
    matter = Matter.SEVERE if event.is_severe else None
    return Happening(matter, heading(event.term), SEVERITY.page(event.worst_severity))


def _seriousness(event: EventGroup) -> str:
    """Why an event is serious; the flag alone, or evidence that the flag contradicts, is said plainly."""
    why = ", ".join(CRITERIA[name] for name in event.criteria) or ("fatal outcome" if event.is_fatal else "")
    if not why:
        return "by flag, no criterion recorded"
    return why if event.seriousness.flag == "Y" else f"{why} (the flag does not say serious)"


def _moved_event(before: EventGroup, now: EventGroup) -> Iterator[Happening]:
    term = heading(now.term)
    if now.is_serious and not before.is_serious:
        yield Happening(Matter.SERIOUS, term, f"now serious: {_seriousness(now)}")
    if before.is_serious and not now.is_serious:
        yield _judgement(term, "seriousness", "serious", "not serious")
    if now.is_severe and not before.is_severe:
        old, new = SEVERITY.page(before.worst_severity), SEVERITY.page(now.worst_severity)
        yield Happening(Matter.SEVERE, term, "severity", old, new, is_judgement=True)
    for name, old, new in (
        ("outcome", OUTCOME.page(before.outcome), OUTCOME.page(now.outcome)),
        ("causality", CAUSALITY.page(before.causality), CAUSALITY.page(now.causality)),
    ):
        if old != new:
            yield _judgement(term, name, old, new)
    for conflict in now.seriousness.conflicts:
        # That no criterion is recorded is said with the seriousness itself.
        if conflict not in before.seriousness.conflicts and conflict is not Conflict.NO_CRITERION:
            yield Happening(Matter.CONTRADICTION, f"{term}: {conflict}")


def _judgement(term: str, name: str, old: str, new: str) -> Happening:
    return Happening(Matter.JUDGEMENT, term, name, old, new, is_judgement=True)


def _leaving(before: Sequence[ClinicalRecord], now: Sequence[ClinicalRecord]) -> Iterator[Happening]:
    earlier, left = leaving(_of("DS", before)), leaving(_of("DS", now))
    # A death that disposition records is one death, told as such, and no leaving besides.
    if left is None or is_death(left.values):
        return
    reason = reason_of(left.values)
    if earlier is not None and reason_of(earlier.values) == reason:
        return
    day = left.text(LEFT_ON)
    note = display(day).partition(",")[0] if day else "date not recorded"
    if is_concern(left.values):
        yield Happening(Matter.DISCONTINUED, f"Discontinued: {DISPOSITION.page(reason)}", note)
    else:
        yield Happening(None, heading(DISPOSITION.page(reason)), note)


def _withdrawn(before: Sequence[ClinicalRecord], now: Sequence[ClinicalRecord]) -> Iterator[Happening]:
    kept = {row.id for row in now}
    gone = Counter(row.domain for row in before if row.id not in kept)
    for domain, number in sorted(gone.items()):
        words = "record withdrawn" if number == 1 else "records withdrawn"
        yield Happening(Matter.WITHDRAWN, f"{number} {words}", domain_label(domain))


def _of(domain: str, rows: Sequence[ClinicalRecord]) -> list[ClinicalRecord]:
    return [row for row in rows if row.domain == domain]
