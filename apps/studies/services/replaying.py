"""Feeds a study in the order it was collected: one change set per subject and day, through the one door."""

import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.core.domain.context import WriteContext
from apps.core.domain.errors import ConflictError
from apps.core.models import Job
from apps.core.services.jobs import enqueue, waiting_jobs
from apps.core.services.leases import JobRun
from apps.studies.domain.arrival import days_of
from apps.studies.domain.planning import Cut, Existing, plan_subject
from apps.studies.domain.principal import Principal
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import open_source_spec
from apps.studies.domain.replay import moved_only, rows_known_on, values_moved
from apps.studies.domain.rows import Row
from apps.studies.models import HeldBack, SourceFile, Study, Subject
from apps.studies.selectors.access import require, require_active
from apps.studies.selectors.blinding import rules_of
from apps.studies.selectors.records import ALL_RECORDS
from apps.studies.services.ledger import lock_subject, record_changes

DEFAULT_DAYS_PER_SECOND = 5.0
# A replay may take half an hour; other work must not wait for it longer than a turn.
TURN_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 2.0


def start_replay(*, principal: Principal, user: User, study: Study) -> Job:
    """Start feeding what waits; raises ConflictError when nothing does."""
    require(principal, Permission.VIEW, study)
    return queue_replay(study=study, days_per_second=DEFAULT_DAYS_PER_SECOND, user=user)


def queue_replay(*, study: Study, days_per_second: float | None, user: User | None = None) -> Job:
    """Queue the replay of a study; without a speed it runs as fast as it can."""
    require_active(study)
    if not HeldBack.objects.filter(subject__study=study).exists():
        raise ConflictError(f"Study {study.code} is complete; no later data wait.")
    return enqueue(
        kind="replay",
        payload={"study": study.pk, "days_per_second": days_per_second},
        requested_by_id=user.pk if user else None,
        # A second click finds the replay of the first.
        key=str(study.pk),
        scope=study.code,
    )


def run_replay(job_run: JobRun) -> timedelta | None:
    """The job: days in order, on each day the subjects that have something, until nothing waits.

    It leaves its place where the next day is far off or other work waits, and goes on from there later.
    """
    payload, before = job_run.job.payload, job_run.job.progress_done
    study = Study.objects.get(pk=payload["study"])
    packages = _packages(study)
    agenda = _agenda(study, packages)
    turn = _Turn(payload["days_per_second"])
    actor = job_run.job.requested_by
    for number, day in enumerate(sorted(agenda), start=before + 1):
        pause = turn.pause_before(day)
        if pause is not None:
            return pause
        for held in agenda[day]:
            _replay_day(held.subject, packages[held.source], day, _context(day, actor), job_run)
        job_run.progress(number, before + len(agenda), f"collected on {day:%d %b %Y}")
    with transaction.atomic():
        job_run.fence()
        HeldBack.objects.filter(subject__study=study).delete()
    _package.cache_clear()
    return None


def _packages(study: Study) -> Mapping[str, Package]:
    sources = HeldBack.objects.filter(subject__study=study).values_list("source", flat=True).distinct()
    return {source: _package(source, study.protocol_id) for source in sources}


@lru_cache(maxsize=1)
def _package(source: str, study_id: str) -> Package:
    """Kept between the turns of a replay, because reading it takes longer than a turn."""
    return read_package(open_source_spec(source), study_id=study_id)


def _agenda(study: Study, packages: Mapping[str, Package]) -> Mapping[date, list[HeldBack]]:
    agenda: defaultdict[date, list[HeldBack]] = defaultdict(list)
    held_back = HeldBack.objects.filter(subject__study=study).select_related("subject")
    # In the order of their ids, as imports do it: an order of the file, such as by arm, would show in the histories.
    for held in held_back.order_by("subject__subject_id"):
        for day in days_of(packages[held.source].rows_of(held.subject.subject_id)):
            if day > held.known_until:
                agenda[day].append(held)
    return agenda


class _Turn:
    """One stay of a replay with a worker: clinical days at a steady speed, as fast as it can without one."""

    def __init__(self, days_per_second: float | None) -> None:
        self._speed = days_per_second
        self._day: date | None = None
        self._ends = time.monotonic() + TURN_SECONDS

    def pause_before(self, day: date) -> timedelta | None:
        """Wait here for a day that is near; how long to stay away where it is far, or others have waited long."""
        wait = (day - self._day).days / self._speed if self._speed and self._day is not None else 0.0
        if wait > LONGEST_WAIT_SECONDS:
            return timedelta(seconds=wait)
        # At least one day in each turn, or a busy queue would hold a replay for ever where it is.
        if self._day is not None and time.monotonic() > self._ends and waiting_jobs():
            return timedelta(seconds=wait)
        time.sleep(wait)
        self._day = day
        return None


def _replay_day(subject: Subject, package: Package, day: date, context: WriteContext, job_run: JobRun) -> None:
    rows = package.rows_of(subject.subject_id)
    with transaction.atomic():
        job_run.fence()
        locked = lock_subject(subject)
        held = HeldBack.objects.get(subject=locked)
        # Done already: an earlier claim of the job came this far, or past it.
        if held.known_until >= day:
            return
        earlier, later = rows_known_on(rows, held.known_until), rows_known_on(rows, day)
        _write_moved(locked, earlier, later, context)
        held.known_until = day
        held.save(update_fields=["known_until"])


def _write_moved(subject: Subject, earlier: list[Row], later: list[Row], context: WriteContext) -> None:
    """Write only what the day moved, so that a correction made here since is not undone by the past."""
    moved = values_moved(earlier, later)
    current = ALL_RECORDS.current(subject=subject, study=subject.study)
    existing = Existing(current.live, current.withdrawn, current.targets, current.hidden, current.ids)
    files = _file_ids(subject.study)
    cut = Cut(
        study=subject.study.code,
        file_ids={row.file: files[row.file] for row in later},
        keys={},
        secret=settings.RECORD_ID_KEY,
        rules=rules_of(subject.study),
    )
    # No domain is complete: a day brings rows, and what it does not hold was not withdrawn.
    plan = plan_subject(subject.subject_id, later, existing, cut, complete=frozenset())
    names = {pk: name for name, pk in files.items()}
    changes = [
        moved_only(change, moved[names[change.origin.file_id], change.origin.row])
        for change in plan.changes
        if change.origin is not None and (names[change.origin.file_id], change.origin.row) in moved
    ]
    found = [change for change in changes if change is not None]
    record_changes(subject=subject, changes=found, context=context)


def _file_ids(study: Study) -> dict[str, int]:
    return dict(SourceFile.objects.filter(study=study).order_by("pk").values_list("name", "pk"))


def _context(day: date, actor: User | None) -> WriteContext:
    return WriteContext(
        actor_id=actor.pk if actor else None,
        actor=actor.display_name if actor else "operator",
        reason=f"Collected on {day:%d %b %Y}",
        source="replay",
        is_reason_open=True,
    )
