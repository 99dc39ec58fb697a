"""From a twin to the facts its narrative must state: relevance decides here, and nowhere later."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final, NamedTuple

from apps.narratives.domain.facts.background import history, history_facts, medication_facts, medications
from apps.narratives.domain.facts.disposition import death_facts, disposition_facts
from apps.narratives.domain.facts.events import index_event_facts, other_event_facts
from apps.narratives.domain.facts.fact import Absence, Attribution, Fact, Kind, Role
from apps.narratives.domain.facts.fact_set import Entity, EntityKind, FactSet, factset, subject_entity
from apps.narratives.domain.facts.laboratory import NONE_ABNORMAL, most_abnormal, result_facts, results_in
from apps.narratives.domain.facts.relevance import (
    Qualification,
    is_within,
    qualifying_events,
    relevance_window,
)
from apps.narratives.domain.facts.stating import Derived, stated
from apps.narratives.domain.facts.subject import disease_entities, disease_entity, disease_facts, subject_facts
from apps.studies.domain.clinical.disposition import LEFT_ON, Scope, dispositions, is_for_event, reason_of, scope_of
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import Span, partial
from apps.twins.domain.twin import Twin

MEDICATIONS: Final = frozenset(
    {
        EntityKind.MEDICATION,
        EntityKind.ENDED_MEDICATION,
        EntityKind.LATER_MEDICATION,
        EntityKind.UNDATED_MEDICATION,
    }
)
Found = Iterator[tuple[Entity, list[Fact]]]


class Gap(NamedTuple):
    """What a narrative must speak of: the kinds of things that tell it, and the domain that holds them."""

    role: Role
    name: str
    element: str
    domain: str
    kinds: frozenset[EntityKind]


# Domains of which it matters here whether the study has received them at all.
ASKED_DOMAINS: Final = frozenset({"AE", "CM", "DS", "MH"})
_GAPS: Final = (
    Gap(
        Role.HISTORY,
        "Medical history",
        "E13",
        "MH",
        frozenset({EntityKind.PAST_HISTORY, EntityKind.PRESENT_CONDITION}),
    ),
    Gap(Role.MEDICATION, "Concomitant medication", "E14", "CM", MEDICATIONS),
)


def extract_facts(twin: Twin, received: AbstractSet[str]) -> FactSet:
    """The facts of a subject's safety narrative, from open domains only: whatever the twin holds, no arm, EX or SE.

    *received* are the domains of which the study has data: of any other, that the subject has no record says nothing.
    """
    qualification = qualifying_events(twin)
    window = relevance_window(twin, qualification.events)
    derived = twin.facts
    found = [
        *_subject(twin, derived, qualification),
        *_background(twin, window, qualification),
        *_events(twin, derived, window, qualification),
        *_results(twin, derived, window),
        *((Entity(row.id, EntityKind.DISPOSITION), list(disposition_facts(twin, row))) for row in _dispositions(twin)),
    ]
    kinds = {entity.kind for entity, _ in found}
    missing = list(_missing(subject_entity(twin.subject_id), twin, kinds, qualification, window, received))
    facts = [fact for _, facts in found for fact in facts]
    return factset(twin.subject_id, (entity for entity, _ in found), [*facts, *missing])


def _subject(twin: Twin, derived: Derived, qualification: Qualification) -> Found:
    facts = list(subject_facts(twin, derived))
    if qualification.death is not None:
        facts += death_facts(twin, derived, qualification.death, qualification.events)
    yield Entity(subject_entity(twin.subject_id), EntityKind.SUBJECT), facts
    for row in disease_entities(twin):
        yield disease_entity(row), list(disease_facts(row))


def _background(twin: Twin, window: Sequence[Span], qualification: Qualification) -> Found:
    for entity, row in history(twin):
        yield entity, list(history_facts(row))
    for entity, drug in medications(twin, window, qualification.events):
        yield entity, list(medication_facts(drug, entity.kind))


def _events(twin: Twin, derived: Derived, window: Sequence[Span], qualification: Qualification) -> Found:
    for event in qualification.events:
        yield Entity(event.id, EntityKind.INDEX_EVENT), list(index_event_facts(event, twin.demographics, derived))
    index = {event.id for event in qualification.events}
    for event in twin.events():
        if event.id not in index and event.term and is_within(window, event.onset, event.end):
            yield Entity(event.id, EntityKind.OTHER_EVENT), list(other_event_facts(event, derived))


def _results(twin: Twin, derived: Derived, window: Sequence[Span]) -> Found:
    reference = twin.demographics.text("RFSTDTC") if twin.demographics else None
    for row in most_abnormal(results_in(twin, window)):
        yield Entity(row.id, EntityKind.RESULT), list(result_facts(row, reference, derived))


def _dispositions(twin: Twin) -> list[ClinicalRecord]:
    """How participation ended, and the end of treatment alone where an event was its reason."""
    found = dispositions(twin.rows("DS"))
    participation = [row for row in found if scope_of(row.values) is Scope.PARTICIPATION]
    # Sponsors record one end twice, for participation and for treatment: on one day and for one reason it is told once.
    told = {(reason_of(row.values), row.text(LEFT_ON)) for row in participation}
    treatment = [row for row in found if row not in participation and is_for_event(row.values)]
    return [*participation, *(row for row in treatment if (reason_of(row.values), row.text(LEFT_ON)) not in told)]


def _missing(
    about: str,
    twin: Twin,
    kinds: AbstractSet[EntityKind],
    qualification: Qualification,
    window: Sequence[Span],
    received: AbstractSet[str],
) -> Iterator[Fact]:
    """What a narrative must speak of and nothing was found for."""
    if not qualification.is_needed:
        yield _none_of(about, Role.QUALIFYING, "Qualifying event", "E01", is_known={"AE", "DS"} <= received)
    for gap in _GAPS:
        if not kinds & gap.kinds:
            yield _none_of(about, gap.role, gap.name, gap.element, is_known=gap.domain in received)
    if qualification.events and EntityKind.LATER_MEDICATION not in kinds:
        measures = _none_of(about, Role.MEASURES, "Treatment of the events", "E06", is_known="CM" in received)
        yield replace(measures, absence=Absence.UNDETERMINED) if _may_be_measures(kinds, qualification) else measures
    if EntityKind.DISEASE not in kinds:
        # Studies name it in a category of their own (`clinical/history.py`): where none is known, the data are silent.
        yield _none_of(about, Role.DISEASE, "Disease treated", "E12", is_known=False)
    # The end of treatment alone, told for its event, says nothing of participation.
    if not any(scope_of(row.values) is Scope.PARTICIPATION for row in _dispositions(twin)):
        yield _none_of(about, Role.NO_DISPOSITION, "End of participation", "E23", is_known="DS" in received)
    if EntityKind.RESULT not in kinds:
        yield _no_abnormal_result(about, has_results=bool(results_in(twin, window)))


def _none_of(about: str, role: Role, name: str, element: str, *, is_known: bool) -> Fact:
    """That there is nothing; not recorded of this subject only where the study has data of it at all."""
    absence = Absence.NOT_RECORDED if is_known else Absence.NOT_IN_DATA
    return stated(about, role, name, Kind.CODE, None, absence=absence, elements=(element,))


def _may_be_measures(kinds: AbstractSet[EntityKind], qualification: Qualification) -> bool:
    """Whether a medication may have been the treatment: its dates or those of an event do not say that it was not."""
    is_undated = any(partial(event.onset) is None for event in qualification.events)
    return EntityKind.UNDATED_MEDICATION in kinds or (is_undated and bool(kinds & MEDICATIONS))


def _no_abnormal_result(about: str, *, has_results: bool) -> Fact:
    return stated(
        about,
        Role.LABORATORY,
        "Laboratory results near the events",
        Kind.CODE,
        # That nothing was out of range and that nothing was measured are two findings.
        NONE_ABNORMAL if has_results else None,
        absence=Absence.NOT_IN_DATA,
        attribution=Attribution.LABORATORY,
        elements=("E04",),
    )
