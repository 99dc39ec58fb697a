"""A narrative in review, brought there through the services."""

from typing import Any

from apps.accounts.models import User
from apps.compliance.models import Review
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version
from apps.narratives.services.drafting import start_narrative, submit_narrative
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from tests.architecture.portal import run_waiting
from tests.factories import PASSWORD


def verified(subject: Subject, author: User) -> Narrative:
    """A narrative with one verified version."""
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    run_waiting()
    return narrative


def in_review(subject: Subject, author: User) -> Review:
    """The review of a submitted narrative."""
    narrative = verified(subject, author)
    submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    return review_of(narrative)


def review_of(narrative: Narrative) -> Review:
    """The review of the latest version."""
    version = latest_version(narrative)
    assert version is not None
    return version.review


def decision(review: Review, **changes: Any) -> dict[str, Any]:
    """The form of a decision as the page sends it: approve and sign what was shown."""
    form = {"decision": "sign", "meaning": "approval", "password": PASSWORD, "seen_sha256": review.content_sha256}
    return {**form, "reason": "", **changes}
