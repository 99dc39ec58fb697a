"""Text that is not what was signed says so wherever its signature stands: nothing compares two stored hashes."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.models import Review, ReviewTransition, Signature
from apps.core.domain.errors import ConflictError, PreconditionFailedError
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.content import content_of_version, latest_version
from apps.narratives.selectors.documents import document_of, narrative_rows
from apps.narratives.selectors.integrity import narrative_faults
from apps.narratives.services.drafting import refresh_narrative, submit_narrative
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import in_review, sign, signed_review, verified
from tests.factories import StudyFactory, person, treated_subject
from tests.history import plain, rewritable

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10a"), pytest.mark.requirement("P11-70")]
Forgery = Callable[[], object]


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def author(subject: Subject) -> User:
    return person(Role.SAFETY_AUTHOR, subject.study)


@pytest.fixture
def review(subject: Subject, author: User) -> Review:
    return signed_review(subject, author)


@pytest.fixture
def narrative(review: Review) -> Narrative:
    return Narrative.objects.get(pk=review.content_id)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def rewrite(column: str, was: str, now: str) -> None:
    """One word of a stored version becomes another, as with a `REPLACE` past the triggers."""
    with rewritable("narratives_narrativeversion"):
        row = plain(NarrativeVersion).values("pk", column).get()
        stored = json.dumps(row[column])
        assert was in stored
        plain(NarrativeVersion).filter(pk=row["pk"]).update(**{column: json.loads(stored.replace(was, now))})


def forge(model: type, **columns: object) -> None:
    with rewritable(model._meta.db_table):
        plain(model).update(**columns)


def forget_the_step() -> None:
    with rewritable("compliance_reviewtransition"):
        plain(ReviewTransition).filter(step="sign").delete()


def rehashed() -> None:
    """A careful forger: text and every hash beside it are rewritten, the manifest is not."""
    rewrite("sentences", "woman", "woMan")
    content = content_of_version(NarrativeVersion.objects.get())
    forge(NarrativeVersion, text_sha256=content.text_sha256, content_sha256=content.content_sha256)
    forge(Review, content_sha256=content.content_sha256)
    forge(Signature, content_sha256=content.content_sha256)


FORGERIES: dict[str, tuple[Forgery, str]] = {
    "text": (lambda: rewrite("sentences", "woman", "woMan"), "the text"),
    "facts": (lambda: rewrite("facts", "2013-06-02", "2013-06-03"), "the facts"),
    "verification": (lambda: rewrite("verification", '["supported"', '["contradicted"'), "the verification"),
    "text with its hashes": (rehashed, "the text"),
    "name of the signer": (lambda: forge(Signature, printed_name="Somebody Else"), "printed name"),
    "meaning": (lambda: forge(Signature, meaning="medical review"), "meaning"),
    "manifest": (lambda: forge(Signature, manifest={"data_version": 1}), "manifest"),
    "manifest without anything": (lambda: forge(Signature, manifest={}), "manifest"),
    "manifest that is no manifest": (lambda: forge(Signature, manifest=[1]), "manifest"),
    "version of the data that is none": (lambda: forge(Signature, manifest={"data_version": "<b>"}), "manifest"),
    "version of the data beyond all": (lambda: forge(Signature, manifest={"data_version": 2**70}), "manifest"),
    "number beyond all": (lambda: rewrite("facts", '"value": 69', f'"value": {2**70}'), "the facts"),
    "step": (forget_the_step, "No step of the review"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_signature_or_text_is_not_called_intact(narrative: Narrative, name: str) -> None:
    assert document_of(narrative)["is_intact"] is True
    forgery, told = FORGERIES[name]
    forgery()
    narrative.refresh_from_db()
    document = document_of(narrative)
    assert document["is_intact"] is False
    assert told in " ".join(document["why_not_intact"])
    assert document["currency"] == "altered"
    assert document["signatures"][0]["is_intact"] is False
    assert told in " ".join(document["signatures"][0]["why_not_intact"])


@pytest.mark.parametrize("name", FORGERIES)
def test_no_forgery_takes_a_list_of_its_study_away(
    narrative: Narrative, review: Review, subject: Subject, author: User, name: str
) -> None:
    FORGERIES[name][0]()
    code, machine = subject.study.code, person(Role.INTEGRATOR, subject.study)
    for page in (f"/studies/{code}/narratives/", f"/studies/{code}/subjects/", "/"):
        assert browser(author).get(page).status_code == 200, page
    own = f"/studies/{code}/narratives/{narrative.pk}/"
    for user in (author, machine):
        answer = browser(user).get(own)
        assert answer.status_code == 200
        assert "currency--altered" in answer.content.decode()
    physician = browser(person(Role.SAFETY_PHYSICIAN, subject.study))
    assert physician.get(f"/admin/compliance/review/{review.pk}/decide/").status_code == 200


def test_one_replace_on_sqlite_no_longer_forges_a_signed_narrative(narrative: Narrative) -> None:
    before = document_of(narrative)
    assert before["currency"] == "current"
    assert before["signatures"][0]["is_intact"] is True
    rewrite("sentences", "woman", "man")
    assert document_of(narrative)["currency"] != "current"


def test_every_page_on_which_the_signature_stands_says_so(
    narrative: Narrative, review: Review, subject: Subject, author: User
) -> None:
    code, auditor = subject.study.code, person(Role.AUDITOR, subject.study)
    pages = {
        f"/studies/{code}/narratives/{narrative.pk}/": author,
        f"/studies/{code}/narratives/{narrative.pk}/document/": author,
        f"/studies/{code}/narratives/{narrative.pk}/compare/": author,
        f"/studies/{code}/narratives/": author,
        f"/studies/{code}/subjects/": author,
        f"/studies/{code}/subjects/{subject.subject_id}/narrative/": author,
        "/admin/compliance/review/": person(Role.MEDICAL_MONITOR, subject.study),
        f"/admin/compliance/review/{review.pk}/decide/": person(Role.SAFETY_PHYSICIAN, subject.study),
        "/": auditor,
    }
    for page, user in pages.items():
        assert "currency--altered" not in browser(user).get(page).content.decode(), page
    rewrite("sentences", "woman", "woMan")
    for page, user in pages.items():
        answer = browser(user).get(page)
        assert answer.status_code == 200, page
        assert "currency--altered" in answer.content.decode(), page
        assert "currency--current" not in answer.content.decode(), page


def test_an_altered_draft_is_neither_submitted_nor_signed(subject: Subject, author: User) -> None:
    narrative = verified(subject, author)
    rewrite("sentences", "woman", "woMan")
    with pytest.raises(ConflictError, match="not what was written"):
        submit_narrative(principal=principal_of(author), user=author, narrative=narrative)


def test_what_was_altered_in_review_is_not_signed(subject: Subject, author: User) -> None:
    review = in_review(subject, author)
    rewrite("facts", "2013-06-02", "2013-06-03")
    with pytest.raises(PreconditionFailedError):
        sign(review, person(Role.SAFETY_PHYSICIAN, subject.study))
    assert not Signature.objects.exists()


def test_a_refreshed_draft_takes_no_sentence_from_altered_text(narrative: Narrative, author: User) -> None:
    true = [item["text"] for item in NarrativeVersion.objects.get().sentences]
    rewrite("sentences", "woman", "woMan")
    refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)
    run_waiting()
    latest = latest_version(narrative)
    assert latest is not None
    assert (latest.number, [item["text"] for item in latest.sentences]) == (2, true)


def test_lists_are_hashed_in_a_number_of_queries_that_does_not_grow(review: Review, author: User) -> None:
    def queries() -> int:
        narratives = list(Narrative.objects.select_related("subject"))
        with CaptureQueriesContext(connection) as captured:
            narrative_rows(narratives)
        return len(captured)

    one = queries()
    for _ in range(2):
        signed_review(treated_subject(review.study), author)
    assert queries() == one


def test_what_is_as_it_was_written_has_no_faults(review: Review) -> None:
    assert narrative_faults(Narrative.objects.values_list("pk", flat=True)) == {}


@pytest.mark.parametrize(("column", "key"), [("sentences", '"text"'), ("facts", '"role"'), ("verification", '"code"')])
def test_what_cannot_be_read_is_said_on_its_page_and_breaks_no_other(
    narrative: Narrative, subject: Subject, author: User, column: str, key: str
) -> None:
    code, page = subject.study.code, f"/studies/{subject.study.code}/narratives/{narrative.pk}/"
    if column == "verification":
        finding = {"sentence": 0, "span": None, "severity": "note", "expected": "a", "found": "b"}
        report = plain(NarrativeVersion).values_list("verification", flat=True).get()
        forge(NarrativeVersion, verification={**report, "findings": [finding]})
    else:
        rewrite(column, key, f'"forged-{key[1:]}')
    answer = browser(author).get(page, {"sentence": 1})
    assert answer.status_code == 422
    assert f"{key[1:-1]}: missing" in answer.content.decode()
    for other in (f"/studies/{code}/narratives/", f"/studies/{code}/subjects/", "/"):
        assert browser(author).get(other).status_code == 200
