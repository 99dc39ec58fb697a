"""One record of a subject: its values, what is hidden of it, and its place in time."""

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from apps.studies.domain.blinding import PRODUCT_RULES, Hidden
from apps.studies.domain.clinical.codelists import is_yes
from apps.studies.domain.clinical.references import Reference
from apps.studies.domain.dates import sort_key
from apps.studies.domain.variables import Value

SortKey = tuple[date, date, str]
# --STAT (C66789); sponsors who write that something was done mean that it was.
_NOT_DONE: Final = frozenset({"NOT DONE", "ND"})


class ClinicalRecord(NamedTuple):
    """One record of the subject; `target` names the records that a RELREC row points at.

    `hidden` names what blinded readers do not see of it, so that a snapshot for them can be taken of a whole twin;
    while no study was asked it is None, and the product's own rules hold.
    """

    id: str
    domain: str
    values: Mapping[str, Value]
    target: str | None = None
    hidden: Hidden | None = None

    @property
    def concealed(self) -> Hidden:
        """What blinded readers must not see of the values."""
        return PRODUCT_RULES.hidden_in(self.domain, self.values) if self.hidden is None else self.hidden

    def text(self, variable: str) -> str | None:
        """The value as text, or None where nothing is recorded."""
        value = self.values.get(variable)
        return None if value is None else str(value)

    def number(self, variable: str) -> int | float | None:
        """The value as a number, or None where it is absent or not numeric."""
        value = self.values.get(variable)
        return value if isinstance(value, int | float) else None

    @property
    def happened(self) -> bool:
        """Whether what the record is about took place: it was not asked for and denied, left unknown or not done.

        --OCCUR other than yes, or --STAT (SDTMIG 2.2.1 and 2.2.2): a row of DIABETES with MHOCCUR N is no diabetes.
        """
        occurred = self.values.get(f"{self.domain}OCCUR")
        is_done = (self.text(f"{self.domain}STAT") or "").strip().upper() not in _NOT_DONE
        return is_done and (occurred is None or is_yes(occurred))

    @property
    def targets(self) -> list[str]:
        """Ids of the records that a RELREC row points at."""
        return (self.target or "").split()

    def reference(self, variable: str) -> str:
        """How a fact names this value as its source: `AE/7f3k….AEOUT`."""
        return str(Reference.of(self.id, variable))


# Variables that say what a record is about, the coded one first.
_NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "AE": ("AEDECOD", "AETERM"),
    "CM": ("CMTRT",),
    "DS": ("DSDECOD", "DSTERM"),
    "MH": ("MHDECOD", "MHTERM"),
    "SV": ("VISIT",),
}


def naming_variables(domain: str) -> tuple[str, ...]:
    """Variables that say what a record of a domain is about: its term, test, treatment or visit."""
    return _NAMED_BY.get(domain, (f"{domain}TEST", f"{domain}TERM", f"{domain}TRT"))


def name_of(row: ClinicalRecord) -> str | None:
    """The term, test, treatment or visit that a record is about; None where it has none."""
    return next((text for name in naming_variables(row.domain) if (text := row.text(name))), None)


def row_order(row: ClinicalRecord) -> tuple[SortKey, SortKey, float, str]:
    """Order of rows by collection date, then start date, then sequence; never by visit number."""
    code = row.domain
    # Numbers of unscheduled visits need not follow time, so no visit is asked.
    sequence = row.number(f"{code}SEQ")
    collected = row.text(f"{code}DTC")
    began = row.text(f"{code}STDTC")
    return (
        sort_key(collected or began or ""),
        sort_key(began or ""),
        float(sequence) if sequence is not None else 0.0,
        row.id,
    )
