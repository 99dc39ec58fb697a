"""What the last verification found of a study, for who reads its trail; numbers of subjects and signatures only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.domain.roles import Permission
from apps.compliance.models import BrokenLink, Verification
from apps.core.domain.integrity import Part
from apps.studies.domain.principal import Principal
from apps.studies.models import Study

# Read of the broken links, and named of the subjects that share one fault.
MOST_READ, MOST_NAMED = 200, 4


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of broken link, with the subjects or documents that have it; `more` are not named."""

    part: str
    words: str
    subjects: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Verified:
    """The last verification; `at` is None when there was none. Broken links of the study, then of the platform."""

    at: datetime | None
    subjects: int = 0
    signatures: int = 0
    broken: int = 0
    faults: tuple[Fault, ...] = ()
    listed: int = 0
    platform_broken: int = 0


def altered_texts(principal: Principal, study: Study) -> int:
    """How many faults of signed text the last verification found, for who sees the whole study; 0 for others."""
    last = Verification.objects.order_by("finished_at", "pk").last()
    # A number over all sites would tell a reader of some of them about the others.
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
    links = list(BrokenLink.objects.filter(verification=last, study=study).order_by("pk")[:MOST_READ])
    elsewhere = sum(found["broken"] for found in last.by_study.values())
    return Verified(
        at=last.finished_at,
        subjects=counts.get("subjects", 0),
        signatures=counts.get("signatures", 0),
        broken=counts.get("broken", 0),
        faults=tuple(_grouped(links)),
        listed=len(links),
        platform_broken=last.broken_count - elsewhere,
    )


def _grouped(links: Sequence[BrokenLink]) -> Iterator[Fault]:
    """Broken links by what is wrong, so that a hundred of one kind read as one line."""
    groups: dict[tuple[str, str], list[str]] = {}
    for link in links:
        groups.setdefault((link.part, link.words), []).append(link.subject)
    for (part, words), subjects in groups.items():
        named = tuple(subject for subject in subjects[:MOST_NAMED] if subject)
        yield Fault(part, words, named, max(len(subjects) - MOST_NAMED, 0))
