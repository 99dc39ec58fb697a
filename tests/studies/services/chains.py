"""What the shipped check says of the hash chains of a subject."""

from apps.core.domain.context import WriteContext
from apps.core.domain.integrity import Part
from apps.studies.models import Subject
from apps.studies.selectors.integrity import LedgerCheck
from tests.factories import context


def chain_breaks(subject: Subject) -> list[int | None]:
    """Numbers of the change sets whose link is not what their content and the link before make."""
    check = LedgerCheck(subject.study, Subject.objects.get(pk=subject.pk))
    for _step in check.steps():
        pass
    return [found.version for found in check.breaks if found.part is Part.LEDGER]


def said(reason: str) -> WriteContext:
    """A write by the operator with this reason."""
    return context(reason=reason)
