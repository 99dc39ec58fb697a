"""Drafts and renews narratives: the request at once, the writing in a job, the result as an immutable version."""

from django.db import transaction

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.compliance.domain.workflow import ReviewState, Step
from apps.compliance.services.reviewing import Document, move_review, open_review
from apps.core.domain.errors import ConflictError, InvalidInputError, NotAllowedError
from apps.core.models import Job, JobState
from apps.core.services.jobs import enqueue
from apps.core.services.leases import JobRun
from apps.narratives.domain.content import Content
from apps.narratives.models import Currency, Narrative, NarrativeVersion
from apps.narratives.selectors.content import content_of_version, latest_version
from apps.narratives.selectors.facts import facts_of
from apps.narratives.selectors.integrity import faults_of
from apps.narratives.selectors.terms import study_terms, treatment_names
from apps.narratives.selectors.worklist import due_to_draft, is_due
from apps.narratives.services.checking import check_version
from apps.studies.domain.audience import Audience
from apps.studies.domain.panels import NARRATIVE
from apps.studies.domain.principal import Principal
from apps.studies.models import ChangeSet, Study, Subject
from apps.studies.selectors.access import require, require_active
from apps.twins.services.announcing import announce_overlay

KIND = "safety narrative"
DRAFT_JOB = "draft-narrative"
# A text that was blocked, sent back or rejected may be written anew although the data did not move.
WRITTEN_ANEW = frozenset({ReviewState.BLOCKED, ReviewState.CHANGES_REQUESTED, ReviewState.WITHDRAWN})
MOST_AT_ONCE = 200
MOST_REASON = 2000


def start_narrative(*, principal: Principal, user: User, subject: Subject, reason: str = "") -> Narrative:
    """The narrative of a subject, created and queued for drafting when there is none yet.

    `reason` says why one is written that no rule asks for; where a rule does, it is not kept. Raises NotAllowedError
    without the right or in a study that takes no changes, InvalidInputError where a reason is needed and missing.
    """
    require(principal, Permission.DRAFT_NARRATIVE, subject.study, subject.site_id)
    require_active(subject.study)
    with transaction.atomic():
        # Locked, so that of two requests at once one queues the draft.
        narrative = Narrative.objects.select_for_update(of=("self",)).filter(subject=subject, kind="safety").first()
        if narrative is None:
            narrative = _begin(principal, user, subject, reason.strip())
        if latest_version(narrative) is None and not is_drafting(narrative):
            _queue(narrative, user)
    return narrative


def _begin(principal: Principal, user: User, subject: Subject, reason: str) -> Narrative:
    due = is_due(subject)
    if not due and not reason:
        raise InvalidInputError(
            f"No rule asks for a narrative of {subject.subject_id}: no death, no serious event, no end for an event. "
            "Say in `reason` why one is written."
        )
    if len(reason) > MOST_REASON:
        raise InvalidInputError(f"The reason has {len(reason):,} characters; it may have {MOST_REASON:,}.")
    audience = principal.audience(subject.study_id, is_blinded=subject.study.is_blinded)
    # Of two who ask at once the second finds what the first made.
    narrative, _is_new = Narrative.objects.get_or_create(
        subject=subject,
        kind="safety",
        defaults={
            "study": subject.study,
            "created_by": user,
            "reason": "" if due else reason,
            # As of every stated reason: what somebody unblinded writes may name a treatment.
            "is_reason_open": due or audience is Audience.BLINDED,
        },
    )
    return narrative


def start_due(*, principal: Principal, user: User, study: Study) -> int:
    """Queue the first draft of every narrative that is due and was not begun; how many were queued.

    Raises NotAllowedError where the user may draft none of them; so many at a time (`MOST_AT_ONCE`).
    """
    require_active(study)
    if not principal.may_anywhere(Permission.DRAFT_NARRATIVE, study.pk):
        raise NotAllowedError("Your role does not include: draft narrative.")
    due = due_to_draft(principal, study).select_related("study", "site")[:MOST_AT_ONCE]
    for subject in due:
        start_narrative(principal=principal, user=user, subject=subject)
    return len(due)


def refresh_narrative(*, principal: Principal, user: User, narrative: Narrative) -> Narrative:
    """Queue a new version from the data of now; sentences whose facts did not change stay as they are.

    Raises ConflictError while a draft is being written, or when the text is current and needs nothing.
    """
    subject = narrative.subject
    require(principal, Permission.DRAFT_NARRATIVE, subject.study, subject.site_id)
    require_active(subject.study)
    with transaction.atomic():
        locked = Narrative.objects.select_for_update(of=("self",)).select_related("job").get(pk=narrative.pk)
        if is_drafting(locked):
            raise ConflictError("This narrative is being written at this moment. Wait for the draft.")
        _require_need(locked)
        _queue(locked, user)
    return locked


def submit_narrative(
    *, principal: Principal, user: User, narrative: Narrative, number: int | None = None
) -> NarrativeVersion:
    """Send the latest version to review; raises ConflictError unless it is verified, current and the one named.

    `number` is the version that was read: nobody submits a text that was written behind their back. A client that
    names none takes the latest as it is.
    """
    subject = narrative.subject
    require(principal, Permission.DRAFT_NARRATIVE, subject.study, subject.site_id)
    require_active(subject.study)
    version = latest_version(narrative)
    if version is None:
        raise ConflictError("There is no draft to submit yet.")
    if number not in {None, version.number}:
        raise ConflictError(f"The latest version is {version.number}, not {number}. Read it, then submit it.")
    if faults := faults_of(version):
        raise ConflictError(f"The text is not what was written; refresh the draft. {faults[0]}")
    # Asked now: the stored answer may be about an earlier version of the data.
    if check_version(version, None).value != "current":
        raise ConflictError("The data moved since this version was written. Refresh the draft, then submit it.")
    move_review(review=version.review, step=Step.SUBMIT, actor=user)
    return version


