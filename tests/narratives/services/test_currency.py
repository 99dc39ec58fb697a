"""A signed narrative says within one job that the data moved, with old and new value, and that they moved back."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import RequestFactory

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.domain.workflow import Meaning
from apps.compliance.models import Signature
from apps.compliance.services.signing import sign_review
from apps.core.domain.errors import ConflictError, NotAllowedError
from apps.core.models import Job, JobState
from apps.core.services.jobs import run_job, waiting_jobs
from apps.narratives.llm import pipeline
from apps.narratives.llm.pipeline import NarrativeResult, NarrativeState, Safeguards
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.content import latest_version
from apps.narratives.selectors.documents import document_of
from apps.narratives.selectors.evidence import fact_lines
from apps.narratives.services.drafting import refresh_narrative, start_narrative, submit_narrative
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from tests.factories import PASSWORD, SEIZURE, StudyFactory, person, treated_subject, write

pytestmark = pytest.mark.django_db


def run_waiting() -> None:
    """Do what waits, as the worker does."""
    while waiting := waiting_jobs():
        for job_id in waiting:
            run_job(job_id)
    assert not Job.objects.exclude(state=JobState.DONE).exists()


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def author(subject: Subject) -> User:
    return person(Role.SAFETY_AUTHOR, subject.study)


@pytest.fixture
def physician(subject: Subject) -> User:
    return person(Role.SAFETY_PHYSICIAN, subject.study)


@pytest.fixture
def narrative(subject: Subject, author: User) -> Narrative:
    found = start_narrative(principal=principal_of(author), user=author, subject=subject)
    run_waiting()
    return found


def sign(narrative: Narrative, author: User, physician: User) -> Signature:
    version = submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    return sign_review(
        request=RequestFactory().post("/"),
        review=version.review,
        signer=physician,
        password=PASSWORD,
        meaning=Meaning.APPROVAL,
        seen_sha256=version.content_sha256,
    )


def latest(narrative: Narrative) -> NarrativeVersion:
    version = latest_version(narrative)
    assert version is not None
    return version


def test_a_draft_is_verified_and_every_sentence_cites_facts(narrative: Narrative) -> None:
    document = document_of(narrative)
    assert document["state"] == "verified"
    assert document["currency"] == "current"
    assert document["verification"]["supported"] == len(document["sentences"]) > 5
    assert all(fact in document["facts"] for sentence in document["sentences"] for fact in sentence["facts"])
    assert all(sentence["facts"] for sentence in document["sentences"])


def test_no_blinded_value_reaches_the_narrative(narrative: Narrative) -> None:
    assert "MARK" not in str(document_of(narrative))


def test_a_second_request_returns_the_same_narrative(narrative: Narrative, subject: Subject, author: User) -> None:
    assert start_narrative(principal=principal_of(author), user=author, subject=subject).pk == narrative.pk
    assert latest(narrative).number == 1


@pytest.mark.requirement("P11-10g")
def test_the_author_cannot_sign_even_as_superuser(narrative: Narrative, author: User, subject: Subject) -> None:
    author.is_superuser = True
    author.save()
    with pytest.raises(NotAllowedError):
        sign(narrative, author, author)
    person(Role.SAFETY_PHYSICIAN, subject.study)
    both = person(Role.SAFETY_PHYSICIAN, subject.study)
    latest(narrative).review.authors.add(both)
    with pytest.raises(NotAllowedError, match="another person"):
        sign_review(
            request=RequestFactory().post("/"),
            review=latest(narrative).review,
            signer=both,
            password=PASSWORD,
            meaning=Meaning.APPROVAL,
            seen_sha256=latest(narrative).content_sha256,
        )


@pytest.mark.requirement("P11-200a")
def test_a_wrong_password_signs_nothing(narrative: Narrative, author: User, physician: User) -> None:
    version = submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    with pytest.raises(NotAllowedError, match="password"):
        sign_review(
            request=RequestFactory().post("/"),
            review=version.review,
            signer=physician,
            password="not it",
            meaning=Meaning.APPROVAL,
            seen_sha256=version.content_sha256,
        )
    assert not Signature.objects.exists()
    assert latest(narrative).review.state == "in_review"


@pytest.mark.requirement("P11-70")
def test_a_signature_binds_text_facts_and_verification(narrative: Narrative, author: User, physician: User) -> None:
    signature = sign(narrative, author, physician)
    version = latest(narrative)
    assert version.review.state == "signed"
    assert signature.manifest["parts_sha256"] == {
        "text": version.text_sha256,
        "facts": version.facts_sha256,
        "verification": version.verification_sha256,
    }
    assert document_of(narrative)["signatures"][0]["is_intact"] is True


def test_a_changed_cited_value_makes_signed_text_stale_and_the_old_value_makes_it_current_again(
    narrative: Narrative, author: User, physician: User, subject: Subject
) -> None:
    sign(narrative, author, physician)
    write(subject, ("AE", {"AESPID": "E01", "AEOUT": "RECOVERED/RESOLVED WITH SEQUELAE"}), reason="Query 7 answered")
    run_waiting()
    stale = document_of(narrative)
    assert (stale["state"], stale["currency"]) == ("signed", "stale_cited")
    reason = next(item for item in stale["staleness"] if item["name"].endswith("outcome"))
    assert (reason["old"], reason["new"]) == ("RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE")
    assert reason["source"]["record"].startswith("AE/")
    write(subject, ("AE", {"AESPID": "E01", "AEOUT": SEIZURE["AEOUT"]}), reason="Query 7 withdrawn")
    run_waiting()
    assert document_of(narrative)["currency"] == "current"
    turns = latest(narrative).currency_changes.values_list("from_value", "to_value")
    assert list(turns) == [("current", "stale_cited"), ("stale_cited", "current")]
    assert document_of(narrative)["signatures"][0]["is_intact"] is True


def test_a_new_serious_event_is_an_omission(
    narrative: Narrative, author: User, physician: User, subject: Subject
) -> None:
    sign(narrative, author, physician)
    syncope = {**SEIZURE, "AESPID": "E02", "AETERM": "SYNCOPE", "AEDECOD": "SYNCOPE", "AESTDTC": "2013-06-20"}
    write(subject, ("AE", {**syncope, "AEENDTC": "2013-06-21", "AEDTC": "2013-06-21"}))
    run_waiting()
    stale = document_of(narrative)
    assert any(item["kind"] == "omission" for item in stale["staleness"])
    assert stale["currency"] in {"stale_omission", "stale_cited"}


def test_an_equal_value_in_another_spelling_changes_nothing(
    narrative: Narrative, author: User, physician: User, subject: Subject
) -> None:
    sign(narrative, author, physician)
    write(subject, ("AE", {"AESPID": "E01", "AEOUT": "Recovered/Resolved"}))
    run_waiting()
    assert document_of(narrative)["currency"] == "current"


def test_a_refresh_keeps_unaffected_sentences_and_needs_a_new_signature(
    narrative: Narrative, author: User, physician: User, subject: Subject
) -> None:
    sign(narrative, author, physician)
    before = [sentence["text"] for sentence in document_of(narrative)["sentences"]]
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    run_waiting()
    refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)
    run_waiting()
    after = document_of(narrative)
    texts = [sentence["text"] for sentence in after["sentences"]]
    assert (after["version"], after["state"], after["currency"]) == (2, "verified", "current")
    assert len(set(before) & set(texts)) >= len(before) - 2
    assert texts != before
    assert narrative.versions.get(number=1).review.state == "signed"
    narrative.refresh_from_db()
    sign(narrative, author, physician)
    assert narrative.versions.get(number=1).review.state == "superseded"
    assert len(document_of(narrative)["signatures"]) == 2


def test_a_current_text_needs_no_refresh(narrative: Narrative, author: User) -> None:
    with pytest.raises(ConflictError, match="nothing to refresh"):
        refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)


def test_stale_text_cannot_be_signed(narrative: Narrative, author: User, physician: User, subject: Subject) -> None:
    version = submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    with pytest.raises(ConflictError, match="nothing was signed"):
        sign_review(
            request=RequestFactory().post("/"),
            review=version.review,
            signer=physician,
            password=PASSWORD,
            meaning=Meaning.APPROVAL,
            seen_sha256=version.content_sha256,
        )
    assert not Signature.objects.exists()


def test_a_reason_names_the_revision_that_set_the_value_and_not_the_last_of_the_record(
    narrative: Narrative, subject: Subject
) -> None:
    """After a later edit of another variable, whoever made that one was named as the one who changed the causality."""
    first, second = (person(Role.DATA_MANAGER, subject.study, printed_name=name) for name in ("Ana One", "Bo Two"))
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}), user=first, reason="Query 1")
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE", "AELOC": "ARM"}), user=second, reason="Query 2")
    run_waiting()
    (reason,) = document_of(narrative)["staleness"]
    assert (reason["old_text"], reason["new_text"]) == ("not related", "probable")
    assert reason["source"]["actor"] == "Ana One"
    write(subject, ("AE", {**SEIZURE, "AEREL": "POSSIBLE", "AELOC": "ARM"}), user=second, reason="Query 3")
    run_waiting()
    (reason,) = document_of(narrative)["staleness"]
    assert (reason["new_text"], reason["source"]["actor"]) == ("possible", "Bo Two")
    version = latest(narrative)
    number = next(index for index, item in enumerate(version.sentences) if "not related" in item["text"]) + 1
    causality = next(line for line in fact_lines(version, number) if line.name.endswith("causality"))
    assert causality.origin is not None
    assert causality.origin.actor == "Bo Two"


def test_what_a_relation_takes_along_is_counted_and_only_the_relation_is_told(
    narrative: Narrative, subject: Subject
) -> None:
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL", "AEENDTC": None}), ("DM", {"DTHFL": "Y"}))
    run_waiting()
    currency = latest(narrative).currency
    told = [reason.name for reason in currency.told]
    assert told[0] == "Death"
    assert len(told) < len(currency.reasons)
    assert [item["name"] for item in document_of(narrative)["staleness"]] == told


def test_a_turn_names_the_change_set_that_set_it_off(narrative: Narrative, subject: Subject) -> None:
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}))
    run_waiting()
    turn = latest(narrative).currency_changes.get()
    assert turn.change_set is not None
    assert (turn.change_set.subject, turn.change_set.number) == (subject, subject.version)
    assert (turn.from_value, turn.to_value) == ("current", "stale_cited")


def test_a_text_that_fails_its_check_is_blocked_with_the_reasons_and_cannot_be_submitted(
    subject: Subject, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = pipeline.write_narrative
    asked: list[Safeguards] = []

    def failing(*args: Any, **details: Any) -> NarrativeResult:
        asked.append(details["safeguards"])
        return replace(honest(*args, **details), state=NarrativeState.BLOCKED, reasons=("V_VALUE", "V_CITE"))

    write(subject, ("EX", {"EXTRT": "ZOLPAXIN", "EXDOSE": 5, "EXSTDTC": "2013-04-26"}))
    monkeypatch.setattr(pipeline, "write_narrative", failing)
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    document = document_of(narrative)
    assert (document["version"], document["facts"], document["staleness"]) == (0, {}, [])
    assert document["sentences"] == []
    run_waiting()
    version = latest(narrative)
    assert version.review.state == "blocked"
    assert version.review.transitions.get().reason == "V_VALUE\nV_CITE"
    assert document_of(narrative)["twin_version"] == version.twin_version
    with pytest.raises(ConflictError):
        submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    assert "ZOLPAXIN" in {name.upper() for name in asked[0].forbidden}
