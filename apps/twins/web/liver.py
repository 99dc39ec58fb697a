"""What leads the page of a subject whose liver tests are high: multiples with their days, and the biochemical criteria.

The criteria are stated, a diagnosis never: whether it is a case of drug-induced liver injury is a physician's opinion.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.studies.domain.clinical.laboratory import LIVER_TESTS, Injury, LiverFindings, Peak, liver_findings
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.words import day, multiple


@dataclass(frozen=True, slots=True)
class LiverPeak:
    """The peak of one test: its name, its multiple with the way to its history, and the day."""

    name: str
    shown: Shown
    on: str


@dataclass(frozen=True, slots=True)
class LiverLead:
    """The lead of the page: what was exceeded, by how much and when, ALP beside it, and the criteria."""

    is_combined: bool
    title: str
    peaks: tuple[LiverPeak, ...]
    alp: LiverPeak | None
    first_alp: str
    pattern: str
    criteria: str


def liver_lead(twin: Twin, addresses: Addresses) -> LiverLead | None:
    """The lead at this version; None where no transaminase rose above 3 × ULN."""
    found = liver_findings([row for test in LIVER_TESTS for row in twin.results(test)])
    if not found.is_transaminase_high:
        return None
    combined = _("Liver: ALT or AST above 3 × ULN together with bilirubin above 2 × ULN")
    alone = _("Liver: ALT or AST above 3 × ULN")
    return LiverLead(
        is_combined=found.is_bilirubin_high,
        title=combined if found.is_bilirubin_high else alone,
        peaks=tuple(_peaks(found, addresses)),
        alp=_peak("ALP", found.alp, addresses) if found.alp is not None else None,
        first_alp=_first_alp(found),
        pattern=_pattern(found),
        criteria=_criteria(found),
    )


def _peaks(found: LiverFindings, addresses: Addresses) -> Iterator[LiverPeak]:
    for name, peak in (("ALT", found.alt), ("AST", found.ast), (_("bilirubin"), found.bilirubin)):
        if peak is not None:
            yield _peak(name, peak, addresses)


def _peak(name: str, peak: Peak, addresses: Addresses) -> LiverPeak:
    shown = addresses.shown(multiple(peak.multiple), peak.row.id, "times_uln")
    return LiverPeak(name, shown, day(peak.row.text("LBDTC")))


def _first_alp(found: LiverFindings) -> str:
    """The first ALP of the subject, where it is another sample than the peak: it may have been high from the start."""
    first = found.first_alp
    if first is None or found.alp is None or first.row.id == found.alp.row.id:
        return ""
    words = {"multiple": multiple(first.multiple), "day": day(first.row.text("LBDTC"))}
    return _("first %(multiple)s on %(day)s") % words


def _pattern(found: LiverFindings) -> str:
    """The R value of the day of the peak ALT with its usual reading."""
    if found.r_value is None or found.pattern is None:
        return _("R not known: no ALP of the day of the peak ALT")
    words = {
        Injury.HEPATOCELLULAR: _("hepatocellular pattern"),
        Injury.MIXED: _("mixed pattern"),
        Injury.CHOLESTATIC: _("cholestatic pattern"),
    }
    return f"R {found.r_value:.2f}, {words[found.pattern]}"


def _criteria(found: LiverFindings) -> str:
    """Whether the biochemical criteria of Hy's law are met, and why not."""
    if found.meets_criteria:
        return _("Biochemical criteria of Hy’s law: met.")
    if not found.is_bilirubin_high:
        return _("Biochemical criteria of Hy’s law: not met, bilirubin is not above 2 × ULN.")
    return _("Biochemical criteria of Hy’s law: not met, ALP reached 2 × ULN.")
