"""One record as an API client sends it, merged with the record it is about."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from apps.core.domain.errors import InvalidInputError
from apps.studies.domain.values import canonical_values
from apps.studies.domain.variables import Value, is_known, is_known_domain, is_of_study

# SAS XPORT version 5 has names of up to eight characters.
NAME = re.compile(r"[A-Z][A-Z0-9]{0,7}")


class FieldError(InvalidInputError):
    """One field of one submitted record is not acceptable."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Submitted:
    """One record of a request: merged with what is there, or withdrawn."""

    index: int
    domain: str
    subject_id: str
    values: Mapping[str, object]
    is_withdrawal: bool = False
    key: str | None = None


def check_names(submitted: Submitted, known_names: Mapping[str, Value]) -> None:
    """Raise FieldError for a domain or variable that the product cannot place."""
    if not is_known_domain(submitted.domain) or is_of_study(submitted.domain):
        raise FieldError("domain", f"Got {submitted.domain!r}, expected an SDTM domain of subjects such as AE or LB.")
    for name in submitted.values:
        if not NAME.fullmatch(name):
            raise FieldError(name[:20], "Expected the name of an SDTM variable: up to 8 capital letters and digits.")
        if not is_known(submitted.domain, name) and name not in known_names:
            raise FieldError(name, f"{submitted.domain} has no variable of this name. Check its spelling.")


def split_values(submitted: Submitted) -> tuple[dict[str, Value], frozenset[str]]:
    """Canonical values to set, and the names that an explicit null clears."""
    cleared = frozenset(name for name, value in submitted.values.items() if value is None or value == "")
    given = {name: value for name, value in submitted.values.items() if name not in cleared}
    return canonical_values(submitted.domain, given), cleared


def fill_identity(values: Mapping[str, Value], *, domain: str, study_id: str, subject_id: str) -> dict[str, Value]:
    """The values with STUDYID, DOMAIN and USUBJID filled; raises FieldError where the client contradicts them."""
    fixed: dict[str, Value] = {"USUBJID": subject_id}
    # Until an import has bound the study, nobody can say that a STUDYID is another's.
    if study_id:
        fixed["STUDYID"] = study_id
    # RELREC says RDOMAIN of each row it relates, and has no domain variable of its own.
    if domain != "RELREC":
        fixed["DOMAIN"] = domain
    for name, expected in fixed.items():
        if name in values and values[name] != expected:
            raise FieldError(name, f"Got {values[name]!r}, expected {expected!r}.")
    return {**fixed, **values}


def merge(before: Mapping[str, Value], given: Mapping[str, Value], cleared: frozenset[str]) -> dict[str, Value]:
    """An absent variable stays, a given one replaces, a cleared one goes."""
    return {**{name: value for name, value in before.items() if name not in cleared}, **given}
