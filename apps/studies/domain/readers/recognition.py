"""Says what a dataset is by its columns: SDTM records, qualifiers or relations of a domain, or nothing that is read."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from apps.studies.domain import variables
from apps.studies.domain.domain_codes import OF_ANIMALS, may_be_sponsors
from apps.studies.domain.readers.frame import Frame

_LONGEST_DOMAIN: Final = 8
_ADAM: Final = frozenset(
    {"PARAMCD", "PARAM", "AVAL", "AVALC", "ADT", "ADY", "ASTDT", "TRTP", "TRTA", "TRT01P", "TRT01A", "TRTSDT", "SAFFL"}
)
_SEND: Final = "It is SEND, of animals; SDTM of persons is read."
_OF_ANIMALS: Final = frozenset({"SPECIES", "STRAIN", "SBSTRAIN"})
# Datasets of SDTM that name no domain (SDTMIG 3.4, 8; SDTMIG-AP 1.0): recognised by what they relate.
_RELATING: Final = {
    "RELSUB": frozenset({"RSUBJID", "SREL"}),
    "RELSPEC": frozenset({"REFID", "SPEC", "LEVEL"}),
    "POOLDEF": frozenset({"POOLID", "USUBJID"}),
}


class SheetKind(StrEnum):
    """What the rows of a sheet are."""

    RECORDS = "records"
    STUDY = "study"
    QUALIFIERS = "qualifiers"
    RELATIONS = "relations"


class NotSdtmError(Exception):
    """A dataset that is whole and is no SDTM; its words say what it is."""


def kind_and_domain(frame: Frame, file: str) -> tuple[SheetKind, str, list[str]]:
    """What a dataset holds, its domain, and what was assumed; NotSdtmError for what is none.

    *file* is the name of its file, which counts only where the columns do not say.
    """
    names = frame.columns.keys()
    dataset = (frame.dataset or file).upper()
    _refuse_others(frame, dataset)
    # By its columns: the name of a file is anybody's choice.
    if {"RDOMAIN", "QNAM", "QVAL", "IDVAR", "IDVARVAL"} <= names:
        parent = _most_common(frame, "RDOMAIN") or dataset.removeprefix("SUPP").removeprefix("SQ")
        return SheetKind.QUALIFIERS, f"SUPP{parent}", []
    # RELID alone parts relations from comments, which point by the same variables.
    if {"RDOMAIN", "RELID", "IDVAR", "IDVARVAL"} <= names:
        return SheetKind.RELATIONS, "RELREC", []
    if "DOMAIN" not in names:
        return _without_domain(frame, dataset)
    domain = _most_common(frame, "DOMAIN")
    if _is_sponsors_own(domain, names):
        note = f"{domain} is no domain of SDTM; it is kept as the sponsor's own, and hidden from blinded readers."
        return SheetKind.RECORDS, domain, [note]
    if not domain and variables.is_known_domain(dataset):
        # An emptied dataset says nothing of itself but its name.
        domain = dataset
    return _kind_of(domain), domain, []


def _is_sponsors_own(domain: str, names: Iterable[str]) -> bool:
    return not variables.is_known_domain(domain) and may_be_sponsors(domain) and _speaks_of(names, domain)


def _kind_of(domain: str) -> SheetKind:
    return SheetKind.STUDY if variables.is_of_study(domain) else SheetKind.RECORDS


def _refuse_others(frame: Frame, dataset: str) -> None:
    names = frame.columns.keys()
    if "DOMAIN" not in names and len(_ADAM & names) > 1:
        raise NotSdtmError("It is ADaM, made for analysis; the SDTM it was made from is read.")
    if _OF_ANIMALS & names and (dataset == "DM" or _most_common(frame, "DOMAIN") == "DM"):
        raise NotSdtmError(_SEND)
    if _most_common(frame, "DOMAIN") in OF_ANIMALS:
        raise NotSdtmError(_SEND)


def _without_domain(frame: Frame, dataset: str) -> tuple[SheetKind, str, list[str]]:
    names = frame.columns.keys()
    for name, needed in _RELATING.items():
        if needed <= names:
            return SheetKind.STUDY, name, []
    if variables.is_known_domain(dataset) and "USUBJID" in names and _speaks_of(names, dataset):
        return _kind_of(dataset), dataset, [f"It has no column DOMAIN; {dataset} is the name of the dataset."]
    raise NotSdtmError("It has no column DOMAIN, expected an SDTM domain, SUPP-- or RELREC dataset.")


def _speaks_of(names: Iterable[str], domain: str) -> bool:
    """Whether the columns are those of a domain: with its letters in front, or those of demographics."""
    return domain == "DM" or any(name.startswith(domain) for name in names)


def _most_common(frame: Frame, name: str) -> str:
    """The domain most rows name, those the product knows first; a row that names another is that row's fault."""
    counted = Counter(str(value).strip() for value in frame.columns.get(name, ()) if value)
    ranked = sorted(counted, key=lambda value: (not variables.is_known_domain(value), -counted[value]))
    if ranked and len(ranked[0]) > _LONGEST_DOMAIN:
        raise NotSdtmError(f"Got the {name} {ranked[0][:20]!r}…, expected a domain code such as AE.")
    return ranked[0] if ranked else ""
