"""Keeps the names of treatments that a study's own data bring, so that no text that blinded readers see holds one."""

from collections.abc import Iterable

from django.db.models import Count, Max

from apps.accounts.models import User
from apps.core.services.jobs import enqueue
from apps.studies.models import BlindingRule, Record, RuleKind, RuleOrigin, Study

CLASS_JOB = "class-records"


def keep_words(study: Study, words: Iterable[str]) -> None:
    """Keep (folded) names of treatments that are new to the study; what is there already is classed again."""
    kept = BlindingRule.objects.filter(study=study, kind=RuleKind.WORD)
    known = dict(kept.values_list("name", "origin"))
    found = sorted(word for word in set(words) if known.get(word) != RuleOrigin.DATA)
    if not found:
        return
    rules = [BlindingRule(study=study, kind=RuleKind.WORD, name=word, origin=RuleOrigin.DATA) for word in found]
    BlindingRule.objects.bulk_create(rules, ignore_conflicts=True)
    # A person could else take away what the data name. Without a row of the trail, whose moment would tell a dose.
    kept.filter(name__in=found).update(origin=RuleOrigin.DATA)
    if not known.keys() >= set(found) and Record.objects.filter(study=study).exists():
        queue_classing(study, None)


def queue_classing(study: Study, user: User | None) -> None:
    """Class every record of a study again, in a job; one that runs already may have passed what a new rule reaches.

    The job is the platform's and no study's: that treatment was written would show in a study's list of jobs.
    """
    rules = BlindingRule.objects.filter(study=study).aggregate(latest=Max("pk"), number=Count("pk"))
    enqueue(
        kind=CLASS_JOB,
        payload={"study": study.pk},
        requested_by_id=user.pk if user else None,
        # Every rule that comes or goes makes another key: a job that has begun does not stand for the rules of now.
        key=f"{study.pk}:{rules['latest']}:{rules['number']}",
        lane=f"{CLASS_JOB}:{study.pk}",
    )
