"""Reads the lines that the check of an import kept, and its rejected rows, page by page in the reader's projection."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from apps.studies.domain.audience import Audience
from apps.studies.domain.import_accounts import receipt_document
from apps.studies.domain.principal import Principal
from apps.studies.models import CheckedLine, ImportRun, RejectedRow, Subject
from apps.studies.selectors.imports import ShownRejected, is_accounted, receipt_for, shown_rejected


def lines_for(run: ImportRun, principal: Principal, audience: Audience) -> QuerySet[CheckedLine]:
    """Lines about subjects that the reader may see, as the reader may know them, what matters most first."""
    side = {"is_whole": True} if audience is Audience.UNBLINDED else {"is_open": True}
    lines = CheckedLine.objects.filter(run=run, **side)
    if run.study_id in principal.whole_study_ids:
        return lines
    return lines.filter(subject_id__in=_own_subjects(run, principal))


def counts_of(lines: QuerySet[CheckedLine]) -> dict[str, int]:
    """How many lines each list has; one query."""
    return dict(lines.order_by().values_list("kind").annotate(Count("pk")))


def receipt_seen(run: ImportRun, principal: Principal, audience: Audience) -> dict[str, Any]:
    """The receipt as it goes out: whole for who sees the whole study, else which of their own subjects are in.

    Nothing while there is nothing to tell: a sum of zero would say that something was counted.
    """
    receipt = receipt_for(run, audience)
    if run.study_id in principal.whole_study_ids:
        return receipt_document(receipt) if is_accounted(run) else {}
    # No counts: those of a whole study tell of sites that the reader does not see.
    own = set(_own_subjects(run, principal))
    named = {"subjects": receipt.subjects, "vanished": receipt.vanished or ()}
    return {name: [subject for subject in found if subject in own] for name, found in named.items()}


def rejected_of(run: ImportRun, principal: Principal, audience: Audience) -> QuerySet[RejectedRow]:
    """Rejected and ambiguous rows that the reader may know of; their words are `shown_rejected`.

    For blinded readers by subject: the order of a file may be that of the arms.
    """
    rows = RejectedRow.objects.filter(run=run)
    if audience is not Audience.UNBLINDED:
        rows = rows.filter(is_open=True).order_by("file", "subject_id", "row", "pk")
    if run.study_id in principal.whole_study_ids:
        return rows
    return rows.filter(subject_id__in=_own_subjects(run, principal))


def in_words(run: ImportRun, rows: Iterable[RejectedRow], audience: Audience) -> list[ShownRejected]:
    """Rejected rows of a page with as much of their files and reasons as the reader may read."""
    return [shown_rejected(run, row, audience) for row in rows]


def _own_subjects(run: ImportRun, principal: Principal) -> QuerySet[Subject, str]:
    return Subject.objects.visible_to(principal).filter(study=run.study).values_list("subject_id", flat=True)
