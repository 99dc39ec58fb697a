"""Facts on adverse events: those the narrative is about, and the others around them."""

from collections.abc import Iterator, Sequence
from datetime import date

from apps.narratives.domain.facts.fact import Absence, Attribution, Fact, FactValue, Kind, Role
from apps.narratives.domain.facts.stating import Derived, fact_of, stated, taken_over
from apps.narratives.domain.facts.terms import clean_verbatim, label_of
from apps.studies.domain.clinical.codelists import is_yes
from apps.studies.domain.clinical.events import EventGroup, severity_of, severity_variable
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.seriousness import CRITERIA
from apps.studies.domain.clinical.spans import full_day

BEFORE_FIRST_DOSE = "BEFORE FIRST DOSE"
DURING_DOSING = "DURING DOSING"
DAY_OF_LAST_DOSE = "DAY OF LAST DOSE"
AFTER_FIRST_DOSE = "AFTER FIRST DOSE"
AFTER_LAST_DOSE = "AFTER LAST DOSE"


def index_event_facts(event: EventGroup, dm: ClinicalRecord | None, derived: Derived) -> Iterator[Fact]:
    """Everything required of an event the narrative is about (ICH E3 12.3.2 and practice, E01 to E21)."""
    yield _of(event, Role.TERM, "Event", Kind.TERM, event.term, "term", elements=("E01",))
    yield from _verbatim(event)
    yield from _dates(event, derived)
    yield from _severity(event)
    yield _judged(event, Role.OUTCOME, "Outcome", event.outcome, "outcome", "E16")
    yield _judged(event, Role.CAUSALITY, "Investigator's opinion on causality", event.causality, "causality", "E08")
    yield _judged(event, Role.ACTION, "Action taken with study drug", event.action, "action", "E18")
    yield from _seriousness(event)
    yield from _dose_timing(event, dm)


def other_event_facts(event: EventGroup, derived: Derived) -> Iterator[Fact]:
    """What is said of an event near the ones the narrative is about; its mention is required, its details are not."""
    yield _of(event, Role.TERM, "Other event", Kind.TERM, event.term, "term", elements=("E03",))
    yield _of(event, Role.ONSET, "Onset", Kind.DATE, event.onset, "onset")
    yield from _counted(event, derived, Role.ONSET_DAY, "study day of onset")
    for role, name, value, source in (
        (Role.SEVERITY, "Severity", event.worst_severity, "severity"),
        (Role.CAUSALITY, "Investigator's opinion on causality", event.causality, "causality"),
        (Role.OUTCOME, "Outcome", event.outcome, "outcome"),
    ):
        if value:
            yield _judged(event, role, name, value, source)
    yield from _severity_history(event)


def _verbatim(event: EventGroup) -> Iterator[Fact]:
    reported = clean_verbatim(event.rows[-1].text("AETERM") or "")
    if reported and reported.casefold() != clean_verbatim(event.term).casefold():
        source = (event.rows[-1].reference("AETERM"),)
        yield stated(
            event.id, Role.VERBATIM, f"{label_of(event.term)}: as reported", Kind.TERM, reported, sources=source
        )


def _dates(event: EventGroup, derived: Derived) -> Iterator[Fact]:
    elements = ("E19",)
    yield _of(event, Role.ONSET, "Onset", Kind.DATE, event.onset, "onset", elements=elements)
    yield from _counted(event, derived, Role.ONSET_DAY, "study day of onset", elements)
    # A missing end is a gap only of an event that is said to be over.
    if event.end or event.has_ended:
        yield _of(event, Role.END, "End", Kind.DATE, event.end, "end", elements=elements)
    yield from _counted(event, derived, Role.END_DAY, "study day of end", elements)
    if not event.is_fatal:
        yield from taken_over(
            derived,
            fact_of(event.id, "duration_days"),
            event.id,
            Role.DURATION,
            f"{label_of(event.term)}: duration",
            Kind.DURATION,
            derived_from=(f"{event.id}.onset", f"{event.id}.end"),
            elements=elements,
        )


def _severity(event: EventGroup) -> Iterator[Fact]:
    """The worst severity, and the history of it where it changed."""
    history = list(_severity_history(event, "E02"))
    # Where it changed its history covers the element: the worst grade alone would read as that of the onset.
    yield _judged(event, Role.SEVERITY, "Severity", event.worst_severity, "severity", *(() if history else ("E02",)))
    yield from history


