"""Puts first what ought to be in and is not: refused rows that tell of a death or a serious event."""

from apps.studies.domain.blinding import BlindingRules, open_values
from apps.studies.domain.findings import not_in
from apps.studies.domain.highlights import Matter
from apps.studies.domain.readers.package import Package
from apps.studies.models import CheckedLine, ImportRun


def keep_serious_refusals(run: ImportRun, package: Package, rules: BlindingRules) -> None:
    """Keep a line for each such row, whole and as blinded readers may know it; a repeated reading keeps them once."""
    CheckedLine.objects.filter(run=run, kind=Matter.NOT_IN.value).delete()
    lines = []
    for refused in package.rejected:
        whole = not_in(refused.domain, refused.values)
        hidden = rules.hidden_in(refused.domain, refused.values)
        seen = not_in(refused.domain, open_values(refused.values, hidden) or {})
        sides = [(whole, True, whole == seen)] if whole == seen else [(whole, True, False), (seen, False, True)]
        lines += [
            CheckedLine(
                run=run,
                kind=line.kind,
                weight=line.weight,
                subject_id=refused.subject_id or "",
                domain=line.domain,
                details=line.details,
                is_whole=is_whole,
                is_open=is_open,
            )
            for found, is_whole, is_open in sides
            for line in found
        ]
    CheckedLine.objects.bulk_create(lines, batch_size=1000)
