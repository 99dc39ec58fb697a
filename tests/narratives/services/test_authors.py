"""Who wrote any version of a narrative decides on none that came of it (21 CFR 11.10(g))."""

import pytest

from apps.accounts.domain.roles import Role
from apps.compliance.domain.workflow import Step
from apps.compliance.services.reviewing import move_review
from apps.core.domain.errors import NotAllowedError
from apps.narratives.models import Narrative
from apps.narratives.services.drafting import refresh_narrative, submit_narrative
from apps.studies.selectors.access import principal_of
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import in_review, review_of
from tests.factories import StudyFactory, person, treated_subject, write

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10g")]


def test_the_author_of_an_earlier_version_does_not_approve_a_refreshed_draft() -> None:
    study = StudyFactory()
    subject = treated_subject(study)
    first, second = (person(Role.SAFETY_AUTHOR, study) for _ in range(2))
    in_review(subject, first)
    narrative = Narrative.objects.get(subject=subject)
    write(subject, ("AE", {"AESPID": "E01", "AEOUT": "FATAL"}))
    refresh_narrative(principal=principal_of(second), user=second, narrative=narrative)
    run_waiting()
    submit_narrative(principal=principal_of(second), user=second, narrative=narrative)
    review = review_of(narrative)
    assert set(review.authors.all()) == {first, second}
    first.groups.set(person(Role.SAFETY_PHYSICIAN, study).groups.all())
    for step in (Step.REQUEST_CHANGES, Step.REJECT, Step.SIGN):
        with pytest.raises(NotAllowedError, match="You wrote this version"):
            move_review(review=review, step=step, actor=first, reason="Seen")
