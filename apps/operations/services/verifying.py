"""Verifies everything that is stored: ledgers, records, twins, reviews with their signatures, and the trail.

One subject, one hundred reviews or one seal at a time, each read under its lock, so memory stays flat and writers are
held up for as long as one subject is read.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.compliance.models import BrokenLink, Review, Signature, TrailEntry, Verification
from apps.compliance.selectors.signatures import faults_under
from apps.compliance.selectors.trail import lost_breaks, sealed_head, trail_breaks
from apps.core.domain.integrity import Break, Part
from apps.core.guards import missing_refusals
from apps.core.services.leases import JobRun
from apps.studies.models import Study, Subject
from apps.studies.selectors.integrity import LedgerCheck
from apps.twins.selectors.integrity import TwinCheck

VERIFY_JOB = "verify"
REVIEWS_AT_ONCE = 100
# Kept one by one; of the rest the number is kept.
MOST_KEPT = 1000
TELL_EVERY = 20
MOST_LETTERS = 250
# What reading raises where somebody stored what the portal never writes.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, zlib.error)
Tell = Callable[[Break], None]


@dataclass(slots=True)
class Account:
    """What was checked and what did not hold, by study (code; empty for the platform)."""

    subjects: Counter[str] = field(default_factory=Counter)
    signatures: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    kept: list[Break] = field(default_factory=list)

    def note(self, found: Break) -> None:
        """One more broken link."""
        self.broken[found.study] += 1
        if len(self.kept) < MOST_KEPT:
            # Bounded, because one fault of a whole database would fill the memory with its lines.
            self.kept.append(found)

    def by_study(self) -> dict[str, dict[str, int]]:
        """The numbers as they are stored."""
        studies = {*self.subjects, *self.signatures, *self.broken} - {""}
        counts = {"subjects": self.subjects, "signatures": self.signatures, "broken": self.broken}
        return {study: {name: count[study] for name, count in counts.items()} for study in sorted(studies)}


def verify(*, tell: Tell, progress: Callable[[int, int, str], None]) -> Verification:
    """Check everything, tell each broken link as it is found, and keep the result."""
    started_at, account = timezone.now(), Account()
    for found in _breaks(account, progress):
        account.note(found)
        tell(found)
    return _keep(account, started_at)


def run_verify(job_run: JobRun) -> None:
    """The nightly job."""
    verify(tell=lambda found: None, progress=job_run.progress)


def _breaks(account: Account, progress: Callable[[int, int, str], None]) -> Iterator[Break]:
    for table in missing_refusals(connection):
        yield Break(Part.DATABASE, f"The database no longer refuses changes of {table}; migrate puts that back.")
    total = Subject.objects.count()
    for study in Study.objects.order_by("code"):
        yield from _read(Part.LEDGER, _ledger_breaks(study), study.code)
        # Keys are read whole, they are small: an open reading would let no writer of SQLite follow (snapshot too old).
        for subject_pk in list(Subject.objects.filter(study=study).order_by("pk").values_list("pk", flat=True)):
            yield from _subject_breaks(subject_pk)
            account.subjects[study.code] += 1
            if (done := account.subjects.total()) % TELL_EVERY == 0:
                progress(done, total, "Ledgers and twins")
        yield from _read(Part.SIGNATURE, _review_breaks(study, account), study.code)
    progress(total, total, "Trail")
    yield from _read(Part.TRAIL, trail_breaks())
    yield from _read(Part.TRAIL, lost_breaks())


def _read(part: Part, breaks: Iterator[Break], study: str = "") -> Iterator[Break]:
    """What is found in a part; where it cannot be read, that is found too, and the other parts are still checked."""
    try:
        yield from breaks
    except UNREADABLE as error:
        yield Break(part, _unreadable(error), study)


def _unreadable(error: Exception) -> str:
    return f"It cannot be read to its end ({type(error).__name__}): what is stored is not what the portal writes."


def _ledger_breaks(study: Study) -> Iterator[Break]:
    with transaction.atomic():
        check = LedgerCheck(Study.objects.select_for_update().get(pk=study.pk), None)
        for _step in check.steps():
            pass
    yield from check.breaks


def _subject_breaks(subject_pk: int) -> Iterator[Break]:
    with transaction.atomic():
        locked = Subject.objects.select_for_update(of=("self",)).select_related("study").get(pk=subject_pk)
        ledger, twin = LedgerCheck(locked.study, locked), TwinCheck(locked)
        try:
            for step in ledger.steps():
                twin.see(step.change_set, step.changes)
            twin.end()
        # One subject that cannot be read must not hide what is wrong with the others.
        except UNREADABLE as error:
            ledger.breaks.append(Break(Part.LEDGER, _unreadable(error), locked.study.code, locked.subject_id))
    # Told once the lock is given back: whoever prints may be slow.
    yield from (*ledger.breaks, *twin.breaks)


def _review_breaks(study: Study, account: Account) -> Iterator[Break]:
    pks = list(Review.objects.filter(study=study).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), REVIEWS_AT_ONCE):
        chunk = pks[start : start + REVIEWS_AT_ONCE]
        faults, titles = _faults(chunk)
        account.signatures[study.code] += Signature.objects.filter(review__in=chunk).count()
        for pk, words in faults.items():
            yield from (Break(Part.SIGNATURE, fault, study.code, titles[pk]) for fault in words)


def _faults(pks: Iterable[UUID]) -> tuple[dict[UUID, tuple[str, ...]], dict[UUID, str]]:
    with transaction.atomic():
        reviews = list(Review.objects.select_for_update().filter(pk__in=pks))
        return faults_under(reviews), {review.pk: str(review) for review in reviews}


def _keep(account: Account, started_at: datetime) -> Verification:
    studies = {study.code: study.pk for study in Study.objects.all()}
    with transaction.atomic():
        verification = Verification.objects.create(
            started_at=started_at,
            subject_count=account.subjects.total(),
            signature_count=account.signatures.total(),
            trail_count=TrailEntry.objects.count(),
            broken_count=account.broken.total(),
            by_study=account.by_study(),
            head_sha256=sealed_head(),
        )
        BrokenLink.objects.bulk_create(
            BrokenLink(
                verification=verification,
                study_id=studies.get(found.study),
                part=found.part.value,
                subject=found.subject[:MOST_LETTERS],
                words=found.words[:MOST_LETTERS],
            )
            for found in account.kept
        )
    return verification
