"""Only a second person with the role moves a review on; every step stays in its history."""

import pytest

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.domain.workflow import AUTHOR_REFUSED, Step
from apps.compliance.models import Review, ReviewTransition
from apps.compliance.services.reviewing import move_review, why_not
from apps.core.domain.errors import ConflictError, NotAllowedError
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from tests.compliance.reviews import in_review, review_of, verified
from tests.factories import SiteFactory, StudyFactory, UserFactory, client_account, person, treated_subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def author(subject: Subject) -> User:
    return person(Role.SAFETY_AUTHOR, subject.study)


@pytest.fixture
def review(subject: Subject, author: User) -> Review:
    return in_review(subject, author)


def test_every_step_is_kept_with_who_when_and_why(subject: Subject, review: Review, author: User) -> None:
    physician = person(Role.SAFETY_PHYSICIAN, subject.study, printed_name="Amara Okafor, MD")
    move_review(review=review, step=Step.REQUEST_CHANGES, actor=physician, reason="Say the dose", anchor=3)
    steps = ReviewTransition.objects.filter(review=review).values_list("step", "from_state", "to_state", "actor_name")
    assert list(steps) == [
        ("pass_check", "draft", "verified", author.display_name),
        ("submit", "verified", "in_review", author.display_name),
        ("request_changes", "in_review", "changes_requested", "Amara Okafor, MD"),
    ]
    last = review.transitions.order_by("pk").last()
    assert last is not None
    assert (last.reason, last.anchor) == ("Say the dose", 3)


@pytest.mark.requirement("P11-10a")
def test_the_history_of_a_review_is_neither_changed_nor_deleted(review: Review) -> None:
    with pytest.raises(NotAllowedError, match="never changed"):
        ReviewTransition.objects.filter(review=review).update(reason="")
    with pytest.raises(NotAllowedError, match="never deleted"):
        ReviewTransition.objects.filter(review=review).delete()


@pytest.mark.parametrize(
    ("role", "step"),
    [
        (Role.MEDICAL_MONITOR, Step.SIGN),
        (Role.SAFETY_AUTHOR, Step.REJECT),
        (Role.AUDITOR, Step.REQUEST_CHANGES),
        (Role.DATA_MANAGER, Step.SIGN),
    ],
)
def test_a_step_needs_the_role_for_it(subject: Subject, review: Review, role: Role, step: Step) -> None:
    other = person(role, subject.study)
    with pytest.raises(NotAllowedError, match="role in study"):
        move_review(review=review, step=step, actor=other, reason="A reason")
    refused = why_not(review=review, step=step, principal=principal_of(other), user=other)
    assert refused is not None
    assert "Your role does not include" in refused


def test_a_role_elsewhere_or_being_superuser_is_no_right(subject: Subject, review: Review) -> None:
    others = [
        person(Role.SAFETY_PHYSICIAN, StudyFactory()),
        person(Role.SAFETY_PHYSICIAN, subject.study, site=SiteFactory(study=subject.study)),
        UserFactory(is_superuser=True, is_staff=True),
    ]
    for user in others:
        with pytest.raises(NotAllowedError):
            move_review(review=review, step=Step.SIGN, actor=user)
    review.refresh_from_db()
    assert review.state == "in_review"


@pytest.mark.requirement("P11-10g")
def test_an_author_is_refused_whatever_else_they_are(review: Review, subject: Subject) -> None:
    both = person(Role.SAFETY_PHYSICIAN, subject.study, is_superuser=True)
    review.authors.add(both)
    for step in (Step.SIGN, Step.REQUEST_CHANGES, Step.REJECT):
        with pytest.raises(NotAllowedError, match="another person"):
            move_review(review=review, step=step, actor=both, reason="A reason")
    assert why_not(review=review, step=Step.SIGN, principal=principal_of(both), user=both) == AUTHOR_REFUSED


def test_a_service_account_never_decides(subject: Subject, review: Review) -> None:
    account = person(Role.SAFETY_PHYSICIAN, subject.study, is_service_account=True)
    with pytest.raises(NotAllowedError, match="a person must"):
        move_review(review=review, step=Step.SIGN, actor=account)


def test_a_service_account_may_draft_and_submit(subject: Subject) -> None:
    account = client_account(subject.study)
    assert in_review(subject, account).state == "in_review"


def test_a_step_out_of_turn_is_a_conflict(subject: Subject, author: User) -> None:
    review = review_of(verified(subject, author))
    physician = person(Role.SAFETY_PHYSICIAN, subject.study)
    with pytest.raises(ConflictError, match="must be in review"):
        move_review(review=review, step=Step.SIGN, actor=physician)
    assert why_not(review=review, step=Step.SIGN, principal=principal_of(physician), user=physician)
