"""How the list of subjects is narrowed and sorted: what the address says, and what that means for the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Expression, OrderBy
from django.db.models.functions import NullIf
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.narratives.selectors.lines import stale_subjects
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.models import ChangeSet, Site, Study, Subject
from apps.twins.domain.summary import SubjectStatus
from apps.twins.selectors.subjects import subject_lines


@dataclass(frozen=True, slots=True)
class QuickFilter:
    """A filter one press away: its key in the address, its words, how the result reads, and what domain it asks."""

    key: str
    label: Promise
    sentence: Promise
    condition: Q
    domain: str = ""


QUICK_FILTERS: Final = (
    QuickFilter("changed", _("Changed since last look"), _("changed since you last looked"), Q(is_changed=True)),
    QuickFilter(
        "serious",
        _("Serious event"),
        _("have a serious event by flag or criterion"),
        Q(line__serious_count__gt=0),
        "AE",
    ),
    QuickFilter(
        "discontinued",
        _("Discontinued for AE"),
        _("discontinued for an adverse event"),
        Q(line__is_discontinued_for_ae=True),
        "DS",
    ),
    QuickFilter("died", _("Died"), _("died"), Q(line__is_dead=True)),
    QuickFilter(
        "liver",
        _("ALT or AST above 3 × ULN"),
        _("had ALT or AST above 3 × ULN"),
        Q(line__has_transaminase_over_3_uln=True),
        "LB",
    ),
    QuickFilter(
        "hys-law",
        _("Hy’s law criteria"),
        _("meet the biochemical criteria of Hy’s law"),
        Q(line__meets_liver_criteria=True),
        "LB",
    ),
    QuickFilter("stale", _("Stale narrative"), _("have a stale narrative"), Q(is_stale=True)),
)
_SORTS: Final[Mapping[str, Expression | F]] = {
    "subject": F("subject_id"),
    "site": F("site__code"),
    "age": F("line__age_years"),
    "status": F("line__status"),
    # Text, in which nothing would come before every date.
    "visit": NullIf(F("line__last_visit_on"), Value("")),
    "events": F("line__event_count"),
    "serious": F("line__serious_count"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; whatever the list does not know is left out."""

    search: str
    site: str
    status: str
    quick: QuickFilter | None
    sort: str

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.search or self.site or self.status or self.quick)


def wanted_of(query: QueryDict) -> Wanted:
    """Filters and order of an address."""
    status, sort = query.get("status", ""), query.get("sort", "")
    return Wanted(
        search=query.get("search", "").strip(),
        site=query.get("site", "").strip(),
        status=status if status in set(SubjectStatus) else "",
        quick=next((quick for quick in QUICK_FILTERS if quick.key == query.get("quick")), None),
        sort=sort if sort.removeprefix("-") in _SORTS else "",
    )


def all_lines(
    principal: Principal, study: Study, audience: Audience, last_look_at: datetime | None
) -> QuerySet[Subject]:
    """Subjects the reader may see, each knowing whether it changed since their last look and is stale."""
    changed = changed_since(audience, last_look_at)
    stale = Exists(stale_subjects(principal, study).filter(subject=OuterRef("pk")))
    return subject_lines(principal, study).annotate(is_changed=changed, is_stale=stale)


def changed_since(audience: Audience, moment: datetime | None) -> Exists:
    """Whether a subject changed after a moment in the reader's own projection; nothing did for a first visit.

    `Subject.changed_at` moves with hidden records too, so it would tell a blinded reader when a dose was recorded.
    """
    change_sets = ChangeSet.objects.filter(subject=OuterRef("pk"))
    if moment is None:
        return Exists(change_sets.none())
    newer = change_sets.filter(known_at__gt=moment)
    return Exists(newer if audience is Audience.UNBLINDED else newer.filter(is_open=True))


def narrow(lines: QuerySet[Subject], wanted: Wanted) -> QuerySet[Subject]:
    """The subjects that were asked for."""
    asked = lines.filter(_asked(wanted))
    return asked.filter(wanted.quick.condition) if wanted.quick else asked


def _asked(wanted: Wanted) -> Q:
    """What search, site and status ask for; a search looks at identifiers, events and medications."""
    asked = Q()
    if wanted.search:
        # SQLite folds ASCII letters alone, so there an accented term is found in the case in which it is recorded.
        asked &= Q(subject_id__icontains=wanted.search) | Q(line__words__icontains=wanted.search)
    if wanted.site:
        asked &= Q(site__code=wanted.site)
    if wanted.status:
        asked &= Q(line__status=wanted.status)
    return asked


def ordered(lines: QuerySet[Subject], sort: str) -> QuerySet[Subject]:
    """The lines in the order asked for; without one, what changed since the last look first."""
    if not sort:
        return lines.order_by(F("is_changed").desc(), "subject_id")
    # Unless told, SQLite and PostgreSQL put what is not recorded at opposite ends.
    key = OrderBy(_SORTS[sort.removeprefix("-")], descending=sort.startswith("-"), nulls_last=True)
    return lines.order_by(key, "subject_id")


def quick_counts(lines: QuerySet[Subject], wanted: Wanted) -> dict[str, int]:
    """How many subjects each quick filter would show beside the other filters, and how many there are in all.

    `missing` says of how many the line is absent, over all.
    """
    asked = _asked(wanted)
    counts = {quick.key: Count("pk", filter=asked & quick.condition) for quick in QUICK_FILTERS}
    missing = Count("pk", filter=Q(version__gt=0, line=None))
    return lines.aggregate(everyone=Count("pk"), missing=missing, **counts)


def sites_of(principal: Principal, study: Study) -> list[str]:
    """Codes of the sites that the reader may see."""
    sites = Site.objects.visible_to(principal).filter(study=study).order_by("code")
    return list(sites.values_list("code", flat=True))
