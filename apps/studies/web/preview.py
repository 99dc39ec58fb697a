"""A check as a page shows it: what matters first, then changed values, in the reader's own projection."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.studies.domain.dates import display
from apps.studies.domain.highlights import Matter
from apps.studies.domain.variables import domain_label, is_date, label
from apps.studies.models import RejectedRow, Subject
from apps.studies.services.import_check import MOST_SHOWN
from apps.studies.web.scope import StudyScope

FIRST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class MatterLine:
    """One thing that matters, of one subject."""

    subject: str
    text: str
    old: str = ""
    new: str = ""
    is_judgement: bool = False


@dataclass(frozen=True, slots=True)
class MatterGroup:
    """The things of one kind; the first few, and the rest."""

    matter: Matter
    title: str
    lines: tuple[MatterLine, ...]

    @property
    def first(self) -> tuple[MatterLine, ...]:
        """What is shown at once."""
        return self.lines[:FIRST_SHOWN]

    @property
    def rest(self) -> tuple[MatterLine, ...]:
        """What is shown on demand."""
        return self.lines[FIRST_SHOWN:]


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One changed value, in words."""

    subject: str
    domain: str
    label: str
    variable: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Everything a check found that the reader may see."""

    groups: tuple[MatterGroup, ...]
    values: tuple[ValueLine, ...]
    value_count: int
    consequences: tuple[Mapping[str, str], ...]
    vanished: tuple[str, ...]
    row_drops: tuple[Mapping[str, Any], ...]
    columns: tuple[Mapping[str, Any], ...]
    key_notes: tuple[Mapping[str, str], ...]
    new_subjects: int
    withdrawn: tuple[tuple[str, int], ...]
    is_cut_short: bool

    @property
    def first_values(self) -> tuple[ValueLine, ...]:
        """Changed values shown at once."""
        return self.values[:FIRST_SHOWN]

    @property
    def more_values(self) -> tuple[ValueLine, ...]:
        """Changed values shown on demand."""
        return self.values[FIRST_SHOWN:]


@dataclass(frozen=True, slots=True)
class SubjectFilter:
    """Which subjects of an import a reader may read of: every one, or those at the reader's sites."""

    ids: frozenset[str] | None

    def sees(self, subject_id: str) -> bool:
        """Whether the reader may read of this subject."""
        return self.ids is None or subject_id in self.ids

    def among(self, entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The entries about subjects that the reader may see."""
        return [entry for entry in entries if self.sees(str(entry["subject"]))]

    def rows(self, rows: Iterable[RejectedRow]) -> list[RejectedRow]:
        """The rejected rows of subjects that the reader may see."""
        return [row for row in rows if self.sees(row.subject_id)]


def subject_filter(scope: StudyScope) -> SubjectFilter:
    """Every subject for who sees the whole study, subjects not yet enrolled included; else those at own sites."""
    if scope.sees_whole_study:
        return SubjectFilter(None)
    seen = Subject.objects.visible_to(scope.principal).filter(study=scope.study)
    return SubjectFilter(frozenset(seen.values_list("subject_id", flat=True)))


def preview_page(preview: Mapping[str, Any], seen: SubjectFilter) -> PreviewPage:
    """The projected preview of a run as its page shows it; events count once however many rows record them."""
    matters = seen.among(preview.get("matters", []))
    values = seen.among(preview.get("values", []))
    whole = seen.ids is None
    return PreviewPage(
        groups=tuple(_groups(matters)),
        values=tuple(_value_line(entry) for entry in values),
        value_count=int(preview.get("value_count", 0)) if whole else len(values),
        consequences=tuple(seen.among(preview.get("consequences", []))),
        vanished=tuple(name for name in preview.get("subjects", {}).get("vanished", []) if seen.sees(name)),
        row_drops=tuple(_named(preview.get("row_drops", []))) if whole else (),
        columns=tuple(_named(preview.get("columns", []))),
        key_notes=tuple(preview.get("key_notes", [])),
        new_subjects=int(preview.get("subjects", {}).get("new", 0)) if whole else 0,
        withdrawn=_withdrawn(preview) if whole else (),
        is_cut_short=len(preview.get("matters", [])) >= MOST_SHOWN,
    )


def _titles() -> Mapping[Matter, str]:
    return {
        Matter.DEATH: _("Deaths"),
        Matter.SERIOUS: _("New serious events"),
        Matter.JUDGEMENT: _("Changed outcome, causality or seriousness"),
        Matter.DISCONTINUED: _("Discontinued"),
        Matter.SEVERE: _("New severe events"),
        Matter.WITHDRAWN: _("Withdrawn records"),
    }


def _groups(matters: Sequence[Mapping[str, Any]]) -> Iterable[MatterGroup]:
    titles = _titles()
    for matter in Matter:
        found = [entry for entry in matters if entry["matter"] == matter.value and not _is_death_again(entry)]
        lines = _withdrawn_lines(found) if matter is Matter.WITHDRAWN else [_line(matter, entry) for entry in found]
        if lines:
            yield MatterGroup(matter, titles[matter], tuple(dict.fromkeys(lines)))


def _is_death_again(entry: Mapping[str, Any]) -> bool:
    """Whether a disposition only repeats a death, which leads the page already."""
    return (entry["matter"], entry["text"]) == (Matter.DISCONTINUED.value, "DEATH")


def _line(matter: Matter, entry: Mapping[str, Any]) -> MatterLine:
    text = str(entry["text"])
    if matter is Matter.DEATH:
        words = _("died %(day)s") % {"day": display(text)} if text else _("died, date not recorded")
        return MatterLine(entry["subject"], words)
    if matter is Matter.JUDGEMENT:
        old, new = (_words(entry["variable"], entry[side]) for side in ("old", "new"))
        return MatterLine(entry["subject"], _sentence_case(text), old, new, is_judgement=True)
    return MatterLine(entry["subject"], _sentence_case(text))


def _withdrawn_lines(found: Sequence[Mapping[str, Any]]) -> list[MatterLine]:
    counts = Counter((str(entry["subject"]), str(entry["domain"])) for entry in found)
    return [MatterLine(subject, f"{domain_label(domain)}, {number:,}") for (subject, domain), number in counts.items()]


def _value_line(entry: Mapping[str, Any]) -> ValueLine:
    domain, variable = str(entry["domain"]), str(entry["variable"])
    return ValueLine(
        subject=str(entry["subject"]),
        domain=domain_label(domain),
        label=label(domain, variable),
        variable=variable,
        old=_words(variable, entry["old"]),
        new=_words(variable, entry["new"]),
    )


def _words(variable: str, value: object) -> str:
    if value is None:
        return ""
    return display(str(value)) if is_date(variable) else str(value)


def _sentence_case(text: str) -> str:
    """Coded terms come in capitals; the label that may follow a colon keeps its own case."""
    term, colon, rest = text.partition(":")
    return (term.capitalize() if term.isupper() else term) + colon + rest


def _named(entries: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    return ({**entry, "label": domain_label(str(entry["domain"]))} for entry in entries)


def _withdrawn(preview: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    by_domain: Mapping[str, int] = preview.get("withdrawn_by_domain", {})
    return tuple((domain_label(domain), number) for domain, number in sorted(by_domain.items()))
