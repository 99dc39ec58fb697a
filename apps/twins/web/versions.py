"""As known on: the version being shown, its place among the others, and the way to them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.studies.domain.audience import Audience
from apps.studies.domain.dates import display
from apps.studies.models import ChangeSet, Subject
from apps.twins.selectors.history import number_for, sha256_at, versions
from apps.twins.selectors.marks import signed_versions
from apps.twins.web.addresses import Addresses


@dataclass(frozen=True, slots=True)
class VersionLabel:
    """One stop of the slider in words."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class AsKnown:
    """What the slider shows: where the reader is, what was known then, where else they can go."""

    version: int
    latest: int
    known_at: datetime | None
    data_cut: str
    sha256: str
    versions: tuple[VersionLabel, ...]
    marks: tuple[int, ...]
    last_look: int | None
    signed: tuple[int, ...]
    earlier_url: str
    later_url: str
    now_url: str

    @property
    def is_past(self) -> bool:
        """Whether later versions exist."""
        return self.version < self.latest

    @property
    def later_count(self) -> int:
        """How many versions are later than the one shown."""
        return self.latest - self.version


def as_known(subject: Subject, audience: Audience, version: int, last_look_at: datetime | None) -> AsKnown:
    """Everything about versions for the page; numbers, hashes and dates are of the reader's own sequence."""
    change_sets = versions(subject, audience)
    latest = subject.version_for(audience)
    shown = next((found for found in change_sets if number_for(found, audience) == version), None)
    last_look = last_look_version(change_sets, audience, last_look_at)
    signed = tuple(signed_versions(subject, audience))
    # Without a version, so that the ways to other versions do not keep the one that is shown.
    here = Addresses(subject.study.code, subject.subject_id)
    return AsKnown(
        version=version,
        latest=latest,
        known_at=shown.known_at if shown else None,
        data_cut=_day(shown.data_cut if shown else None),
        sha256=sha256_at(subject, audience, version),
        versions=tuple(_label(found, audience) for found in change_sets),
        marks=tuple(sorted({*signed, *([last_look] if last_look else [])})),
        last_look=last_look,
        signed=signed,
        earlier_url=here.page_at(version - 1) if version > 1 else "",
        later_url=here.page_at(version + 1) if version < latest else "",
        now_url=here.page(),
    )


def last_look_version(change_sets: list[ChangeSet], audience: Audience, last_look_at: datetime | None) -> int | None:
    """The version at the end of the reader's visit before this one; None when there was none or nothing was known."""
    if last_look_at is None:
        return None
    seen = [number_for(found, audience) for found in change_sets if found.known_at <= last_look_at]
    return max(seen, default=None)


def _label(change_set: ChangeSet, audience: Audience) -> VersionLabel:
    number = number_for(change_set, audience)
    known = timezone.localtime(change_set.known_at).strftime("%d %b %Y, %H:%M")
    cut = _day(change_set.data_cut)
    words = _("Version %(number)s, %(known)s") % {"number": number, "known": known}
    return VersionLabel(number, f"{words}, {_('data to')} {cut}" if cut else words)


def _day(on: date | None) -> str:
    return display(on.isoformat()) if on else ""
