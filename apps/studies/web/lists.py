"""The lists behind the figures of an import: what is counted is what is listed, what matters most first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.findings import Listed
from apps.studies.domain.highlights import Matter
from apps.studies.models import CheckedLine, ImportRun
from apps.studies.selectors.import_lists import counts_of, in_words, lines_for, rejected_of
from apps.studies.selectors.imports import preview_for, receipt_for
from apps.studies.web.list_lines import MatterLine, matter_line, value_line, withdrawn_line
from apps.studies.web.preview import subject_filter
from apps.studies.web.scope import StudyScope

FIRST_SHOWN = 6
# Slugs of the lists that the check keeps line by line, in the order in which a page tells them.
KEPT: Final[Mapping[str, str]] = {
    "not-in": Matter.NOT_IN.value,
    "deaths": Matter.DEATH.value,
    "serious": Matter.SERIOUS.value,
    "contradictions": Matter.CONTRADICTION.value,
    "judgements": Matter.JUDGEMENT.value,
    "discontinued": Matter.DISCONTINUED.value,
    "severe": Matter.SEVERE.value,
    "values": Listed.VALUE.value,
    "withdrawn": Matter.WITHDRAWN.value,
    "new-subjects": Listed.NEW_SUBJECT.value,
    "not-in-dm": Listed.NOT_IN_DM.value,
}
MATTERS: Final = ("not-in", "deaths", "serious", "contradictions", "judgements", "discontinued", "severe")
_REFUSED: Final = ("rejected", "cells")
_OF_DATA: Final = ("values", "withdrawn", "not-in-files", "new-subjects")
OF_CHECK: Final = (*MATTERS, "not-in-dm", "stale", *_OF_DATA, *_REFUSED)
OF_RECEIPT: Final = ("not-in", "not-in-dm", "subjects-in", *_OF_DATA, *_REFUSED)
OF_EVERY_RECEIPT: Final = ("not-in", "not-in-dm", "subjects-in", "not-in-files", *_REFUSED)
# Shapes of lines, each with a template of its own.
SHAPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(MATTERS, "matter"),
    "values": "value",
    "withdrawn": "withdrawn",
    "rejected": "rejected",
    "cells": "rejected",
    "stale": "stale",
}

Rows = Sequence[Any] | QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that leads a page, and the slug of the list behind it."""

    name: str
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class MatterGroup:
    """What matters of one kind: how many, and the first few."""

    name: str
    title: str
    number: int
    lines: tuple[MatterLine, ...]


