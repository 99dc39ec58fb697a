"""How a recorded or missing value becomes a fact: a missing one is stated as absent, never left out.

What the twin has computed (days, durations, multiples of a limit) is taken from its facts, never computed again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict, Unpack

from apps.narratives.domain.facts.fact import Absence, Attribution, Fact, FactValue, Kind, Role
from apps.narratives.domain.facts.terms import clean_verbatim
from apps.studies.domain.clinical.references import Reference
from apps.studies.domain.clinical.spans import partial
from apps.twins.domain.facts import DerivedFact

# The facts of a twin by their ids.
Derived = Mapping[str, DerivedFact]


class Measure(TypedDict, total=False):
    """Unit of a value and the required elements it covers."""

    unit: str | None
    elements: Sequence[str]


class Details(Measure, total=False):
    """What a fact may have beside its value; `absence` counts only where there is no value."""

    fact_id: str
    sources: Sequence[str]
    derived_from: Sequence[str]
    attribution: Attribution
    absence: Absence


def stated(
    about: str,
    role: Role,
    name: str,
    kind: Kind,
    value: FactValue | None,
    **details: Unpack[Details],
) -> Fact:
    """A fact about an entity; without a value it says why there is none. The id defaults to `about.role`.

    Terms are other people's words: they are cleaned of hidden characters, links and markup before anyone writes them.
    """
    if kind is Kind.TERM and isinstance(value, str):
        value = clean_verbatim(value) or None
    return Fact(
        id=details.get("fact_id", f"{about}.{role}"),
        about=about,
        role=role,
        name=name,
        kind=kind,
        value=value,
        unit=None if value is None else details.get("unit"),
        # Kept with the fact: "2013" and a day in 2013 are two statements, and no text may sharpen one into the other.
        precision=precision_of(value) if kind is Kind.DATE else None,
        sources=tuple(details.get("sources", ())),
        derived_from=tuple(details.get("derived_from", ())),
        attribution=details.get("attribution", Attribution.SITE),
        absence=details.get("absence", Absence.NOT_RECORDED) if value is None else None,
        elements=tuple(details.get("elements", ())),
    )


def taken_over(
    derived: Derived, source: str, about: str, role: Role, name: str, kind: Kind, **details: Unpack[Details]
) -> Iterator[Fact]:
    """The twin's fact named *source* (`AE-GROUP/3.onset_day`) with its unit and sources; nothing where it has none."""
    found = derived.get(source)
    if found is not None:
        # "Study day 40" is told without a unit.
        details["unit"] = None if kind is Kind.STUDY_DAY else found.unit
        details["sources"] = found.derived_from
        yield stated(about, role, name, kind, found.value, **details)


def fact_of(node: str, name: str) -> str:
    """The id of the twin's fact on a record or group."""
    return str(Reference.of(node, name))


def precision_of(value: FactValue | None) -> str | None:
    """`year`, `month`, `day` or `time` of a date text; None where there is none."""
    found = partial(str(value)) if value is not None else None
    return None if found is None else found.precision.value
