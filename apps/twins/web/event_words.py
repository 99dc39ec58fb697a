"""An adverse event in words: whether it goes on, why it is serious, how its severity went."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from apps.twins.domain.events import SERIOUSNESS_CRITERIA, EventGroup
from apps.twins.web.words import coded, day

_GOES_ON: Final = frozenset({"NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING"})
# Severity shades of the interface; the two grades above severe share its shade and keep their own word.
SHADES: Final = {"MILD": "mild", "MODERATE": "moderate", "SEVERE": "severe"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """A seriousness criterion that an event meets: its words and its variable (ICH E2A II.B)."""

    words: str
    variable: str


def is_ongoing(event: EventGroup) -> bool:
    """Whether the event is known to go on; without an outcome an open end is only "not recorded"."""
    return event.end is None and event.outcome in _GOES_ON


def criteria(event: EventGroup) -> tuple[Criterion, ...]:
    """The criteria that the event meets, in their order."""
    return tuple(Criterion(SERIOUSNESS_CRITERIA[name], name) for name in event.criteria)


def contradiction(event: EventGroup) -> str:
    """What is wrong when the sponsor's flag and the criteria disagree; empty when they agree."""
    if event.criteria and event.serious_flag == "N":
        met = ", ".join(SERIOUSNESS_CRITERIA[name] for name in event.criteria)
        return _("AESER says not serious; the criteria say serious (%(met)s). Shown as serious.") % {"met": met}
    if event.criteria and event.serious_flag is None:
        return _("AESER is not recorded; the criteria say serious.")
    if event.serious_flag == "Y" and not event.criteria:
        return _("AESER says serious; no criterion is recorded.")
    return ""


def severity_history(event: EventGroup) -> Iterator[tuple[str, str, str]]:
    """Severity, its start in words and its record, for each stretch of an event whose severity changed."""
    if len({part.severity for part in event.severities}) > 1:
        for part in event.severities:
            yield coded(part.severity) or _("severity not recorded"), day(part.start), part.record_id
