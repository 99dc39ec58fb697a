"""Whether a narrative still says what the data say: cited values that changed, and new facts it does not mention."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from apps.core.domain.stored import Codec
from apps.narratives.domain.facts.fact import Fact, FactValue, Kind, Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.facts.quantities import is_same_quantity
from apps.narratives.domain.plan.messages import Plan
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.grammar import with_unit, written_date
from apps.narratives.domain.sentences import Sentence
from apps.studies.domain.clinical.references import RecordId
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.variables import Value

# × ULN is rounded to two decimals: a result in another unit may move the last one.
_MULTIPLE_TOLERANCE: Final = Decimal("0.01")
# A cited record was withdrawn, or another one has taken its place, as a higher result takes that of a peak.
NO_LONGER_STATED: Final = "no longer among the facts"
# The values by which a thing that the text does not mention is told, the weightiest first.
_SUMMARY: Final = (
    Role.RESULT, Role.MULTIPLE, Role.SEVERITY, Role.CRITERION, Role.OUTCOME, Role.ONSET, Role.AMOUNT, Role.START,
)  # fmt: skip
_FLAGS: Final = frozenset({Role.DIED, Role.SERIOUS_FLAG})
_YES_OR_NO: Final[Mapping[str, str]] = {"Y": "yes", "N": "no"}
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
    DROPPED = "dropped"
    OMISSION = "omission"


@dataclass(frozen=True, slots=True)
class Moved:
    """A value in the data for which a fact is no longer told, though its record is there: before and now."""

    record: str
    variable: str
    before: Value | None
    now: Value | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The revision that set a value: who, when (ISO 8601), through what, and from which row of which file."""

    record: str
    actor: str
    known_at: str
    source: str
    file: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact that moved: old and new value as recorded and as people read them, the sentences, the source values.

    `moved` says of a dropped fact what moved in its record instead; `follows` that another reason in the list tells the
    cause, so that this one counts and is not told; `origin` where the new value came from, once that was looked up.
    """

    kind: ReasonKind
    fact_id: str
    name: str
    old: FactValue | None
    new: FactValue | None
    old_text: str
    new_text: str
    sentences: tuple[int, ...]
    sources: tuple[str, ...]
    moved: tuple[Moved, ...] = ()
    follows: bool = False
    origin: Origin | None = None


REASONS: Final = Codec(Reason, "a reason for stale text")


def told_of(reasons: Iterable[Reason]) -> list[Reason]:
    """Of the reasons those that a person is told; the others follow from them."""
    return [reason for reason in reasons if not reason.follows]


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
    # Only what a text written now would say: not every fact is told.
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
    # A dose may be recorded as text (CMDOSTXT): without a number its words are compared.
    return _folded(old.text) == _folded(new.text)


def analyte_of(facts: FactSet, fact: Fact) -> str:
    """Name of the test a laboratory fact is about; empty for other facts."""
    term = facts.get(fact.about, Role.TERM) if RecordId(fact.about).domain == "LB" else None
    return term.text if term is not None else ""


def value_text(fact: Fact | None) -> str:
    """A value as people read it: `01 Aug 2013`, `81 mg`, `possible`, `not recorded`; empty where there is no fact."""
    if fact is None:
        return ""
    if fact.value is None:
        return str(fact.absence).replace("_", " ")
    if fact.kind is Kind.DATE:
        return written_date(fact)
    if fact.role in _FLAGS and fact.code in _YES_OR_NO:
        return _YES_OR_NO[fact.code]
    return with_unit(fact.value, fact.unit) if fact.term is None else fact.term.page


def _changed(old: FactSet, new: FactSet, cited: Mapping[str, Sequence[int]]) -> Iterator[Reason]:
    for fact_id, indexes in cited.items():
        before, after = old.by_id.get(fact_id), new.by_id.get(fact_id)
        # A citation that the facts never had is a matter of the check and no news of the data.
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
        is_new_thing = fact.about not in known
        if is_new_thing and fact.about in named:
            continue
        named.add(fact.about)
        reason = _reason(ReasonKind.OMISSION, fact, before, fact, ())
        yield replace(reason, new_text=_summary(new, fact) or reason.new_text) if is_new_thing else reason


def _summary(facts: FactSet, fact: Fact) -> str:
    """What a new thing is, in its own values, its name but once: `136 mmol/L, 1.05 × ULN`, `Syncope, severe`."""
    of_it = [facts.get(fact.about, role) for role in _SUMMARY]
    said = [_in_summary(found) for found in of_it if found is not None and not found.is_absent]
    return ", ".join(said if _folded(fact.text) == _folded(fact.name) else [heading(value_text(fact)), *said])


def _in_summary(fact: Fact) -> str:
    if fact.role is Role.MULTIPLE:
        return f"{fact.text} × ULN"
    return value_text(fact)


def _reason(kind: ReasonKind, fact: Fact, before: Fact | None, after: Fact | None, indexes: Sequence[int]) -> Reason:
    """The reason on a fact, named and sourced by `fact`, with its state before and after."""
    old_text, new_text = changed_texts(before, after)
    return Reason(
        kind=kind,
        fact_id=fact.id,
        name=fact.name,
        old=before.value if before else None,
        new=after.value if after else None,
        old_text=old_text,
        new_text=new_text,
        sentences=tuple(indexes),
        sources=fact.sources,
    )


def changed_texts(before: Fact | None, after: Fact | None) -> tuple[str, str]:
    """The values of a fact that changed, before and after, as people read them and so that they differ."""
    old_text, new_text = value_text(before), value_text(after) if after is not None else NO_LONGER_STATED
    if before and after and old_text == new_text:
        # What people read is the same, such as the day of two times of day: then what was recorded is told.
        return _recorded(before), _recorded(after)
    return old_text, new_text


def _recorded(fact: Fact) -> str:
    """A value as it was recorded; of a date with its time of day, or that it has none."""
    if fact.kind is not Kind.DATE:
        return with_unit(fact.text, fact.unit)
    _day, _t, time = fact.text.partition("T")
    return f"{written_date(fact)}, {time or 'no time of day'}"


def _number(fact: Fact) -> Decimal | None:
    try:
        return Decimal(fact.text.strip())
    except InvalidOperation:
        return None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
