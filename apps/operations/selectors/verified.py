"""What the last verification found of a study, for who reads its trail; numbers of subjects and signatures only."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.domain.roles import Permission
from apps.compliance.models import BrokenLink, Verification
from apps.core.domain.integrity import Part
from apps.studies.domain.principal import Principal
from apps.studies.models import Study

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Verified:
    """The last verification; `at` is None when there was none. Broken links of the study, then of the platform."""

    at: datetime | None
    subjects: int = 0
    signatures: int = 0
    broken: int = 0
    links: tuple[BrokenLink, ...] = ()
    platform_broken: int = 0


def altered_texts(principal: Principal, study: Study) -> int:
    """How many faults of signed text the last verification found, for who sees the whole study; 0 for others."""
    last = Verification.objects.order_by("finished_at", "pk").last()
    if last is None or study.pk not in principal.whole_study_ids:
        return 0
    return BrokenLink.objects.filter(verification=last, study=study, part=Part.SIGNATURE.value).count()


def last_verified(principal: Principal, study: Study) -> Verified | None:
    """The result for a study; None for who may not read its trail."""
    if not principal.may(Permission.VIEW_AUDIT, study.pk):
        return None
    last = Verification.objects.order_by("finished_at", "pk").last()
    if last is None:
        return Verified(at=None)
    counts = last.by_study.get(study.code, {})
    links = BrokenLink.objects.filter(verification=last, study=study).order_by("pk")[:MOST_SHOWN]
    elsewhere = sum(found["broken"] for found in last.by_study.values())
    return Verified(
        at=last.finished_at,
        subjects=counts.get("subjects", 0),
        signatures=counts.get("signatures", 0),
        broken=counts.get("broken", 0),
        links=tuple(links),
        platform_broken=last.broken_count - elsewhere,
    )
