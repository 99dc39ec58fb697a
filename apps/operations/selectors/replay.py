"""What of a replayed study still waits for its day, and how far a running replay is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min

from apps.core.models import Job, JobState
from apps.studies.domain.principal import Principal
from apps.studies.models import HeldBack, Study, Subject


@dataclass(frozen=True, slots=True)
class ReplayProgress:
    """How many subjects wait, known until between which days; days done and in all of a running replay."""

    waiting: int
    earliest: date | None
    latest: date | None
    state: str
    done: int
    total: int
    label: str
    error: str

    @property
    def is_running(self) -> bool:
        """Whether a replay waits for a worker or runs."""
        return self.state in {JobState.QUEUED, JobState.RUNNING}

    @property
    def has_failed(self) -> bool:
        """Whether the last replay ended with an error and something still waits."""
        return self.state == JobState.FAILED and self.waiting > 0


def replay_progress(principal: Principal, study: Study) -> ReplayProgress:
    """How the replay of a study stands, for the subjects that the reader may see."""
    seen = Subject.objects.visible_to(principal).filter(study=study)
    held = HeldBack.objects.filter(subject__in=seen).aggregate(
        waiting=Count("pk"), earliest=Min("known_until"), latest=Max("known_until")
    )
    job = Job.objects.filter(kind="replay", key=str(study.pk)).order_by("-created_at").first()
    return ReplayProgress(
        waiting=held["waiting"],
        earliest=held["earliest"],
        latest=held["latest"],
        state=job.state if job else "",
        done=job.progress_done if job else 0,
        total=job.progress_total if job else 0,
        label=job.progress_label if job else "",
        error=job.error if job else "",
    )
