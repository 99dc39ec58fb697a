"""Writes a package: one change set and one transaction per subject, so that a lost worker loses no whole subject."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from apps.core.domain.context import WriteContext
from apps.core.services.leases import JobRun
from apps.studies.domain.planning import SubjectPlan
from apps.studies.domain.readers.package import Package
from apps.studies.domain.rows import Row
from apps.studies.domain.treatments import words_in
from apps.studies.models import ImportedSubject, ImportRun, ImportState, Subject
from apps.studies.selectors.access import require_active
from apps.studies.selectors.blinding import rules_of
from apps.studies.services.checked_lines import keep_serious_refusals, keep_undescribed
from apps.studies.services.enrolling import enrol_subject
from apps.studies.services.import_planning import STUDY_LEVEL, PackagePlan, register_files
from apps.studies.services.import_receipts import close_run, keep_rejected, note_subject, open_receipt
from apps.studies.services.labelling import keep_labels
from apps.studies.services.ledger import lock_subject, record_changes, record_study_changes
from apps.studies.services.receiving import note_files
from apps.studies.services.words import keep_words


def commit_package(
    run: ImportRun, package: Package, job_run: JobRun, *, known_until: Mapping[str, date] | None = None
) -> None:
    """Import every subject that is not in yet; raises JobCancelledError between two subjects when asked to stop.

    Subjects in `known_until` come in as they were known at the end of that day; the rest waits for a replay.
    """
    require_active(run.study)
    # All names before the first record: a file read last may name what the text of the first subject holds.
    if not run.is_from_blinded:
        keep_words(run.study, words_in(package))
    rules = rules_of(run.study)
    numbered_openly = package.numbered_openly(rules)
    file_ids = register_files(run, package, numbered_openly)
    plan = PackagePlan(run, package, rules, numbered_openly, file_ids, known_until or {})
    context = _context(run)
    subjects = package.subject_ids
    known = set(Subject.objects.filter(study=run.study).values_list("subject_id", flat=True))
    with transaction.atomic():
        job_run.fence()
        keep_rejected(run, package, rules, numbered_openly)
        keep_serious_refusals(run, package, rules)
        keep_undescribed(run, package)
        keep_labels(run.study, package)
        note_files(run.study, package.accounts)
        open_receipt(run, package, rules, sorted(known - set(subjects)))
    # Of an import that lost its worker or was tried again: who is in is neither written nor counted twice.
    done = set(ImportedSubject.objects.filter(run=run).values_list("subject_id", flat=True))
    if STUDY_LEVEL not in done:
        _commit_study(run, plan, context, job_run)
    for number, subject_id in enumerate(subjects, start=1):
        if subject_id not in done:
            _commit_subject(run, plan, subject_id, context, job_run)
        # Outside the transaction: here the job learns that it was cancelled, and no subject is left half in.
        job_run.progress(number, len(subjects), f"{number} of {len(subjects)} subjects are in")
    with transaction.atomic():
        job_run.fence()
        close_run(run, ImportState.DONE)


def _context(run: ImportRun) -> WriteContext:
    actor = run.decided_by
    return WriteContext(
        actor_id=actor.pk if actor else None,
        actor=actor.display_name if actor else "operator",
        reason=run.reason,
        source=f"import {run.number}",
        is_reason_open=run.is_reason_open,
        is_writer_blinded=run.is_from_blinded,
    )


def _commit_study(run: ImportRun, plan: PackagePlan, context: WriteContext, job_run: JobRun) -> None:
    with transaction.atomic():
        job_run.fence()
        found = plan.of_study()
        record_study_changes(study=run.study, changes=found.changes, context=context)
        note_subject(run, STUDY_LEVEL, found, plan.numbered_openly)


def _commit_subject(run: ImportRun, plan: PackagePlan, subject_id: str, context: WriteContext, job_run: JobRun) -> None:
    """Whether the subject is known is asked under its lock: somebody may have enrolled it since the files were read."""
    with transaction.atomic():
        job_run.fence()
        rows = plan.rows_of(subject_id)
        known = Subject.objects.filter(study=run.study, subject_id=subject_id).first()
        locked = lock_subject(known or _enrol(run, rows, subject_id))
        # A subject that was enrolled just now has no version, hence no records to compare with.
        found: SubjectPlan = plan.of_subject(subject_id, rows, locked if locked.version else None)
        record_changes(subject=locked, changes=found.changes, context=context)
        note_subject(run, subject_id, found, plan.numbered_openly)


def _enrol(run: ImportRun, rows: list[Row], subject_id: str) -> Subject:
    dm = next((row.values for row in rows if row.domain == "DM"), {})
    # A subject must stand at a site for anybody to see it; a DM that names the real one moves it there.
    site, country = str(dm.get("SITEID", "not recorded")), str(dm.get("COUNTRY", ""))
    return enrol_subject(study=run.study, subject_id=subject_id, site_code=site, country=country)
