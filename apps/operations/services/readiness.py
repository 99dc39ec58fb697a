"""Whether the first data of a demonstration are still on their way in."""

from apps.core.models import Job, JobState

LOADING = "demo-load"


def is_loading() -> bool:
    """Whether a first load waits or runs; readiness waits for it."""
    # One that was given up counts: a part of the study would be called ready.
    return Job.objects.filter(kind=LOADING, state__in=[JobState.QUEUED, JobState.RUNNING, JobState.FAILED]).exists()
