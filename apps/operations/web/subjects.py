"""The list of subjects: for finding one, and for working a list down."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from apps.narratives.selectors.lines import NarrativeLine, narrative_lines
from apps.operations.web.not_received import NotReceived, not_received
from apps.operations.web.subject_filters import (
    QUICK_FILTERS,
    Wanted,
    all_lines,
    narrow,
    ordered,
    quick_counts,
    sites_of,
    wanted_of,
)
from apps.studies.domain.clinical.ages import YEARS
from apps.studies.domain.clinical.terms import heading, inline
from apps.studies.models import Subject
from apps.studies.web.scope import scope_of
from apps.twins.domain.summary import SubjectStatus
from apps.twins.models import TwinSummary
from apps.twins.selectors.subjects import is_derived, line_of
from apps.twins.web.words import age_number, age_words, day, status_words

PAGE_SIZE = 50
MOST_FOUND = 3


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject as a row of the list; texts are ready to read, empty where nothing is recorded."""

    subject_id: str
    url: str
    site: str
    person: str
    status: str
    last_visit: str
    last_visit_on: str
    event_count: int
    serious_count: int
    serious_terms: str
    found: str
    is_changed: bool
    is_derived: bool
    narrative: NarrativeLine | None


@dataclass(frozen=True, slots=True)
class QuickLink:
    """A quick filter with its count and where it leads: to itself, or off when it is on."""

    label: str
    count: str
    url: str
    is_current: bool


class SubjectsPage(LoginRequiredMixin, TemplateView):
    """Subjects with search, filters, order and pages, all of it in the address."""

    template_name = "operations/subjects.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of the list, in a number of queries that does not grow with it."""
        scope = scope_of(self.request, self.kwargs["code"])
        principal, study, last_look_at = scope.principal, scope.study, scope.user.previous_visit_at
        lines = all_lines(principal, study, scope.audience, last_look_at)
        wanted = wanted_of(self.request.GET)
        # A page beyond the end is the last one: the list may have become shorter since the link was made.
        page = Paginator(ordered(narrow(lines, wanted), wanted.sort), PAGE_SIZE).get_page(self.request.GET.get("page"))
        counts = quick_counts(lines, wanted)
        narratives = narrative_lines(principal, study, [subject.pk for subject in page])
        url, absent = reverse("subjects", args=[study.code]), not_received(scope)
        return {
            "code": study.code,
            "missing": counts["missing"],
            "not_received": absent,
            "wanted": wanted,
            "page": page,
            "lines": [row_of(one, study.code, narratives.get(one.pk), wanted.search, absent) for one in page],
            "sites": sites_of(principal, study),
            "statuses": [str(status) for status in SubjectStatus],
            "quick_links": self._quick_links(wanted, counts, url, absent),
            "sentence": result_sentence(page, counts["everyone"], wanted),
            "empty_scope": empty_scope(counts["everyone"]),
            "empty_steps": [(_("Show all subjects"), url)],
            "clear_url": url,
            "last_look_at": last_look_at,
        }

    def _quick_links(self, wanted: Wanted, counts: dict[str, int], url: str, absent: NotReceived) -> list[QuickLink]:
        links: list[QuickLink] = []
        for quick in QUICK_FILTERS:
            query = self.request.GET.copy()
            # Another filter is another list, which begins at its beginning.
            query.pop("page", None)
            is_current = wanted.quick is quick
            query.pop("quick", None)
            if not is_current:
                query["quick"] = quick.key
            address = f"{url}?{query.urlencode()}" if query else url
            count = _("not in the data") if quick.domain in absent.codes else str(counts[quick.key])
            links.append(QuickLink(str(quick.label), count, address, is_current))
        return links


def row_of(
    subject: Subject, code: str, narrative: NarrativeLine | None, search: str, absent: NotReceived
) -> SubjectLine:
    """A row of the list, with the words that a search found; a subject of whom nothing is known has its row too."""
    summary = line_of(subject)
    return SubjectLine(
        subject_id=subject.subject_id,
        url=reverse("subject", args=[code, subject.subject_id]),
        site=subject.site.code,
        person=_person(summary),
        status=_status(summary, absent),
        last_visit=heading(summary.last_visit) if summary else "",
        last_visit_on=day(summary.last_visit_on) if summary else "",
        event_count=summary.event_count if summary else 0,
        serious_count=summary.serious_count if summary else 0,
        serious_terms=_terms(summary.serious_terms) if summary else "",
        found=_found(summary, search) if search else "",
        is_changed=bool(getattr(subject, "is_changed", False)),
        is_derived=is_derived(subject),
        narrative=narrative,
    )


def _person(summary: TwinSummary | None) -> str:
    """Age and sex; of an age in years, as nearly all are, the number alone."""
    if summary is None:
        return ""
    age = age_words(summary.age, summary.age_unit)
    if summary.age is not None and summary.age_unit == YEARS:
        age = age_number(summary.age)
    return " ".join(part for part in (age, summary.sex) if part)


def _found(summary: TwinSummary | None, search: str) -> str:
    """The first words that a search found, such as `Aspirin, headache and 2 more`."""
    words = summary.words.splitlines() if summary else []
    found = [heading(word) for word in words if search.casefold() in word.casefold()]
    shown = ", ".join(dict.fromkeys(found[:MOST_FOUND]))
    more = len(found) - MOST_FOUND
    return _("%(words)s and %(number)s more") % {"words": shown, "number": more} if more > 0 else shown


def _status(summary: TwinSummary | None, absent: NotReceived) -> str:
    if summary is None:
        return ""
    status = status_words(summary.status, knows_who_left="DS" not in absent.codes)
    is_told = summary.status == SubjectStatus.DISCONTINUED and summary.leaving_reason
    return heading(f"{status}, {inline(summary.leaving_reason)}" if is_told else status)


def _terms(terms: list[str]) -> str:
    """Terms in a sentence, each once with its number: `Syncope × 2, hip fracture`."""
    counts: dict[str, int] = {}
    for term in sorted(terms):
        counts[inline(term)] = counts.get(inline(term), 0) + 1
    joined = ", ".join(term if count == 1 else f"{term} × {count}" for term, count in counts.items())
    return joined[:1].upper() + joined[1:]


def result_sentence(page: "Page[Subject]", everyone: int, wanted: Wanted) -> tuple[str, str]:
    """The result in a sentence: how many of how many, and what was asked for."""
    found = page.paginator.count
    lead = ngettext("%(found)s of %(everyone)s subject", "%(found)s of %(everyone)s subjects", everyone)
    parts = [str(wanted.quick.sentence)] if wanted.quick else []
    parts += [_("at site %(site)s") % {"site": wanted.site}] if wanted.site else []
    parts += [_("with status “%(status)s”") % {"status": wanted.status}] if wanted.status else []
    parts += [_("matching “%(search)s”") % {"search": wanted.search}] if wanted.search else []
    return lead % {"found": found, "everyone": everyone}, ", ".join(parts)


def empty_scope(everyone: int) -> str:
    """Over how many an empty list was looked for, and as known when."""
    now = timezone.localtime().strftime("%d %b %Y, %H:%M")
    words = ngettext(
        "Searched %(everyone)s subject by identifier, event and medication, as known %(now)s.",
        "Searched %(everyone)s subjects by identifier, event and medication, as known %(now)s.",
        everyone,
    )
    return words % {"everyone": everyone, "now": now}
