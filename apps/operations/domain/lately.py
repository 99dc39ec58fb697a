"""What happened to a subject between two states of its records, most serious first; events, not rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.studies.domain.dates import display
from apps.studies.domain.highlights import WEIGHT, Matter
from apps.studies.domain.variables import domain_label
from apps.twins.domain.events import SERIOUSNESS_CRITERIA, EventGroup, event_of
from apps.twins.domain.rows import RowNode
from apps.twins.domain.summary import disposition, is_dead

# Milestones of disposition that are news, but not a reason for concern.
QUIET_LEAVING = {"COMPLETED": "Completed", "SCREEN FAILURE": "Screen failure"}
SEVERE_OR_WORSE = frozenset({"SEVERE", "LIFE THREATENING", "FATAL"})


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


def happenings(before: Sequence[RowNode], now: Sequence[RowNode]) -> list[Happening]:
    """What the later rows of DM, AE and DS say that the earlier ones did not, and what was withdrawn of any domain."""
    found = [*_death(before, now), *_events(before, now), *_leaving(before, now), *_withdrawn(before, now)]
    return sorted(found, key=lambda happening: happening.weight)


def in_sentence_case(term: str) -> str:
    """A coded term as people read it: `Sudden death`; a term that is not all capitals stays as it is."""
    return term.capitalize() if term.isupper() else term


def _death(before: Sequence[RowNode], now: Sequence[RowNode]) -> Iterator[Happening]:
    was, has = _is_dead(before), _is_dead(now)
    if has and not was:
        day = next((row.text("DTHDTC") for row in _of("DM", now)), None)
        yield Happening(Matter.DEATH, f"Died {display(day)}" if day else "Died", "" if day else "date not recorded")
    if was and not has:
        yield Happening(Matter.JUDGEMENT, "Death no longer recorded")


def _is_dead(rows: Sequence[RowNode]) -> bool:
    return is_dead(next(iter(_of("DM", rows)), None), disposition(_of("DS", rows)))


def _events(before: Sequence[RowNode], now: Sequence[RowNode]) -> Iterator[Happening]:
    known = _grouped(before)
    for key, event in _grouped(now).items():
        if key in known:
            yield from _moved_event(known[key], event)
        else:
            yield _new_event(event)


def _grouped(rows: Sequence[RowNode]) -> Mapping[str, EventGroup]:
    groups: dict[str, list[RowNode]] = {}
    for row in _of("AE", rows):
        groups.setdefault(row.text("AESPID") or row.id, []).append(row)
    return {key: event_of(key, group) for key, group in groups.items()}


def _new_event(event: EventGroup) -> Happening:
    if event.is_serious:
        return Happening(Matter.SERIOUS, in_sentence_case(event.term), _seriousness(event))
    severity = (event.worst_severity or "").lower()
    matter = Matter.SEVERE if event.worst_severity in SEVERE_OR_WORSE else None
    return Happening(matter, in_sentence_case(event.term), severity)


def _seriousness(event: EventGroup) -> str:
    """Why an event is serious; the flag alone, or criteria that the flag contradicts, is said plainly."""
    criteria = ", ".join(SERIOUSNESS_CRITERIA[name] for name in event.criteria)
    if not criteria:
        return "by flag, no criterion recorded"
    return criteria if event.serious_flag == "Y" else f"{criteria} (the flag does not say serious)"


def _moved_event(before: EventGroup, now: EventGroup) -> Iterator[Happening]:
    term = in_sentence_case(now.term)
    if now.is_serious and not before.is_serious:
        yield Happening(Matter.SERIOUS, term, f"now serious: {_seriousness(now)}")
    if before.is_serious and not now.is_serious:
        yield _judgement(term, "seriousness", "serious", "not serious")
    if now.worst_severity in SEVERE_OR_WORSE and before.worst_severity not in SEVERE_OR_WORSE:
        old, new = (before.worst_severity or "").lower(), str(now.worst_severity).lower()
        yield Happening(Matter.SEVERE, term, "severity", old, new, is_judgement=True)
    for name, old_value, new_value in (
        ("outcome", before.outcome, now.outcome),
        ("causality", before.causality, now.causality),
    ):
        if old_value != new_value:
            yield _judgement(term, name, (old_value or "").lower(), (new_value or "").lower())


def _judgement(term: str, name: str, old: str, new: str) -> Happening:
    return Happening(Matter.JUDGEMENT, term, name, old, new, is_judgement=True)


def _leaving(before: Sequence[RowNode], now: Sequence[RowNode]) -> Iterator[Happening]:
    earlier, leaving = disposition(_of("DS", before)), disposition(_of("DS", now))
    reason = (leaving.text("DSDECOD") or "") if leaving else ""
    if leaving is None or reason == "DEATH" or (earlier is not None and earlier.text("DSDECOD") == reason):
        return
    day = leaving.text("DSSTDTC")
    note = display(day).partition(",")[0] if day else "date not recorded"
    if reason in QUIET_LEAVING:
        yield Happening(None, QUIET_LEAVING[reason], note)
    else:
        yield Happening(Matter.DISCONTINUED, f"Discontinued: {reason.lower()}", note)


def _withdrawn(before: Sequence[RowNode], now: Sequence[RowNode]) -> Iterator[Happening]:
    kept = {row.id for row in now}
    gone = Counter(row.domain for row in before if row.id not in kept)
    for domain, number in sorted(gone.items()):
        words = "record withdrawn" if number == 1 else "records withdrawn"
        yield Happening(Matter.WITHDRAWN, f"{number} {words}", domain_label(domain))


def _of(domain: str, rows: Sequence[RowNode]) -> list[RowNode]:
    return [row for row in rows if row.domain == domain]
