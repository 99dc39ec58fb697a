"""How a recorded or missing value becomes a fact: a missing one is stated as absent, never left out."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from apps.narratives.domain.facts.fact import Absence, Attribution, Fact, FactValue, Kind, Role
from apps.narratives.domain.facts.terms import clean_verbatim
from apps.studies.domain.clinical.spans import partial


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


def precision_of(value: FactValue | None) -> str | None:
    """`year`, `month`, `day` or `time` of a date text; None where there is none."""
    found = partial(str(value)) if value is not None else None
    return None if found is None else found.precision.value
