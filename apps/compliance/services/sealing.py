"""Seals new rows of the trail, so that an edit or a removal of any of them shows (21 CFR 11.10(e))."""

from collections.abc import Sequence

from django.db import transaction

from apps.compliance.models import TrailEntry, TrailLeaf, TrailSeal
from apps.compliance.selectors.trail import chained_leaf, entry_sha256
from apps.core.services.leases import JobRun

SEAL_JOB = "seal-trail"
# A seal is verified in one reading, and the number of its rows keeps that small.
MOST_ROWS = 1000


def seal_trail() -> int:
    """Seal every row that no seal covers yet, at most a thousand rows to a seal; how many rows that were.

    Of two that run at once one fails whole, by the number that both would take; the next run seals the rest.
    """
    sealed = 0
    # By what no seal covers and not by the last key: a row that commits late may have a lower key than a sealed one.
    while rows := list(TrailEntry.objects.filter(leaf=None).order_by("pk")[:MOST_ROWS]):
        _seal(rows)
        sealed += len(rows)
    return sealed


def _seal(rows: Sequence[TrailEntry]) -> None:
    with transaction.atomic():
        before = TrailSeal.objects.order_by("number").last()
        previous = before.sha256 if before else ""
        hashes = [entry_sha256(entry) for entry in rows]
        sha256 = previous
        for entry, leaf in zip(rows, hashes, strict=True):
            sha256 = chained_leaf(sha256, entry.pk, leaf)
        number = before.number + 1 if before else 1
        seal = TrailSeal.objects.create(number=number, entry_count=len(rows), previous_sha256=previous, sha256=sha256)
        TrailLeaf.objects.bulk_create(
            # The study is kept here too, so that a row which is gone can still be told to the auditors of its study.
            TrailLeaf(seal=seal, entry=entry, study_id=entry.study_id, sha256=leaf)
            for entry, leaf in zip(rows, hashes, strict=True)
        )


def run_seal(job_run: JobRun) -> None:
    """The job: seal what is new."""
    job_run.progress(0, 1, "Sealing the trail")
    seal_trail()
