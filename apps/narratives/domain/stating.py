"""How a recorded or missing value becomes a fact: a missing one is stated as absent, never left out."""

from collections.abc import Sequence

from apps.narratives.domain.facts import Absence, Attribution, Fact, FactValue, Kind, Role
from apps.twins.domain.spans import partial


def stated(
    about: str,
    role: Role,
    name: str,
    kind: Kind,
    value: FactValue | None,
    *,
    fact_id: str | None = None,
    unit: str | None = None,
    sources: Sequence[str] = (),
    derived_from: Sequence[str] = (),
    attribution: Attribution = Attribution.SITE,
    absence: Absence = Absence.NOT_RECORDED,
    elements: Sequence[str] = (),
) -> Fact:
    """A fact about an entity; without a value it says why there is none. The id defaults to `about.role`."""
    return Fact(
        id=fact_id or f"{about}.{role}",
        about=about,
        role=role,
        name=name,
        kind=kind,
        value=value,
        unit=None if value is None else unit,
        precision=precision_of(value) if kind is Kind.DATE else None,
        sources=tuple(sources),
        derived_from=tuple(derived_from),
        attribution=attribution,
        absence=absence if value is None else None,
        elements=tuple(elements),
    )


def precision_of(value: FactValue | None) -> str | None:
    """`year`, `month`, `day` or `time` of a date text; None where there is none."""
    found = partial(str(value)) if value is not None else None
    return None if found is None else found.precision.value