def _severity_history(event: EventGroup, *elements: str) -> Iterator[Fact]:
    """Each severity as it was recorded and when, where it changed."""
    if len({severity_of(row.values) for row in event.rows}) < 2:
        return
    for row in event.rows:
        grade = severity_variable(row.values)
        for role, variable, value, kind, name in (
            (Role.RECORDED_SEVERITY, grade, severity_of(row.values), Kind.CODE, "severity on record"),
            (Role.RECORDED_ON, "AEDTC", row.text("AEDTC"), Kind.DATE, "severity recorded on"),
        ):
            if value:
                yield stated(
                    event.id,
                    role,
                    f"{label_of(event.term)}: {name}",
                    kind,
                    value,
                    fact_id=row.reference(variable),
                    sources=(row.reference(variable),),
                    attribution=Attribution.INVESTIGATOR,
                    elements=elements if kind is Kind.CODE else (),
                )


def _seriousness(event: EventGroup) -> Iterator[Fact]:
    """The flag as it was set and every criterion that was met, also where they contradict each other."""
    yield stated(
        event.id,
        Role.SERIOUS_FLAG,
        f"{label_of(event.term)}: seriousness flag",
        Kind.CODE,
        event.seriousness.flag,
        sources=event.sources["flag"],
        attribution=Attribution.INVESTIGATOR,
        elements=("E17",),
    )
    for criterion in event.criteria:
        yield stated(
            event.id,
            Role.CRITERION,
            f"{label_of(event.term)}: seriousness criterion",
            Kind.CODE,
            CRITERIA[criterion],
            fact_id=f"{event.id}.{criterion}",
            sources=tuple(row.reference(criterion) for row in event.rows if is_yes(row.values.get(criterion))),
            attribution=Attribution.INVESTIGATOR,
            elements=("E17",),
        )


def _dose_timing(event: EventGroup, dm: ClinicalRecord | None) -> Iterator[Fact]:
    """Onset against the first and last dose in DM; undetermined where a date is partial or missing."""
    onset = full_day(event.onset)
    first = full_day(dm.text("RFXSTDTC")) if dm else None
    last = full_day(dm.text("RFXENDTC")) if dm else None
    sources = () if dm is None else (*event.sources["onset"], dm.reference("RFXSTDTC"), dm.reference("RFXENDTC"))
    code, role, days = _compare(onset, first, last)
    yield stated(
        event.id,
        Role.DOSE_TIMING,
        f"{label_of(event.term)}: onset against study drug",
        Kind.CODE,
        code,
        sources=sources,
        absence=Absence.UNDETERMINED,
        elements=("E03", "E21"),
    )
    if role is not None:
        name = f"{label_of(event.term)}: days between dose and onset"
        yield stated(event.id, role, name, Kind.DURATION, days, unit="days", sources=sources, elements=("E21",))


def _compare(onset: date | None, first: date | None, last: date | None) -> tuple[str | None, Role | None, int | None]:
    if onset is None or first is None:
        return None, None, None
    if onset < first:
        return BEFORE_FIRST_DOSE, Role.ONSET_BEFORE_FIRST_DOSE, (first - onset).days
    # Still being dosed, or not recorded: then only the first dose says anything.
    if last is None:
        return AFTER_FIRST_DOSE, None, None
    if onset > last:
        return AFTER_LAST_DOSE, Role.ONSET_AFTER_LAST_DOSE, (onset - last).days
    # Whether an event of that day came before the dose or after it is not recorded, so that the day has its own code.
    return (DAY_OF_LAST_DOSE if onset == last else DURING_DOSING), None, None


def _of(
    event: EventGroup,
    role: Role,
    name: str,
    kind: Kind,
    value: FactValue | None,
    source: str,
    elements: Sequence[str] = (),
) -> Fact:
    label = name if role is Role.TERM else f"{label_of(event.term)}: {name.lower()}"
    return stated(
        event.id,
        role,
        label,
        kind,
        value or None,
        sources=event.sources[source],
        attribution=Attribution.INVESTIGATOR,
        elements=elements,
    )


def _judged(event: EventGroup, role: Role, name: str, value: str | None, source: str, *elements: str) -> Fact:
    return stated(
        event.id,
        role,
        f"{label_of(event.term)}: {name[0].lower()}{name[1:]}",
        Kind.CODE,
        value,
        sources=event.sources[source],
        attribution=Attribution.INVESTIGATOR,
        elements=elements,
    )


def _counted(
    event: EventGroup, derived: Derived, role: Role, name: str, elements: Sequence[str] = ()
) -> Iterator[Fact]:
    label = f"{label_of(event.term)}: {name}"
    source = fact_of(event.id, role)
    yield from taken_over(derived, source, event.id, role, label, Kind.STUDY_DAY, elements=elements)