class ImportLists:
    """Every list of one import, as one reader may see it; a page costs the same however long its lists are."""

    def __init__(self, scope: StudyScope, run: ImportRun) -> None:
        self._scope, self._run = scope, run
        self._lines = lines_for(run, scope.principal, scope.audience)
        # One query for every figure of the page; lines are read only of the lists that are shown.
        self._counts = counts_of(self._lines)
        refused = rejected_of(run, scope.principal, scope.audience)
        self._refused = {"rejected": refused.filter(is_cell=False), "cells": refused.filter(is_cell=True)}

    def rows(self, name: str) -> Rows:
        """The lines of a list, to be counted and cut; raises NotVisibleError for a name that is none."""
        if name in KEPT:
            return self._lines.filter(kind=KEPT[name])
        if name in self._refused:
            return self._refused[name]
        names: Mapping[str, Callable[[], list[Any]]] = {
            "stale": self._stale,
            "not-in-files": self._not_in_files,
            "subjects-in": self._subjects_in,
        }
        if name not in names:
            raise NotVisibleError("An import has no list of this name.")
        return names[name]()

    def words(self, name: str, rows: Sequence[Any]) -> list[Any]:
        """Lines of a page in words."""
        if name in self._refused:
            return in_words(self._run, rows, self._scope.audience)
        makers: Mapping[str, Callable[[CheckedLine], Any]] = {
            **dict.fromkeys(MATTERS, matter_line),
            "values": value_line,
            "withdrawn": withdrawn_line,
            "new-subjects": lambda line: line.subject_id,
            "not-in-dm": lambda line: line.subject_id,
        }
        return [makers[name](row) for row in rows] if name in makers else list(rows)

    def figures(self, names: Sequence[str]) -> list[Figure]:
        """The numbers that lead a page, in the order given."""
        numbers = [(name, self._number(name)) for name in names]
        return [Figure(name, number, label_of(name, number)) for name, number in numbers]

    def groups(self) -> list[MatterGroup]:
        """What matters, most serious first; the first few of each kind."""
        shown = [name for name in MATTERS if self._number(name)]
        return [MatterGroup(name, title_of(name), self._number(name), tuple(self.first(name))) for name in shown]

    def first(self, name: str, most: int = FIRST_SHOWN) -> list[Any]:
        """The first lines of a list."""
        return self.words(name, list(self.rows(name)[:most]))

    def _number(self, name: str) -> int:
        if name in KEPT:
            return self._counts.get(KEPT[name], 0)
        rows = self.rows(name)
        return rows.count() if isinstance(rows, QuerySet) else len(rows)

    def _stale(self) -> list[Any]:
        consequences = preview_for(self._run, self._scope.audience).consequences
        return subject_filter(self._scope).among(consequences)

    def _not_in_files(self) -> list[Any]:
        """As the receipt has it; before there is one, as the check found it."""
        run, audience = self._run, self._scope.audience
        vanished = receipt_for(run, audience).vanished
        return self._seen(preview_for(run, audience).subjects.vanished if vanished is None else vanished)

    def _subjects_in(self) -> list[Any]:
        return self._seen(receipt_for(self._run, self._scope.audience).subjects)

    def _seen(self, names: Sequence[str]) -> list[str]:
        seen = subject_filter(self._scope)
        return [name for name in names if seen.sees(name)]


def label_of(name: str, number: int) -> str:
    """What a figure counts, to stand beside the number."""
    words = {
        "deaths": ngettext("death", "deaths", number),
        "serious": ngettext("new serious event", "new serious events", number),
        "contradictions": ngettext("contradiction", "contradictions", number),
        "judgements": ngettext("changed judgement", "changed judgements", number),
        "discontinued": _("discontinued"),
        "severe": ngettext("new severe event", "new severe events", number),
        "stale": ngettext("signed text goes stale", "signed texts go stale", number),
        "values": ngettext("changed value", "changed values", number),
        "withdrawn": ngettext("withdrawn record", "withdrawn records", number),
        "not-in-files": ngettext("subject not in these files", "subjects not in these files", number),
        "not-in-dm": ngettext("subject without demographics", "subjects without demographics", number),
        "new-subjects": ngettext("new subject", "new subjects", number),
        "rejected": ngettext("rejected row", "rejected rows", number),
        "cells": ngettext("value left out", "values left out", number),
        "not-in": ngettext("death or serious event not in", "deaths or serious events not in", number),
        "subjects-in": ngettext("subject in", "subjects in", number),
    }
    return words[name]


def title_of(name: str) -> str:
    """Heading of a list."""
    words = {
        "deaths": _("Deaths"),
        "serious": _("New serious events"),
        "contradictions": _("Contradicting evidence"),
        "judgements": _("Changed outcome, causality or seriousness"),
        "discontinued": _("Discontinued"),
        "severe": _("New severe events"),
        "stale": _("Signed text going stale"),
        "values": _("Changed values"),
        "withdrawn": _("Withdrawn records"),
        "not-in-files": _("Subjects not in these files; their records stay"),
        "not-in-dm": _("Subjects with records and without demographics (DM); their records are kept"),
        "new-subjects": _("New subjects"),
        "rejected": _("Rejected rows"),
        "cells": _("Values left out; their rows are in"),
        "not-in": _("Deaths and serious events that are not in: their rows were rejected"),
        "subjects-in": _("Subjects in"),
    }
    return words[name]
