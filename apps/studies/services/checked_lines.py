"""Keeps the lines of a check, whole and as blinded readers may know them."""

from collections.abc import Iterable, Sequence

from apps.studies.domain.blinding import BlindingRules, open_values
from apps.studies.domain.findings import Finding, Listed, not_in
from apps.studies.domain.highlights import Matter
from apps.studies.domain.readers.package import Package
from apps.studies.models import CheckedLine, ImportRun, Record

AT_ONCE = 1000


def keep_lines(run: ImportRun, subject_id: str, whole: Sequence[Finding], seen: Sequence[Finding]) -> None:
    """Keep the lines of a subject: once where both accounts are equal, else each by itself."""
    if whole == seen:
        rows = _rows(run, subject_id, whole, is_whole=True, is_open=True)
    else:
        whole_rows = _rows(run, subject_id, whole, is_whole=True, is_open=False)
        rows = [*whole_rows, *_rows(run, subject_id, seen, is_whole=False, is_open=True)]
    CheckedLine.objects.bulk_create(rows, batch_size=AT_ONCE)


def keep_serious_refusals(run: ImportRun, package: Package, rules: BlindingRules) -> None:
    """Keep a line for each refused row that tells of a death or a serious event; a repeated reading keeps them once."""
    CheckedLine.objects.filter(run=run, kind=Matter.NOT_IN.value).delete()
    for refused in package.rejected:
        hidden = rules.hidden_in(refused.domain, refused.values)
        whole = not_in(refused.domain, refused.values)
        seen = not_in(refused.domain, open_values(refused.values, hidden) or {})
        # Of most rows there is nothing to keep, and a file may have refused all of its rows.
        if whole:
            keep_lines(run, refused.subject_id or "", whole, seen)


def keep_undescribed(run: ImportRun, package: Package) -> None:
    """Keep a line for each subject whom neither these files nor the portal describe in DM; repeated, once."""
    CheckedLine.objects.filter(run=run, kind=Listed.NOT_IN_DM.value).delete()
    described = set(
        Record.objects.filter(study=run.study, domain="DM", is_withdrawn=False).values_list(
            "subject__subject_id", flat=True
        )
    )
    line = [Finding(Listed.NOT_IN_DM.value, 0, "", {})]
    for subject_id in package.undescribed:
        if subject_id not in described:
            keep_lines(run, subject_id, line, line)


def _rows(
    run: ImportRun, subject_id: str, found: Iterable[Finding], *, is_whole: bool, is_open: bool
) -> list[CheckedLine]:
    return [
        CheckedLine(
            run=run,
            kind=line.kind,
            weight=line.weight,
            subject_id=subject_id,
            domain=line.domain,
            details=line.details,
            is_whole=is_whole,
            is_open=is_open,
        )
        for line in found
    ]
