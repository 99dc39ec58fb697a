"""Words that the verifier must know: the terms of the study, and the treatments that no blinded text may name."""

from collections.abc import Mapping

from apps.studies.domain.blinding import parsed
from apps.studies.models import Record, Study
from apps.studies.selectors.blinding import rules_of

TERM_VARIABLES = {"AE": ("AETERM", "AEDECOD"), "CM": ("CMTRT", "CMDECOD"), "MH": ("MHTERM", "MHDECOD")}


def study_terms(study: Study) -> tuple[str, ...]:
    """Terms of events, medications and history anywhere in the study: one used without its fact is an invention."""
    return _distinct(study, TERM_VARIABLES)


def treatment_names(study: Study) -> tuple[str, ...]:
    """Names and codes of the study's treatments, used only to refuse text that holds one."""
    return tuple(sorted(rules_of(study).words))


def _distinct(study: Study, variables: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Values that blinded readers may see: a finding names what it found."""
    found: set[str] = set()
    for domain, names in variables.items():
        records = Record.objects.filter(study=study, domain=domain, is_withdrawn=False).exclude(hidden="*")
        for name in names:
            values = records.values_list(f"values__{name}", "hidden").order_by().distinct()
            found.update(str(value) for value, hidden in values if value and name not in parsed(hidden))
    return tuple(sorted(found))