def is_drafting(narrative: Narrative) -> bool:
    """Whether a draft is waiting or being written."""
    return narrative.job is not None and narrative.job.state in {JobState.QUEUED, JobState.RUNNING}


def _require_need(narrative: Narrative) -> None:
    version = latest_version(narrative)
    if version is None or version.review.state in WRITTEN_ANEW:
        return
    if check_version(version, None).value == "current" and not faults_of(version):
        raise ConflictError("The text agrees with the data; there is nothing to refresh.")


def _queue(narrative: Narrative, user: User) -> Job:
    narrative.job = enqueue(
        kind=DRAFT_JOB,
        payload={"narrative": str(narrative.pk), "user": user.pk},
        requested_by_id=user.pk,
        key=str(narrative.pk),
        scope=narrative.study.code,
    )
    narrative.save(update_fields=["job"])
    return narrative.job


def run_draft(job_run: JobRun) -> None:
    """The job: facts of the blinded twin, plan, draft, check, repair, and one new version."""
    # LangChain costs a second to import; only the process that writes pays it.
    from apps.narratives.llm.models import configured_model, writer_limits  # noqa: PLC0415
    from apps.narratives.llm.pipeline import Safeguards, write_narrative  # noqa: PLC0415

    narrative = Narrative.objects.select_related("subject__study", "subject__site").get(
        pk=job_run.job.payload["narrative"]
    )
    author = User.objects.get(pk=job_run.job.payload["user"])
    subject, before = narrative.subject, latest_version(narrative)
    # Blinded whoever asks, because every role reads narratives. One version throughout: data move while it writes.
    twin_version = subject.version_for(Audience.BLINDED)
    job_run.progress(0, 1, "Reading the facts")
    result = write_narrative(
        facts_of(subject, twin_version),
        configured_model(),
        # A sentence is kept only from a version that is what was written.
        previous=content_of_version(before) if before is not None and not faults_of(before) else None,
        limits=writer_limits(),
        safeguards=Safeguards(study_terms(narrative.study), treatment_names(narrative.study)),
    )
    with transaction.atomic():
        # First in the transaction: a worker that lost its claim must not write a second version.
        job_run.fence()
        version = _write_version(narrative, author, result.content, result.provenance.as_json(), twin_version)
        step = Step.PASS_CHECK if result.state == "verified" else Step.FAIL_CHECK
        move_review(review=version.review, step=step, actor=author, reason="\n".join(result.reasons))
        _retire(before, author, version)
        # Writing took time: data may have moved since the facts were read, and this says so at once.
        check_version(version, None)


def announce_draft(job: Job) -> None:
    """The draft of a narrative began, ended or was given up: who sees its subject looks again."""
    if job.kind == DRAFT_JOB:
        subject = Subject.objects.get(narratives__pk=job.payload["narrative"])
        announce_overlay(subject, [NARRATIVE])


def _write_version(
    narrative: Narrative, author: User, content: Content, provenance: dict[str, object], twin_version: int
) -> NarrativeVersion:
    locked = Narrative.objects.select_for_update(of=("self",)).select_related("subject__site").get(pk=narrative.pk)
    # Asked again under the lock: numbers of versions have neither gaps nor doubles.
    before = latest_version(locked)
    number = before.number + 1 if before else 1
    # Sentences are kept from version to version, so that who wrote any of them decides on none (21 CFR 11.10(g)).
    authors = {author, *(before.review.authors.all() if before else [])}
    document = Document(
        kind=KIND,
        id=str(locked.pk),
        version=number,
        title=f"Safety narrative of {locked.subject.subject_id}",
        content_sha256=content.content_sha256,
    )
    review = open_review(study=locked.study, site=locked.subject.site, document=document, authors=authors)
    known = _known(locked.subject, twin_version)
    stored = content.as_json()
    version = NarrativeVersion.objects.create(
        narrative=locked,
        number=number,
        review=review,
        twin_version=twin_version,
        known_at=known.known_at,
        data_cut=known.data_cut,
        author=author,
        sentences=stored["sentences"],
        facts=stored["facts"],
        verification=stored["verification"],
        provenance=provenance,
        text_sha256=content.text_sha256,
        facts_sha256=content.facts.sha256,
        verification_sha256=content.verification.sha256,
        content_sha256=content.content_sha256,
    )
    Currency.objects.create(version=version, twin_version=twin_version)
    return version


def _known(subject: Subject, twin_version: int) -> ChangeSet:
    found = ChangeSet.objects.filter(subject=subject, is_open=True, blinded_number=twin_version).first()
    if found is None:
        raise NotAllowedError("This subject has no data yet; there is nothing to write about.")
    return found


def _retire(before: NarrativeVersion | None, author: User, version: NarrativeVersion) -> None:
    """An unsigned version gives way to the new draft; a signed one stays until the new one is signed."""
    if before is not None and before.review.state not in {
        ReviewState.SIGNED,
        ReviewState.SUPERSEDED,
        ReviewState.WITHDRAWN,
    }:
        reason = f"Replaced by version {version.number}"
        move_review(review=before.review, step=Step.SUPERSEDE, actor=author, reason=reason)
