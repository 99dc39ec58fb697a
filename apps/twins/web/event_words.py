"""An adverse event in words: whether it goes on, why it is serious, how its severity went."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from apps.studies.domain.clinical.codelists import SEVERITY
from apps.studies.domain.clinical.events import EventGroup, SeverityEpisode
from apps.studies.domain.clinical.seriousness import CRITERIA, DEATH_CRITERION, FLAG, OUTCOME_VARIABLE, Conflict
from apps.twins.web.words import day

# Severity shades of the interface by rank; what is worse than severe shares its shade and keeps its own word.
_SHADES: Final = ("mild", "moderate", "severe")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A seriousness criterion that an event meets: its words and its variable (ICH E2A II.B)."""

    words: str
    variable: str


def shade_of(severity: str | None) -> str:
    """The shade of a severity; empty for one that is not recorded or not known."""
    rank = SEVERITY.rank(severity)
    return _SHADES[min(rank, len(_SHADES)) - 1] if rank > 0 else ""


def criteria(event: EventGroup) -> tuple[Criterion, ...]:
    """The criteria that the event meets, in their order."""
    return tuple(Criterion(CRITERIA[name], name) for name in event.criteria)


def contradiction(event: EventGroup) -> str:
    """What is wrong when the evidence on an event disagrees; empty when it agrees."""
    met = ", ".join(CRITERIA[name] for name in event.criteria)
    named = {"met": met, "flag": FLAG, "outcome": OUTCOME_VARIABLE, "death": DEATH_CRITERION}
    words = {
        Conflict.FLAG_SAYS_NO: _("%(flag)s says not serious; the criteria say serious (%(met)s). Shown as serious."),
        Conflict.FLAG_MISSING: _("%(flag)s is not recorded; the criteria say serious."),
        Conflict.NO_CRITERION: _("%(flag)s says serious; no criterion is recorded."),
        Conflict.FATAL_BUT_FLAG_SAYS_NO: _("%(flag)s says not serious; the event was fatal. Shown as serious."),
        Conflict.FATAL_WITHOUT_CRITERION: _(
            "%(outcome)s says fatal; %(death)s says that the event did not result in death."
        ),
        Conflict.DEATH_WITHOUT_FATAL_OUTCOME: _(
            "%(death)s says that the event resulted in death; %(outcome)s says otherwise."
        ),
    }
    return " ".join(words[conflict] % named for conflict in event.seriousness.conflicts)


def _since(part: SeverityEpisode) -> str:
    if part.since is None:
        return _("date not recorded")
    return (_("recorded %(day)s") if part.is_date_of_record else _("from %(day)s")) % {"day": day(part.since)}


def severity_history(event: EventGroup) -> Iterator[tuple[str, str, str]]:
    """Severity, since when or recorded when, and its record, for each row of an event whose severity changed."""
    # A severity that never changed stands beside the event already.
    if len({part.severity for part in event.severities}) > 1:
        for part in event.severities:
            yield SEVERITY.page(part.severity) or _("severity not recorded"), _since(part), part.record_id
