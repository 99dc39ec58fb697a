"""The SDTM domains the product knows: class, plain label, twin section and blinding.

SDTMIG 3.2 to 3.4, SDTMIG for medical devices 1.1, SDTMIG for associated persons 1.0.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class DomainClass(StrEnum):
    """General observation class of a domain (SDTMIG 3.4, 2.6)."""

    SPECIAL = "special"
    INTERVENTIONS = "interventions"
    EVENTS = "events"
    FINDINGS = "findings"
    TRIAL_DESIGN = "trial design"
    RELATIONSHIP = "relationship"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class DomainEntry:
    """One row of the domain table."""

    observation_class: DomainClass
    label: str
    section: str = "other"
    reveals_treatment: bool = False
    is_of_study: bool = False


_SPECIAL: Final = {
    "CO": DomainEntry(DomainClass.SPECIAL, "Comments"),
    "DM": DomainEntry(DomainClass.SPECIAL, "Demographics", "demographics"),
    # The elements that a subject passes through are those of one arm.
    "SE": DomainEntry(DomainClass.SPECIAL, "Subject elements", "exposure", reveals_treatment=True),
    "SM": DomainEntry(DomainClass.SPECIAL, "Disease milestones", "history"),
    "SV": DomainEntry(DomainClass.SPECIAL, "Visits", "visits"),
}
_INTERVENTIONS: Final = {
    "AG": DomainEntry(DomainClass.INTERVENTIONS, "Procedure agents"),
    "CM": DomainEntry(DomainClass.INTERVENTIONS, "Concomitant medications", "medications"),
    "EC": DomainEntry(DomainClass.INTERVENTIONS, "Exposure as collected", "exposure", reveals_treatment=True),
    "EX": DomainEntry(DomainClass.INTERVENTIONS, "Exposure", "exposure", reveals_treatment=True),
    "ML": DomainEntry(DomainClass.INTERVENTIONS, "Meals"),
    "PR": DomainEntry(DomainClass.INTERVENTIONS, "Procedures"),
    "SU": DomainEntry(DomainClass.INTERVENTIONS, "Substance use", "history"),
}
_EVENTS: Final = {
    "AE": DomainEntry(DomainClass.EVENTS, "Adverse events", "adverse_events"),
    "BE": DomainEntry(DomainClass.EVENTS, "Biospecimen events"),
    "CE": DomainEntry(DomainClass.EVENTS, "Clinical events", "adverse_events"),
    "DS": DomainEntry(DomainClass.EVENTS, "Disposition", "disposition"),
    "DV": DomainEntry(DomainClass.EVENTS, "Protocol deviations"),
    "HO": DomainEntry(DomainClass.EVENTS, "Healthcare encounters"),
    "MH": DomainEntry(DomainClass.EVENTS, "Medical history", "history"),
}
_FINDINGS: Final = {
    "BS": DomainEntry(DomainClass.FINDINGS, "Biospecimen findings"),
    "CP": DomainEntry(DomainClass.FINDINGS, "Cell phenotype findings"),
    "CV": DomainEntry(DomainClass.FINDINGS, "Cardiovascular findings"),
    "DA": DomainEntry(DomainClass.FINDINGS, "Drug accountability", "exposure", reveals_treatment=True),
    "DD": DomainEntry(DomainClass.FINDINGS, "Death details", "disposition"),
    "EG": DomainEntry(DomainClass.FINDINGS, "Electrocardiogram"),
    "FA": DomainEntry(DomainClass.FINDINGS, "Findings about events or interventions"),
    "FT": DomainEntry(DomainClass.FINDINGS, "Functional tests", "questionnaires"),
    "GF": DomainEntry(DomainClass.FINDINGS, "Genomic findings"),
    "IE": DomainEntry(DomainClass.FINDINGS, "Inclusion and exclusion criteria not met"),
    # Antibodies against a drug are found in those who were given it.
    "IS": DomainEntry(DomainClass.FINDINGS, "Immunogenicity", "laboratory", reveals_treatment=True),
    "LB": DomainEntry(DomainClass.FINDINGS, "Laboratory results", "laboratory"),
    "MB": DomainEntry(DomainClass.FINDINGS, "Microbiology specimen", "laboratory"),
    "MI": DomainEntry(DomainClass.FINDINGS, "Microscopic findings"),
    "MK": DomainEntry(DomainClass.FINDINGS, "Musculoskeletal findings"),
    "MO": DomainEntry(DomainClass.FINDINGS, "Morphology"),
    "MS": DomainEntry(DomainClass.FINDINGS, "Microbiology susceptibility", "laboratory"),
    "NV": DomainEntry(DomainClass.FINDINGS, "Nervous system findings"),
    "OE": DomainEntry(DomainClass.FINDINGS, "Ophthalmic examinations"),
    "PC": DomainEntry(DomainClass.FINDINGS, "Drug concentrations", "exposure", reveals_treatment=True),
    "PE": DomainEntry(DomainClass.FINDINGS, "Physical examination"),
    "PP": DomainEntry(DomainClass.FINDINGS, "Pharmacokinetic parameters", "exposure", reveals_treatment=True),
    "QS": DomainEntry(DomainClass.FINDINGS, "Questionnaires", "questionnaires"),
    "RE": DomainEntry(DomainClass.FINDINGS, "Respiratory findings"),
    "RP": DomainEntry(DomainClass.FINDINGS, "Reproductive findings"),
    "RS": DomainEntry(DomainClass.FINDINGS, "Disease response"),
    "SC": DomainEntry(DomainClass.FINDINGS, "Subject characteristics", "demographics"),
    "SR": DomainEntry(DomainClass.FINDINGS, "Skin response"),
    "SS": DomainEntry(DomainClass.FINDINGS, "Subject status", "disposition"),
    "TR": DomainEntry(DomainClass.FINDINGS, "Tumour results"),
    "TU": DomainEntry(DomainClass.FINDINGS, "Tumour identification"),
    "UR": DomainEntry(DomainClass.FINDINGS, "Urinary system findings"),
    "VS": DomainEntry(DomainClass.FINDINGS, "Vital signs", "vital_signs"),
}
_TRIAL_DESIGN: Final = {
    "TA": DomainEntry(DomainClass.TRIAL_DESIGN, "Trial arms", reveals_treatment=True, is_of_study=True),
    "TD": DomainEntry(DomainClass.TRIAL_DESIGN, "Disease assessments planned", is_of_study=True),
    "TE": DomainEntry(DomainClass.TRIAL_DESIGN, "Trial elements", reveals_treatment=True, is_of_study=True),
    "TI": DomainEntry(
        DomainClass.TRIAL_DESIGN, "Trial inclusion and exclusion criteria", reveals_treatment=True, is_of_study=True
    ),
    "TM": DomainEntry(DomainClass.TRIAL_DESIGN, "Trial disease milestones", is_of_study=True),
    "TS": DomainEntry(DomainClass.TRIAL_DESIGN, "Trial summary", reveals_treatment=True, is_of_study=True),
    "TV": DomainEntry(DomainClass.TRIAL_DESIGN, "Trial visits", "visits", is_of_study=True),
}
_RELATIONSHIP: Final = {"RELREC": DomainEntry(DomainClass.RELATIONSHIP, "Related records", "relations")}

# SDTMIG for medical devices 1.1. Where a device is what is tried, each of them tells who has which.
_DEVICES: Final = {
    "DI": DomainEntry(DomainClass.FINDINGS, "Device identifiers", reveals_treatment=True, is_of_study=True),
    "DO": DomainEntry(DomainClass.FINDINGS, "Device properties", reveals_treatment=True, is_of_study=True),
    "DR": DomainEntry(DomainClass.RELATIONSHIP, "Devices of subjects", "exposure", reveals_treatment=True),
    "DT": DomainEntry(DomainClass.EVENTS, "Device tracking", "exposure", reveals_treatment=True, is_of_study=True),
    "DU": DomainEntry(DomainClass.FINDINGS, "Device in use", "exposure", reveals_treatment=True, is_of_study=True),
    "DX": DomainEntry(DomainClass.INTERVENTIONS, "Device exposure", "exposure", reveals_treatment=True),
}
# Datasets that relate subjects, samples and pools; none has a column DOMAIN (SDTMIG 3.4, 8).
_RELATING: Final = {
    "RELSUB": DomainEntry(DomainClass.RELATIONSHIP, "Related subjects", is_of_study=True),
    "RELSPEC": DomainEntry(DomainClass.RELATIONSHIP, "Related specimens", is_of_study=True),
    "POOLDEF": DomainEntry(DomainClass.RELATIONSHIP, "Pools of subjects", is_of_study=True),
}

DOMAINS: Final[dict[str, DomainEntry]] = (
    _SPECIAL | _INTERVENTIONS | _EVENTS | _FINDINGS | _TRIAL_DESIGN | _RELATIONSHIP | _DEVICES | _RELATING
)
_CUSTOM: Final = re.compile("[XYZ][A-Z0-9]")
_CODE: Final = re.compile("[A-Z][A-Z0-9]")
# SENDIG 3.1: domains that SDTM of persons has not.
OF_ANIMALS: Final = frozenset({"BG", "BW", "CL", "FW", "MA", "OM", "PM", "TF", "TX"})


def is_custom_domain(domain: str) -> bool:
    """Whether a code is a sponsor's own domain: X, Y or Z with a capital or a digit after it (SDTMIG 3.4, 2.6)."""
    return _CUSTOM.fullmatch(domain) is not None


def may_be_sponsors(domain: str) -> bool:
    """Whether a code that no guide lists may be a sponsor's own: not every sponsor begins it with X, Y or Z."""
    return domain not in DOMAINS and domain not in OF_ANIMALS and _CODE.fullmatch(domain) is not None


def domain_entry(domain: str) -> DomainEntry | None:
    """What the product knows of a domain; None for a code that is neither in the table nor a sponsor's own."""
    known = DOMAINS.get(domain)
    if known is not None:
        return known
    if is_custom_domain(domain):
        # What a sponsor puts into a domain of its own is not known here, so it counts as telling.
        return DomainEntry(DomainClass.CUSTOM, f"Sponsor domain {domain}", reveals_treatment=True)
    return _of_associated_person(domain)


def _of_associated_person(domain: str) -> DomainEntry | None:
    """A domain on a relative or carer of a subject: `AP` before the domain it is like (SDTMIG-AP 1.0)."""
    like = DOMAINS.get(domain.removeprefix("AP")) if len(domain) == 4 and domain.startswith("AP") else None
    if like is None:
        return None
    label = f"Associated persons: {like.label.lower()}"
    return replace(like, label=label, section="other", is_of_study=True)
