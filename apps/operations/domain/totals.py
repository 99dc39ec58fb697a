"""Totals of a study that add up, from one line per subject."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from apps.studies.domain.ranges import is_possible
from apps.twins.domain.drawing.enrolment import EnrolmentMonth
from apps.twins.domain.drawing.scale import months_between
from apps.twins.domain.summary import SubjectStatus

NOT_RANDOMISED = frozenset({SubjectStatus.NOT_IN_DM, SubjectStatus.SCREENING, SubjectStatus.SCREEN_FAILURE})


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """What is counted of one subject; `reference_on` is its reference start (RFSTDTC).

    Without a status its derived data are absent: it is counted as screened, and nothing else is said of it.
    """

    site: str
    status: SubjectStatus | None
    reference_on: date | None
    event_count: int
    is_serious: bool
    is_serious_by_flag: bool
    is_discontinued_for_ae: bool
    is_dead: bool

    @property
    def is_randomised(self) -> bool:
        """Whether the subject came past screening."""
        return self.status is not None and self.status not in NOT_RANDOMISED

    @property
    def is_dated(self) -> bool:
        """Whether the reference start is a day that a trial can have; what was stored before may be another."""
        return self.reference_on is not None and is_possible(self.reference_on)


@dataclass(frozen=True, slots=True)
class Totals:
    """Screened = screen failures + in screening + randomised + not in demographics + unknown.

    Randomised = ongoing + completed + discontinued; deaths are among the discontinued. Serious is by flag or by any
    criterion (ICH E2A II.B).
    """

    screened: int
    screen_failures: int
    in_screening: int
    randomised: int
    ongoing: int
    completed: int
    discontinued: int
    discontinued_for_ae: int
    events: int
    serious: int
    serious_by_flag: int
    deaths: int
    not_in_dm: int
    unknown: int


@dataclass(frozen=True, slots=True)
class SiteTotals:
    """The totals of one site."""

    site: str
    totals: Totals


def totals_of(lines: Sequence[SubjectLine]) -> Totals:
    """Count the lines."""
    status = Counter(line.status for line in lines)
    return Totals(
        screened=len(lines),
        screen_failures=status[SubjectStatus.SCREEN_FAILURE],
        in_screening=status[SubjectStatus.SCREENING],
        randomised=sum(line.is_randomised for line in lines),
        ongoing=status[SubjectStatus.ONGOING],
        completed=status[SubjectStatus.COMPLETED],
        discontinued=status[SubjectStatus.DISCONTINUED] + status[SubjectStatus.DIED],
        discontinued_for_ae=sum(line.is_discontinued_for_ae for line in lines),
        events=sum(line.event_count for line in lines),
        serious=sum(line.is_serious for line in lines),
        serious_by_flag=sum(line.is_serious_by_flag for line in lines),
        deaths=sum(line.is_dead for line in lines),
        not_in_dm=status[SubjectStatus.NOT_IN_DM],
        unknown=status[None],
    )


def by_site(lines: Iterable[SubjectLine], sites: Iterable[str]) -> list[SiteTotals]:
    """The totals of every site, in the order given; a site without subjects has zeros."""
    # Sites first, so that one without subjects is a row of zeros and not missing.
    grouped: dict[str, list[SubjectLine]] = {site: [] for site in sites}
    for line in lines:
        grouped.setdefault(line.site, []).append(line)
    return [SiteTotals(site, totals_of(found)) for site, found in grouped.items()]


def enrolment_months(lines: Iterable[SubjectLine]) -> list[EnrolmentMonth]:
    """Randomised subjects by month of their reference start, from the first month to the last without a gap."""
    starts = (line.reference_on for line in lines if line.is_randomised and line.is_dated)
    counts = Counter(start.replace(day=1) for start in starts if start is not None)
    if not counts:
        return []
    return [EnrolmentMonth(month, counts[month]) for month in months_between(min(counts), max(counts))]
