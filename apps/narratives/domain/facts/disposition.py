"""Facts on how participation ended: disposition with its recorded cause, death, and dates that disagree."""

from collections.abc import Iterator, Sequence

from apps.narratives.domain.facts.fact import Absence, Fact, Kind, Role
from apps.narratives.domain.facts.fact_set import subject_entity
from apps.narratives.domain.facts.relevance import causes_of
from apps.narratives.domain.facts.stating import Derived, fact_of, stated, taken_over
from apps.narratives.domain.facts.terms import clean_verbatim
from apps.studies.domain.clinical.disposition import (
    DEATH_DATE,
    LEFT_ON,
    Death,
    Scope,
    is_for_event,
    reason_variable,
    scope_of,
)
from apps.studies.domain.clinical.events import EventGroup
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import day_number, full_day
from apps.twins.domain.twin import Twin


def disposition_facts(twin: Twin, row: ClinicalRecord) -> Iterator[Fact]:
    """How and when participation ended; the cause only where RELREC relates an event to it."""
    variable = reason_variable(row.values)
    # Where no list knows it, it is quoted: other people's words, as terms are.
    reason = clean_verbatim(row.text(variable) or "") or None
    decision = row.reference(variable)
    yield stated(
        row.id,
        Role.DISPOSITION,
        "Disposition",
        Kind.CODE,
        reason,
        fact_id=decision,
        sources=(decision,),
        elements=("E05", "E23"),
    )
    if scope_of(row.values) is Scope.TREATMENT:
        # That somebody takes no more of the drug does not say that they left the study.
        source = (row.reference("DSSCAT"),)
        yield stated(row.id, Role.SCOPE, "What ended", Kind.CODE, "TREATMENT", sources=source, elements=("E05",))
    on = row.reference(LEFT_ON)
    yield stated(
        row.id,
        Role.DISPOSED_ON,
        "Date of disposition",
        Kind.DATE,
        row.text(LEFT_ON),
        fact_id=on,
        sources=(on,),
        elements=("E23",),
    )
    yield from _disposition_day(twin.demographics, row)
    if is_for_event(row.values):
        yield from _causes(twin, row)


def death_facts(twin: Twin, derived: Derived, death: Death, events: Sequence[EventGroup]) -> Iterator[Fact]:
    """The death, its date, post-mortem findings (never in SDTM of this data), and every date that disagrees with it."""
    about, dm = subject_entity(twin.subject_id), twin.demographics
    yield stated(about, Role.DIED, "Death", Kind.CODE, "Y", sources=death.evidence, elements=("E16",))
    sources = () if dm is None else (dm.reference(DEATH_DATE),)
    yield stated(about, Role.DEATH_DATE, "Date of death", Kind.DATE, death.on, sources=sources, elements=("E16",))
    if dm is not None:
        day, name = fact_of(dm.id, Role.DEATH_DAY), "Study day of death"
        yield from taken_over(derived, day, about, Role.DEATH_DAY, name, Kind.STUDY_DAY, elements=("E16",))
    yield stated(
        about,
        Role.POST_MORTEM,
        "Post-mortem findings",
        Kind.CODE,
        None,
        absence=Absence.NOT_IN_DATA,
        elements=("E07",),
    )
    if dm is not None:
        yield from _disagreements(about, dm, events)


def _disposition_day(dm: ClinicalRecord | None, row: ClinicalRecord) -> Iterator[Fact]:
    day = day_number(row.text(LEFT_ON), dm.text("RFSTDTC") if dm else None)
    if day is not None:
        name = "Study day of disposition"
        yield stated(row.id, Role.DISPOSED_DAY, name, Kind.STUDY_DAY, day, sources=(row.reference(LEFT_ON),))


def _causes(twin: Twin, row: ClinicalRecord) -> Iterator[Fact]:
    causes = causes_of(twin, row)
    for event in causes:
        yield stated(
            row.id,
            Role.CAUSE,
            "Event related to the discontinuation",
            Kind.TERM,
            event.term,
            # One fact for each event: a second cause is news of its own and no change of the first.
            fact_id=f"{row.id}.cause@{event.id}",
            sources=event.sources["term"],
            derived_from=(row.id, event.id),
            elements=("E05", "E23"),
        )
    if not causes:
        yield stated(
            row.id, Role.CAUSE, "Event related to the discontinuation", Kind.TERM, None, elements=("E05", "E23")
        )


def _disagreements(about: str, dm: ClinicalRecord, events: Sequence[EventGroup]) -> Iterator[Fact]:
    """Dates after the death or after the fatal event: stated as they are, never smoothed."""
    fatal = next((event for event in events if event.is_fatal), None)
    onset = fatal.onset if fatal else None
    source = fatal.sources["onset"] if fatal else ()
    for role, variable, earlier, earlier_source in (
        (Role.LAST_DOSE_AFTER_FATAL_EVENT, "RFXENDTC", onset, source),
        (Role.DEATH_AFTER_FATAL_EVENT, DEATH_DATE, onset, source),
        (Role.REFERENCE_END_AFTER_DEATH, "RFENDTC", dm.text(DEATH_DATE), (dm.reference(DEATH_DATE),)),
    ):
        first, second = full_day(earlier), full_day(dm.text(variable))
        # Told in days, which nobody can count to or from a partial date.
        if first is None or second is None or second <= first:
            continue
        sources = (dm.reference(variable), *earlier_source)
        name = role.replace("_", " ").capitalize()
        yield stated(
            about, role, name, Kind.DURATION, (second - first).days, unit="days", sources=sources, elements=("E03",)
        )
        if role is Role.REFERENCE_END_AFTER_DEATH:
            end_id = dm.reference("RFENDTC")
            yield stated(
                about,
                Role.REFERENCE_END,
                "End of participation",
                Kind.DATE,
                dm.text("RFENDTC"),
                fact_id=end_id,
                sources=(end_id,),
            )
