"""The product's variable dictionary: what a variable is, what it is called, and who may see it.

Rules work on the part of a name after the domain prefix (``AESTDTC`` is ``STDTC`` of ``AE``), so one table serves every
domain of an observation class. What the dictionary does not know is treated as if it revealed the treatment.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final

from apps.studies.domain import variable_labels as labels
from apps.studies.domain.domain_codes import DomainClass, domain_entry

Value = str | int | float


class BlindingClass(StrEnum):
    """Who may see a variable while a study is blinded."""

    OPEN = "open"
    TREATMENT = "treatment"


class PrivacyClass(StrEnum):
    """What kind of personal data a variable holds."""

    SUBJECT_ID = "subject_id"
    SITE = "site"
    DATE = "date"
    DEMOGRAPHIC = "demographic"
    FREE_TEXT = "free_text"
    PLAIN = "plain"


_TREATMENT_VARIABLES: Final = frozenset(
    {"ARM", "ARMCD", "ACTARM", "ACTARMCD", "ARMNRS", "ACTARMUD", "TAETORD", "ETCD", "ELEMENT"}
)
"""Which arm, or where in an arm: they tell the treatment in whatever domain they stand."""

_NUMERIC_NAMES: Final = frozenset({"AGE", "DTHDY", "TAETORD", "VISITDY", "VISITNUM"})
_NUMERIC_SUFFIXES: Final = frozenset(
    {"SEQ", "DY", "STDY", "ENDY", "DOSE", "DOSTOT", "PSTRG", "VAMT"}
    | {"STRESN", "STNRLO", "STNRHI", "LLOQ", "ULOQ", "REPNUM", "TPTNUM"}
    | {"LLTCD", "PTCD", "HLTCD", "HLGTCD", "BDSYCD", "SOCCD"}
)

_REQUIRED_NAMES: Final = frozenset({"STUDYID", "DOMAIN", "RDOMAIN", "USUBJID", "SUBJID", "SITEID"})
_REQUIRED_SUFFIXES: Final = frozenset({"SEQ", "TERM", "TRT", "TESTCD", "TEST"})

_SUBJECT_ID_NAMES: Final = frozenset({"USUBJID", "SUBJID", "RELID"})
_SITE_NAMES: Final = frozenset({"SITEID", "INVID", "INVNAM", "COUNTRY"})
_DEMOGRAPHIC_NAMES: Final = frozenset({"AGE", "AGETXT", "AGEU", "SEX", "RACE", "ETHNIC"})
_FREE_TEXT_NAMES: Final = frozenset({"COVAL", "SVUPDES", "SVREASOC", "SEUPDES", "ARMNRS", "ACTARMUD"})
_FREE_TEXT_SUFFIXES: Final = frozenset(
    {"TERM", "MODIFY", "TRT", "INDC", "ADJ", "DOSTXT", "DOSRGM", "ORRES", "STRESC"}
    | {"REASND", "ACNOTH", "RELNST", "SPID", "REFID"}
)

_ANY_CLASS: Final = labels.IDENTIFIERS | labels.TIMING
_OBSERVATION: Final = _ANY_CLASS | labels.GROUPING | labels.CODING
_FRAGMENTS: Final[dict[DomainClass, dict[str, str]]] = {
    DomainClass.SPECIAL: _ANY_CLASS,
    DomainClass.INTERVENTIONS: _OBSERVATION | labels.INTERVENTIONS,
    DomainClass.EVENTS: _OBSERVATION | labels.EVENTS,
    DomainClass.FINDINGS: _OBSERVATION | labels.FINDINGS,
    DomainClass.TRIAL_DESIGN: _ANY_CLASS,
    DomainClass.RELATIONSHIP: {},
    DomainClass.CUSTOM: {},
}


def is_known_domain(domain: str) -> bool:
    """Whether the product can place a domain: SDTMIG 3.2 to 3.4, of devices and associated persons, or a sponsor's
    own starting with X, Y or Z.
    """
    return domain_entry(domain) is not None


def domain_label(domain: str) -> str:
    """Plain name of a domain, such as ``Adverse events``; the code itself when the product does not know it."""
    entry = domain_entry(domain)
    return domain if entry is None else entry.label


def is_of_study(domain: str) -> bool:
    """Whether rows of a domain need no subject: trial design, devices as such, relations between subjects."""
    entry = domain_entry(domain)
    return entry is not None and entry.is_of_study


def is_required(domain: str, variable: str) -> bool:
    """Whether SDTM wants a variable in every row (SDTMIG 3.4: core ``Req``): without it a row identifies nothing."""
    return variable in _REQUIRED_NAMES or _fragment(domain, variable) in _REQUIRED_SUFFIXES


def sections_of(domain: str) -> str:
    """Section of a twin that records of a domain belong to; ``other`` where no section is named for it."""
    entry = domain_entry(domain)
    return "other" if entry is None else entry.section


# Asked for cell after cell; bounded, because names of variables come from files.
@lru_cache(maxsize=8192)
def is_numeric(domain: str, variable: str) -> bool:
    """Whether SDTM defines a variable as a number (SDTMIG 3.4: ``Num`` in the column Type)."""
    return variable in _NUMERIC_NAMES or _fragment(domain, variable) in _NUMERIC_SUFFIXES


def is_date(variable: str) -> bool:
    """Whether a variable holds an ISO 8601 date, possibly partial (SDTMIG 4.4.1: names end in DTC)."""
    return len(variable) > 3 and variable.endswith("DTC")


def is_sequence(domain: str, variable: str) -> bool:
    """Whether a variable is the --SEQ of its domain, which numbers the rows of one cut and identifies nothing."""
    return _fragment(domain, variable) == "SEQ"


def is_known(domain: str, variable: str) -> bool:
    """Whether the dictionary has a variable; one it has not is hidden from blinded readers."""
    return _known_label(domain, variable) is not None


def label(domain: str, variable: str) -> str:
    """English label of a variable; the name itself when the dictionary has none."""
    return _known_label(domain, variable) or variable


@lru_cache(maxsize=8192)
def blinding_class(domain: str, variable: str) -> BlindingClass:
    """Whether a variable may tell a blinded reader the treatment; what is unknown counts as if it did."""
    entry = domain_entry(domain)
    if entry is None or entry.reveals_treatment or variable in _TREATMENT_VARIABLES:
        return BlindingClass.TREATMENT
    return BlindingClass.OPEN if is_known(domain, variable) else BlindingClass.TREATMENT


def domain_is_hidden(domain: str) -> bool:
    """Whether blinded readers see no record of a domain; a domain nobody knows counts as if it told the treatment."""
    entry = domain_entry(domain)
    return entry is None or entry.reveals_treatment


@lru_cache(maxsize=8192)
def privacy_class(domain: str, variable: str) -> PrivacyClass:
    """Kind of personal data a variable holds; a variable the dictionary does not know counts as free text."""
    if variable in _SUBJECT_ID_NAMES:
        return PrivacyClass.SUBJECT_ID
    if variable in _SITE_NAMES:
        return PrivacyClass.SITE
    if variable in _DEMOGRAPHIC_NAMES:
        return PrivacyClass.DEMOGRAPHIC
    if is_date(variable):
        return PrivacyClass.DATE
    return PrivacyClass.FREE_TEXT if _is_free_text(domain, variable) else PrivacyClass.PLAIN


def _is_free_text(domain: str, variable: str) -> bool:
    if variable in _FREE_TEXT_NAMES or _fragment(domain, variable) in _FREE_TEXT_SUFFIXES:
        return True
    return not is_known(domain, variable)


def _fragment(domain: str, variable: str) -> str:
    # Only domains of two letters put them before their variables; RELREC does not.
    return variable[2:] if len(domain) == 2 and variable.startswith(domain) else ""


@lru_cache(maxsize=8192)
def _known_label(domain: str, variable: str) -> str | None:
    whole = labels.ANYWHERE.get(variable) or labels.WHOLE_NAMES.get(domain, {}).get(variable)
    entry = domain_entry(domain)
    if whole is not None or entry is None:
        return whole
    qualifiers = labels.OPEN_QUALIFIERS.get(domain, {})
    fragment = _fragment(domain, variable)
    known = qualifiers.get(variable) or _FRAGMENTS[entry.observation_class].get(fragment)
    return labels.OVERRIDES.get(variable, known) if fragment else known
