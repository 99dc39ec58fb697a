"""Whether a narrative still says what the data say: cited values that changed, and new facts it does not mention."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from apps.narratives.domain.facts import Fact, FactValue, Kind, Role
from apps.narratives.domain.factset import FactSet
from apps.narratives.domain.grammar import with_unit, written_date
from apps.narratives.domain.plan import Plan, make_plan
from apps.narratives.domain.quantities import is_same_quantity
from apps.narratives.domain.sentences import Sentence

# × ULN is rounded to two decimals: a result in another unit may move the last one.
_MULTIPLE_TOLERANCE: Final = Decimal("0.01")
# A cited record was withdrawn, or another one has taken its place, as a higher result takes that of a peak.
NO_LONGER_STATED: Final = "no longer among the facts"
_NUMBERS: Final = frozenset({Kind.RESULT, Kind.DOSE, Kind.LIMIT, Kind.DURATION, Kind.AGE, Kind.STUDY_DAY})


class CurrencyState(StrEnum):
    """The second axis of a narrative, beside its workflow."""

    CURRENT = "current"
    STALE_CITED = "stale_cited"
    STALE_OMISSION = "stale_omission"


class ReasonKind(StrEnum):
    """Why text is stale."""

    CITED = "cited"
    WITHDRAWN = "withdrawn"
    OMISSION = "omission"


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact that moved: old and new value as recorded and as people read them, the sentences, the source values."""

    kind: ReasonKind
    fact_id: str
    name: str
    old: FactValue | None
    new: FactValue | None
    old_text: str
    new_text: str
    sentences: tuple[int, ...]
    sources: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The reason as JSON-ready data; `from_json` reads it back."""
        return {
            "kind": self.kind.value,
            "fact_id": self.fact_id,
            "name": self.name,
            "old": self.old,
            "new": self.new,
            "old_text": self.old_text,
            "new_text": self.new_text,
            "sentences": list(self.sentences),
            "sources": list(self.sources),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Reason":
        """Read what `as_json` wrote; KeyError or ValueError for anything else."""
        return Reason(
            kind=ReasonKind(data["kind"]),
            fact_id=data["fact_id"],
            name=data["name"],
            old=data["old"],
            new=data["new"],
            old_text=data["old_text"],
            new_text=data["new_text"],
            sentences=tuple(data["sentences"]),
            sources=tuple(data["sources"]),
        )


@dataclass(frozen=True, slots=True)
class CurrencyReport:
    """The state and every reason for it; both kinds of reasons may stand side by side."""

    currency: CurrencyState
    reasons: tuple[Reason, ...]

    @property
    def is_current(self) -> bool:
        """Whether the text still agrees with the data."""
        return self.currency is CurrencyState.CURRENT


def compare(old: FactSet, sentences: Sequence[Sentence], new: FactSet) -> CurrencyReport:
    """Compare the facts a text was written from with the facts of now; a cited change outweighs an omission."""
    cited: dict[str, list[int]] = {}
    for index, sentence in enumerate(sentences):
        for fact_id in sentence.fact_ids:
            cited.setdefault(fact_id, []).append(index)
    changed = list(_changed(old, new, cited))
    missing = list(_missing(old, new, cited, make_plan(new)))
    if changed:
        return CurrencyReport(CurrencyState.STALE_CITED, (*changed, *missing))
    return CurrencyReport(CurrencyState.STALE_OMISSION if missing else CurrencyState.CURRENT, tuple(missing))


def is_same_value(old: Fact, new: Fact, analyte: str = "") -> bool:
    """Whether two states of a fact say the same: spelling, number format and unit may differ, precision may not."""
    if old.absence is not new.absence or (old.value is None) != (new.value is None):
        return False
    if old.value is None or new.value is None:
        return True
    first, second = _number(old), _number(new)
    if old.kind is Kind.MULTIPLE and first is not None and second is not None:
        return abs(first - second) <= _MULTIPLE_TOLERANCE
    if old.kind in _NUMBERS and first is not None and second is not None:
        return is_same_quantity(first, old.unit, second, new.unit, analyte)
    return _folded(old.text) == _folded(new.text)


def analyte_of(facts: FactSet, fact: Fact) -> str:
    """Name of the test a laboratory fact is about; empty for other facts."""
    term = facts.get(fact.about, Role.TERM) if fact.about.startswith("LB/") else None
    return term.text if term is not None else ""


def shown(fact: Fact | None) -> str:
    """A value as people read it: `01 Aug 2013`, `81 mg`, `not recorded`; empty where there is no such fact."""
    if fact is None:
        return ""
    if fact.value is None:
        return str(fact.absence).replace("_", " ")
    if fact.kind is Kind.DATE:
        return written_date(fact)
    return with_unit(fact.value, fact.unit)


def _changed(old: FactSet, new: FactSet, cited: Mapping[str, Sequence[int]]) -> Iterator[Reason]:
    for fact_id, indexes in cited.items():
        before, after = old.by_id.get(fact_id), new.by_id.get(fact_id)
        if before is None:
            continue
        if after is None:
            yield _reason(ReasonKind.WITHDRAWN, before, before, None, indexes)
        elif not is_same_value(before, after, analyte_of(old, before)):
            yield _reason(ReasonKind.CITED, after, before, after, indexes)


def _missing(old: FactSet, new: FactSet, cited: Mapping[str, Sequence[int]], plan: Plan) -> Iterator[Reason]:
    """Planned facts that are new or changed and that no sentence cites; a wholly new thing is named once."""
    known = {fact.about for fact in old.facts}
    named: set[str] = set()
    for fact in new.facts:
        before = old.by_id.get(fact.id)
        is_known = before is not None and is_same_value(before, fact, analyte_of(new, fact))
        if fact.id not in plan.fact_ids or fact.id in cited or is_known:
            continue
        if fact.about not in known and fact.about in named:
            continue
        named.add(fact.about)
        yield _reason(ReasonKind.OMISSION, fact, before, fact, ())


def _reason(kind: ReasonKind, fact: Fact, before: Fact | None, after: Fact | None, indexes: Sequence[int]) -> Reason:
    """The reason on a fact, named and sourced by `fact`, with its state before and after."""
    return Reason(
        kind=kind,
        fact_id=fact.id,
        name=fact.name,
        old=before.value if before else None,
        new=after.value if after else None,
        old_text=shown(before),
        new_text=shown(after) if after is not None else NO_LONGER_STATED,
        sentences=tuple(indexes),
        sources=fact.sources,
    )


def _number(fact: Fact) -> Decimal | None:
    try:
        return Decimal(fact.text.strip())
    except InvalidOperation:
        return None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
