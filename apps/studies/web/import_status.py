"""Where an import stands, as a page says it; a job that was lost or cancelled early speaks for its run."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.core.models import JobState
from apps.studies.domain.audience import Audience
from apps.studies.domain.import_accounts import RECEIPTS
from apps.studies.models import ImportRun, ImportState
from apps.studies.selectors.imports import error_for, shown_error

UNDER_WAY = (ImportState.CHECKING, ImportState.IMPORTING)
BROKEN_OFF = (ImportState.REFUSED, ImportState.FAILED, ImportState.CANCELLED)


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """State in effect, its words and mark, the step of four it belongs to, and what went wrong."""

    state: ImportState
    label: str
    mark: str
    step: int
    error: str
    is_dry_run: bool

    @property
    def is_running(self) -> bool:
        """Whether the page should ask again."""
        return self.state in UNDER_WAY

    @property
    def is_broken_off(self) -> bool:
        """Whether it ended before it was done."""
        return self.state in BROKEN_OFF


def status_of(run: ImportRun, audience: Audience) -> ImportStatus:
    """How a run stands; a run whose job ended without it counts as the job does."""
    state, error = ImportState(run.state), error_for(run, audience)
    if state in UNDER_WAY and run.job is not None and run.job.state in {JobState.FAILED, JobState.CANCELLED}:
        is_failed = run.job.state == JobState.FAILED
        state, error = (ImportState.FAILED, run.job.error) if is_failed else (ImportState.CANCELLED, "")
        error = shown_error(run, error, audience)
    return ImportStatus(state, _label(state, run), _mark(state), _step(state, run), error, run.is_dry_run)


def _label(state: ImportState, run: ImportRun) -> str:
    if state == ImportState.CHECKED:
        return _("dry run, nothing written") if run.is_dry_run else _("waiting to be confirmed")
    return str(state.label)


def _mark(state: ImportState) -> str:
    """The look of the state mark."""
    marks = {
        ImportState.CHECKING: "in_review",
        ImportState.IMPORTING: "in_review",
        ImportState.CHECKED: "draft",
        ImportState.DONE: "signed",
        ImportState.REFUSED: "blocked",
        ImportState.FAILED: "blocked",
    }
    return marks.get(state, "withdrawn")


def _step(state: ImportState, run: ImportRun) -> int:
    """Where a run is, or where it was broken off: before its receipt was begun it was being checked."""
    steps = {ImportState.CHECKING: 2, ImportState.CHECKED: 2, ImportState.DISCARDED: 2, ImportState.IMPORTING: 3}
    if state in BROKEN_OFF:
        return 2 if RECEIPTS.read(run.receipt).vanished is None else 3
    return steps.get(state, 4)
