"""What a check found beside its lists: rows that grew fewer, columns that came or went, signed text that goes stale."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from apps.studies.domain.import_accounts import ColumnChange, Foretold, KeyNote, Preview, RowDrop
from apps.studies.domain.variables import domain_label
from apps.studies.models import Subject
from apps.studies.web.scope import StudyScope

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Named(Generic[Part]):
    """A part of a check with the name of its domain in words."""

    label: str
    part: Part


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What the reader may see of a check as a whole; `is_listed` says whether its lists were kept."""

    consequences: tuple[Foretold, ...]
    row_drops: tuple[Named[RowDrop], ...]
    columns: tuple[Named[ColumnChange], ...]
    missing_files: tuple[Named[tuple[str, ...]], ...]
    key_notes: tuple[KeyNote, ...]
    withdrawn: tuple[Named[int], ...]
    is_listed: bool


@dataclass(frozen=True, slots=True)
class SubjectFilter:
    """Which subjects of an import a reader may read of: every one, or those at the reader's sites."""

    ids: frozenset[str] | None

    def sees(self, subject_id: str) -> bool:
        """Whether the reader may read of this subject."""
        return self.ids is None or subject_id in self.ids

    def among(self, entries: Iterable[Foretold]) -> list[Foretold]:
        """What is foretold of subjects that the reader may see."""
        return [entry for entry in entries if self.sees(entry.subject)]


def subject_filter(scope: StudyScope) -> SubjectFilter:
    """Every subject for who sees the whole study, subjects not yet enrolled included; else those at own sites."""
    if scope.sees_whole_study:
        return SubjectFilter(None)
    seen = Subject.objects.visible_to(scope.principal).filter(study=scope.study)
    return SubjectFilter(frozenset(seen.values_list("subject_id", flat=True)))


def preview_page(preview: Preview, seen: SubjectFilter) -> PreviewPage:
    """The projected preview of a run as its page shows it; counts of the whole study are for who sees all of it."""
    whole = seen.ids is None
    return PreviewPage(
        consequences=tuple(seen.among(preview.consequences)),
        row_drops=tuple(Named(domain_label(drop.domain), drop) for drop in preview.row_drops if whole),
        columns=tuple(Named(domain_label(column.domain), column) for column in preview.columns),
        missing_files=_by_domain(preview.missing_files) if whole else (),
        key_notes=preview.key_notes,
        withdrawn=_by_domain(preview.withdrawn_by_domain) if whole else (),
        is_listed=preview.is_listed,
    )


def _by_domain(parts: Mapping[str, Part]) -> tuple[Named[Part], ...]:
    return tuple(Named(domain_label(domain), part) for domain, part in sorted(parts.items()))
