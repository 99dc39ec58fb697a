"""Reads the lines about a study's subjects for its totals; one query for any number of subjects."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from apps.operations.domain.totals import SubjectLine
from apps.studies.domain.principal import Principal
from apps.studies.models import Site, Study, Subject
from apps.twins.domain.summary import SubjectStatus
from apps.twins.selectors.subjects import with_line, without_line

# Of the line that `with_line` joins; the stubs know the fields of models alone.
_COUNTED: Final[Any] = (
    "line__status",
    "line__reference_on",
    "line__event_count",
    "line__serious_count",
    "line__serious_by_flag",
    "line__is_discontinued_for_ae",
    "line__is_dead",
)


@dataclass(frozen=True, slots=True)
class SitePlaces:
    """Sites that the reader may see, by code, with the countries they are in."""

    codes: tuple[str, ...]
    countries: tuple[str, ...]


def subject_lines(principal: Principal, study: Study) -> list[SubjectLine]:
    """One line for every subject that the reader may see.

    A subject of which nothing is known is in screening; one whose derived data are absent has no status.
    """
    subjects = with_line(Subject.objects.visible_to(principal).filter(study=study))
    rows = subjects.order_by("subject_id").values_list("site__code", "version", *_COUNTED)
    return [
        SubjectLine(
            site=site,
            status=_status(status, version),
            reference_on=reference_on,
            event_count=events or 0,
            is_serious=bool(serious),
            is_serious_by_flag=bool(by_flag),
            is_discontinued_for_ae=bool(for_ae),
            is_dead=bool(dead),
        )
        for site, version, status, reference_on, events, serious, by_flag, for_ae, dead in rows
    ]


def _status(status: str | None, version: int) -> SubjectStatus | None:
    if status is None:
        return None if version else SubjectStatus.SCREENING
    return SubjectStatus(status)


def missing_lines(principal: Principal, study: Study) -> int:
    """How many subjects that the reader may see have data, but no line that was derived from them."""
    return without_line(Subject.objects.visible_to(principal).filter(study=study)).count()


def site_places(principal: Principal, study: Study) -> SitePlaces:
    """Codes and countries of the sites that the reader may see."""
    rows = list(Site.objects.visible_to(principal).filter(study=study).order_by("code").values_list("code", "country"))
    return SitePlaces(tuple(code for code, _ in rows), tuple(sorted({country for _, country in rows if country})))


def data_cut(principal: Principal, study: Study) -> date | None:
    """The latest day of collection among the subjects that the reader may see."""
    subjects = Subject.objects.visible_to(principal).filter(study=study, data_cut__isnull=False)
    return subjects.order_by("-data_cut").values_list("data_cut", flat=True).first()
