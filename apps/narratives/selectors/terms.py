"""Words that the verifier must know: the terms of the study, and the treatments that no blinded text may name."""

from collections.abc import Mapping

from apps.studies.models import Record, Study

TERM_VARIABLES = {"AE": ("AETERM", "AEDECOD"), "CM": ("CMTRT", "CMDECOD"), "MH": ("MHTERM", "MHDECOD")}
TREATMENT_VARIABLES = {"EX": ("EXTRT",), "DM": ("ARM", "ARMCD", "ACTARM", "ACTARMCD"), "TA": ("ARM", "ARMCD")}
NOT_A_TREATMENT = {"SCRNFAIL", "SCREEN FAILURE", "NOTASSGN", "NOT ASSIGNED", "NOTTRT", "NOT TREATED"}


def study_terms(study: Study) -> tuple[str, ...]:
    """Terms of events, medications and history anywhere in the study: one used without its fact is an invention."""
    return _distinct(study, TERM_VARIABLES)


def treatment_names(study: Study) -> tuple[str, ...]:
    """Names and codes of the study's treatments, used only to refuse text that holds one."""
    return tuple(name for name in _distinct(study, TREATMENT_VARIABLES) if name.upper() not in NOT_A_TREATMENT)


def _distinct(study: Study, variables: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: set[str] = set()
    for domain, names in variables.items():
        records = Record.objects.filter(study=study, domain=domain, is_withdrawn=False)
        for name in names:
            values = records.values_list(f"values__{name}", flat=True).order_by().distinct()
            found.update(str(value) for value in values if value)
    return tuple(sorted(found))
