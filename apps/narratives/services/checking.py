"""Whether a version still says what the data say; asked after every change, before every act that relies on it."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from apps.core.models import JobState
from apps.core.services.jobs import enqueue, has_job
from apps.core.services.leases import JobRun
from apps.narratives.domain.currency.compare import REASONS, CurrencyReport, Reason, compare
from apps.narratives.domain.currency.moves import moves_of, told
from apps.narratives.domain.facts.extract import ASKED_DOMAINS, extract_facts
from apps.narratives.models import Currency, CurrencyChange, NarrativeVersion
from apps.narratives.selectors.content import content_of_version, has_watched_versions, watched_versions
from apps.narratives.selectors.currency_now import behind_the_data
from apps.narratives.selectors.facts import facts_of
from apps.narratives.selectors.origins import moves_since, origins_of
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import RecordChange
from apps.studies.domain.panels import NARRATIVE
from apps.studies.models import ChangeSet, Subject
from apps.studies.selectors.received import received_domains
from apps.studies.services.events import SubjectChange
from apps.studies.services.import_check import Consequence
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.projection import project
from apps.twins.selectors.twins import load_twin
from apps.twins.services.announcing import announce_overlay

CHECK_JOB = "check-currency"
MOST_HEALED = 100
# Waits, runs, or was given up and waits for a person.
UNSETTLED = (JobState.QUEUED.value, JobState.RUNNING.value, JobState.FAILED.value)


def queue_check(change: SubjectChange) -> None:
    """In the transaction of a change that blinded readers see, queue the check of the subject's narratives."""
    if change.change_set.is_open and has_watched_versions(change.subject.pk):
        _enqueue_check(change.subject, change.change_set)


def heal_currency() -> None:
    """Queue a check wherever a version that matters was last checked against older data and nothing waits to do it.

    A check that was given up is not queued again: it waits for a person in the list of failed jobs.
    """
    subjects = Subject.objects.filter(pk__in=behind_the_data().values("narrative__subject"))
    for subject in subjects.select_related("study").order_by("pk")[:MOST_HEALED]:
        change_set = ChangeSet.objects.filter(subject=subject, is_open=True).order_by("number").last()
        if change_set is not None and not has_job(CHECK_JOB, _key(subject, change_set), states=UNSETTLED):
            _enqueue_check(subject, change_set)


def _enqueue_check(subject: Subject, change_set: ChangeSet) -> None:
    enqueue(
        kind=CHECK_JOB,
        payload={"subject": subject.pk, "change_set": change_set.pk},
        requested_by_id=change_set.actor_id,
        key=_key(subject, change_set),
        scope=subject.study.code,
    )


def _key(subject: Subject, change_set: ChangeSet) -> str:
    # By change set: a check that was given up does not stand in the way of the one for the next change.
    return f"{subject.pk}:{change_set.number}"


def run_check(job_run: JobRun) -> None:
    """The job: check every version of the subject that still matters, and tell who watches."""
    subject = Subject.objects.get(pk=job_run.job.payload["subject"])
    change_set = ChangeSet.objects.get(pk=job_run.job.payload["change_set"])
    for version in watched_versions(subject.pk):
        # A transaction for each version: a long list holds no lock to its end.
        with transaction.atomic():
            job_run.fence()
            check_version(version, change_set)
    announce_overlay(subject, [NARRATIVE])


def check_version(version: NarrativeVersion, change_set: ChangeSet | None) -> Currency:
    """Compare a version with the data of now and keep the answer; a turn is kept in the history."""
    # Read anew: the subject that came along with the version may be older than the data.
    subject = Subject.objects.get(pk=version.narrative.subject_id)
    # First: of a domain that comes meanwhile it must not be said that it was asked for.
    domains = len(received_domains(subject.study, Audience.BLINDED) & ASKED_DOMAINS)
    # Before the lock, because reading a twin takes time; an answer about older data than the kept one is dropped below.
    report = report_now(version, subject)
    reasons = REASONS.write_all(_with_origins(version, subject, report.reasons))
    with transaction.atomic():
        currency = Currency.objects.select_for_update().get(version=version)
        twin_version = subject.version_for(Audience.BLINDED)
        if twin_version < currency.twin_version or domains < currency.domains_received:
            return currency
        if (currency.value, currency.reasons) != (report.currency.value, reasons):
            CurrencyChange.objects.create(
                version=version,
                from_value=currency.value,
                to_value=report.currency.value,
                reasons=reasons,
                change_set=change_set,
            )
            announce_overlay(subject, [NARRATIVE])
        currency.value, currency.reasons = report.currency.value, reasons
        currency.twin_version, currency.domains_received = twin_version, domains
        currency.checked_at = timezone.now()
        currency.save()
    return currency


def report_now(version: NarrativeVersion, subject: Subject) -> CurrencyReport:
    """What a version's facts look like against the blinded twin of now."""
    content, now = content_of_version(version), facts_of(subject)
    report = compare(content.facts, content.sentences, now)
    if report.is_current:
        return report
    return told(report, content.facts, now, moves_since(subject, version.twin_version))


def consequence(subject: Subject, changes: Sequence[RecordChange]) -> list[Consequence]:
    """What a planned import would do to the subject's signed narrative, in words; nothing is written."""
    signed = [version for version in watched_versions(subject.pk) if version.review.state == "signed"]
    if not signed:
        return []
    # A twin of its own: the one that `twin_at` hands out is shared with readers, and this one is changed.
    twin = load_twin(subject, Audience.BLINDED, subject.blinded_version)
    # Signed text is about what blinded readers see; what else an import brings cannot make it stale.
    shown = [seen for change in changes if (seen := project(change, Audience.BLINDED)) is not None]
    DigitalTwinFactory().evolve(twin, shown)
    # With what the import brings of its own; what else it is the first to bring, subjects without records learn after.
    arriving = {change.domain for change in shown}
    facts = extract_facts(twin, received_domains(subject.study, Audience.BLINDED) | arriving)
    found = []
    for version in signed:
        content = content_of_version(version)
        report = compare(content.facts, content.sentences, facts)
        if not report.is_current:
            reasons = told(report, content.facts, facts, moves_of(shown)).reasons
            count = f"{len(reasons)} fact{'' if len(reasons) == 1 else 's'}"
            words = f"Signed narrative version {version.number} goes stale: {count}"
            found.append(Consequence(words, _sources(reasons)))
    return found


def _sources(reasons: Sequence[Reason]) -> frozenset[str]:
    """References of the values that make text stale."""
    cited = {source for reason in reasons for source in reason.sources}
    return frozenset(cited | {f"{one.record}.{one.variable}" for reason in reasons for one in reason.moved})


def _with_origins(version: NarrativeVersion, subject: Subject, reasons: Sequence[Reason]) -> list[Reason]:
    """The reasons with the revision that set what moved: who, when, and from which row."""
    references = {source for reason in reasons for source in reason.sources}
    origins = origins_of(subject, references, after=version.twin_version)
    return [
        replace(reason, origin=next((origins[one] for one in reason.sources if one in origins), None))
        for reason in reasons
    ]
