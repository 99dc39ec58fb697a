"""Facts on the subject and on study drug, from DM and the disease treated; never from treatment domains."""

from collections.abc import Iterator

from apps.narratives.domain.facts.fact import Absence, Attribution, Fact, Kind, Role
from apps.narratives.domain.facts.fact_set import Entity, EntityKind, subject_entity
from apps.narratives.domain.facts.relevance import RELEVANCE_DAYS
from apps.narratives.domain.facts.stating import Derived, fact_of, stated, taken_over
from apps.studies.domain.clinical.ages import minor_group
from apps.studies.domain.clinical.history import is_disease_treated
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.twins.domain.twin import Twin


def subject_facts(twin: Twin, derived: Derived) -> Iterator[Fact]:
    """Who the subject is (ICH E3 12.3.2: identifier, age, sex) and what the narrative cannot know."""
    about, dm = subject_entity(twin.subject_id), twin.demographics
    source = () if dm is None else (dm.reference("USUBJID"),)
    yield stated(about, Role.SUBJECT_ID, "Subject", Kind.IDENTIFIER, twin.subject_id, sources=source, elements=("E10",))
    if dm is not None:
        yield from _demographics(about, dm)
        yield from _dosing(about, dm, derived)
    else:
        yield from _undescribed(about)
    # A fact as well: sentences on what is missing say within how many days was looked, and the check wants that cited.
    yield stated(about, Role.WINDOW, "Days around an event", Kind.DURATION, RELEVANCE_DAYS, unit="days")
    yield from _unknowns(about)


def disease_entities(twin: Twin) -> list[ClinicalRecord]:
    """MH rows of the disease the study treats."""
    return [row for row in twin.rows("MH") if is_disease_treated(row)]


def disease_facts(row: ClinicalRecord) -> Iterator[Fact]:
    """The disease treated and since when it is recorded."""
    term = row.text("MHDECOD") or row.text("MHTERM")
    variable = "MHDECOD" if row.text("MHDECOD") else "MHTERM"
    yield stated(
        row.id,
        Role.TERM,
        "Disease treated",
        Kind.TERM,
        term,
        fact_id=row.reference("term"),
        sources=(row.reference(variable),),
        elements=("E12",),
    )
    yield _recorded(row.id, row, "MHSTDTC", Role.DISEASE_SINCE, "Disease treated, since", Kind.DATE, "E12")


def disease_entity(row: ClinicalRecord) -> Entity:
    """The entity of a disease row."""
    return Entity(row.id, EntityKind.DISEASE)


def _demographics(about: str, dm: ClinicalRecord) -> Iterator[Fact]:
    age, unit = dm.reference("AGE"), (dm.text("AGEU") or "YEARS").lower()
    yield stated(
        about,
        Role.AGE,
        "Age",
        Kind.AGE,
        dm.values.get("AGE"),
        fact_id=age,
        unit=unit,
        sources=(age,),
        elements=("E11",),
    )
    group = minor_group(dm.number("AGE"), dm.text("AGEU"))
    if group is not None:
        sources = (age, dm.reference("AGEU"))
        yield stated(about, Role.AGE_GROUP, "Age group", Kind.CODE, group, sources=sources, derived_from=(age,))
    yield _recorded(about, dm, "SEX", Role.SEX, "Sex", Kind.CODE, "E11")
    # ICH E3 12.3.2 asks for age and sex, so that race is told where it is recorded and is no gap where it is not.
    if dm.text("RACE"):
        yield _recorded(about, dm, "RACE", Role.RACE, "Race", Kind.CODE)


def _undescribed(about: str) -> Iterator[Fact]:
    """What demographics would have told of a subject who has none."""
    for role, name, kind, element in (
        (Role.AGE, "Age", Kind.AGE, "E11"),
        (Role.SEX, "Sex", Kind.CODE, "E11"),
        (Role.FIRST_DOSE, "First dose of study drug", Kind.DATE, "E15"),
        (Role.LAST_DOSE, "Last dose of study drug", Kind.DATE, "E05"),
    ):
        yield stated(about, role, name, kind, None, absence=Absence.NOT_IN_DATA, elements=(element,))


def _dosing(about: str, dm: ClinicalRecord, derived: Derived) -> Iterator[Fact]:
    # From DM, which blinded readers see: EX and EC tell the treatment by their doses.
    yield _recorded(about, dm, "RFXSTDTC", Role.FIRST_DOSE, "First dose of study drug", Kind.DATE, "E15")
    yield _recorded(about, dm, "RFXENDTC", Role.LAST_DOSE, "Last dose of study drug", Kind.DATE, "E05")
    for role, kind, name, element in (
        (Role.LAST_DOSE_DAY, Kind.STUDY_DAY, "Study day of last dose", "E05"),
        (Role.EXPOSURE_DAYS, Kind.DURATION, "First to last dose of study drug", "E15"),
    ):
        yield from taken_over(derived, fact_of(dm.id, role), about, role, name, kind, elements=(element,))


def _unknowns(about: str) -> Iterator[Fact]:
    """What a narrative must speak of and this data, or this blinded projection of it, does not hold."""
    for role, name, absence, element in (
        (Role.DOSE, "Dose of study drug", Absence.WITHHELD, "E15"),
        (Role.GROUP, "Treatment group", Absence.WITHHELD, "E22"),
        (Role.SPONSOR_OPINION, "Sponsor's opinion on causality", Absence.NOT_IN_DATA, "E09"),
        (Role.RECHALLENGE, "Dechallenge and rechallenge", Absence.NOT_IN_DATA, "E20"),
    ):
        attribution = Attribution.SPONSOR if role is Role.SPONSOR_OPINION else Attribution.SITE
        yield stated(about, role, name, Kind.CODE, None, absence=absence, elements=(element,), attribution=attribution)


def _recorded(
    about: str, row: ClinicalRecord, variable: str, role: Role, name: str, kind: Kind, *elements: str
) -> Fact:
    source = row.reference(variable)
    value = row.values.get(variable)
    return stated(about, role, name, kind, value, fact_id=source, sources=(source,), elements=elements)
