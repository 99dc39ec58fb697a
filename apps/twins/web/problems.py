"""The problems panel: adverse events, serious first, with what was judged of each and by which record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.studies.domain.clinical.codelists import ACTION, CAUSALITY, OUTCOME, SEVERITY
from apps.studies.domain.clinical.events import (
    ACTION_VARIABLE,
    CAUSALITY_VARIABLE,
    SEVERITY_VARIABLE,
    EventGroup,
    severity_variable,
)
from apps.studies.domain.clinical.seriousness import OUTCOME_VARIABLE
from apps.studies.domain.clinical.terms import heading
from apps.twins.domain.twin import Twin
from apps.twins.selectors.history import versions
from apps.twins.selectors.twins import twin_at
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.event_words import Criterion, contradiction, criteria, severity_history, shade_of
from apps.twins.web.scope import SubjectView
from apps.twins.web.versions import last_look_version
from apps.twins.web.words import day, with_unit


@dataclass(frozen=True, slots=True)
class SeverityStretch:
    """One stretch of an event at one severity."""

    shown: Shown
    since: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One adverse event as its row of the table shows it."""

    id: str
    term: Shown
    is_serious: bool
    criteria: tuple[Criterion, ...]
    contradiction: str
    severity: Shown
    shade: str
    stretches: tuple[SeverityStretch, ...]
    onset: Shown
    end: Shown
    onset_day: Shown
    dose: Shown | None
    causality: Shown
    outcome: Shown
    action: Shown
    row_count: int
    is_new: bool


class ProblemsPanel(SubjectView):
    """Adverse events of the subject; rows that share a sponsor id are one event."""

    template_name = "twins/problems.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Events by onset, serious ones first."""
        # The sort is stable: among the serious, and among the others, the order stays that of onset.
        events = sorted(self.twin.events(), key=lambda event: not event.is_serious)
        seen = self._seen_before()
        problems = [
            problem_of(event, self.twin, self.addresses, is_unblinded=self.is_unblinded, is_new=is_new(event, seen))
            for event in events
        ]
        return {
            "problems": problems,
            "serious_count": sum(problem.is_serious for problem in problems),
            "is_unblinded": self.is_unblinded,
            "is_received": self.is_received("AE"),
            "no_action_recorded": bool(problems) and not any(problem.action.value for problem in problems),
        }

    def _seen_before(self) -> Twin | None:
        """The twin at the reader's last look; None where they never looked or nothing came since."""
        change_sets = versions(self.subject, self.audience)
        look = last_look_version(change_sets, self.audience, self.user.previous_visit_at)
        if look is None or look >= self.version:
            return None
        return twin_at(self.subject, self.audience, look)


def is_new(event: EventGroup, seen: Twin | None) -> bool:
    """Whether any row of the event came or changed since the twin that the reader saw last."""
    if seen is None:
        return False
    before = (seen.row(row.id) for row in event.rows)
    return any(old is None or old.values != row.values for old, row in zip(before, event.rows, strict=True))


def problem_of(event: EventGroup, twin: Twin, addresses: Addresses, *, is_unblinded: bool, is_new: bool) -> Problem:
    """One event with every value linked to its history; its dose at onset only for readers who may see it."""
    last = event.rows[-1]
    open_end = "ongoing" if event.is_ongoing else "end_not_recorded"
    return Problem(
        id=event.id,
        term=addresses.shown(heading(event.term), last.id),
        is_serious=event.is_serious,
        criteria=criteria(event),
        contradiction=contradiction(event),
        severity=addresses.shown(heading(SEVERITY.page(event.worst_severity)), last.id, severity_variable(last.values)),
        shade=shade_of(event.worst_severity),
        stretches=tuple(_stretches(event, addresses)),
        onset=addresses.shown(day(event.onset), _first(event), "AESTDTC"),
        end=addresses.shown(day(event.end), last.id, "AEENDTC", why=open_end),
        onset_day=_fact(twin, addresses, f"{event.id}.onset_day"),
        dose=_dose(twin, event, addresses) if is_unblinded else None,
        causality=addresses.shown(heading(CAUSALITY.page(event.causality)), last.id, CAUSALITY_VARIABLE),
        outcome=addresses.shown(heading(OUTCOME.page(event.outcome)), last.id, OUTCOME_VARIABLE),
        action=addresses.shown(heading(ACTION.page(event.action)), last.id, ACTION_VARIABLE),
        row_count=len(event.rows),
        is_new=is_new,
    )


def _first(event: EventGroup) -> str:
    """The record that gives the event its onset."""
    return next((row.id for row in event.rows if row.text("AESTDTC") == event.onset), event.rows[0].id)


def _stretches(event: EventGroup, addresses: Addresses) -> Iterator[SeverityStretch]:
    for words, since, record_id in severity_history(event):
        yield SeverityStretch(addresses.shown(words, record_id, SEVERITY_VARIABLE), since)


def _fact(twin: Twin, addresses: Addresses, fact_id: str) -> Shown:
    fact = twin.facts.get(fact_id)
    return addresses.fact(str(fact.value) if fact else "", fact_id)


def _dose(twin: Twin, event: EventGroup, addresses: Addresses) -> Shown:
    fact = twin.facts.get(f"{event.id}.dose_at_onset")
    dose = with_unit(fact.value, fact.unit) if fact is not None else ""
    return addresses.fact(dose, f"{event.id}.dose_at_onset")
