"""Makes what is kept of a twin again from its ledger: snapshots, and its line in lists. Nothing is lost by it."""

import logging

from django.db import InterfaceError, OperationalError, transaction

from apps.studies.domain.audience import Audience
from apps.studies.models import Subject
from apps.studies.selectors.integrity import LedgerCheck
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin
from apps.twins.models import TwinSnapshot
from apps.twins.selectors.subjects import without_line
from apps.twins.selectors.twins import forget_read_twins, load_twin
from apps.twins.services.evolving import save_line
from apps.twins.services.snapshots import keep_snapshots

logger = logging.getLogger(__name__)

# So many subjects a round of the watch.
MOST_HEALED = 20


def heal_lines() -> None:
    """Sum up again a few subjects whose line is lost or of an earlier definition, until none is left.

    One that cannot be summed up stays without a line, as pages say; the log names it, and the others go on.
    """
    healed = 0
    for subject_pk in list(without_line(Subject.objects.order_by("pk")).values_list("pk", flat=True)):
        # Those that fail are not counted: they come first in every round, and would keep the others off for ever.
        healed += _is_healed(subject_pk)
        if healed == MOST_HEALED:
            return


def _is_healed(subject_pk: int) -> bool:
    try:
        _heal(subject_pk)
    except (OperationalError, InterfaceError):
        # The trouble is that of the database, and every other subject would meet it too.
        raise
    except Exception as error:
        # By its key: neither the id of a subject nor the words of an error belong in a log.
        logger.warning("line_not_healed subject=%s error=%s", subject_pk, type(error).__name__)
        return False
    return True


def _heal(subject_pk: int) -> None:
    with transaction.atomic():
        # Without `of` PostgreSQL would lock the joined row of the study too, and with it hold up other subjects.
        locked = Subject.objects.select_for_update(of=("self",)).select_related("study").get(pk=subject_pk)
        save_line(locked.pk, load_twin(locked, Audience.UNBLINDED, locked.version))


def rebuild_twin(*, subject_pk: int) -> None:
    """Fold one subject's ledger from its beginning, under the lock of the subject; all of it or nothing."""
    with transaction.atomic():
        subject = Subject.objects.select_for_update(of=("self",)).select_related("study").get(pk=subject_pk)
        TwinSnapshot.objects.filter(subject=subject).delete()
        twin, factory = Twin(subject.subject_id), DigitalTwinFactory()
        for step in LedgerCheck(subject.study, subject).steps():
            factory.evolve(twin, step.changes)
            keep_snapshots(subject, step.change_set, twin)
        save_line(subject.pk, twin)
        transaction.on_commit(forget_read_twins)
