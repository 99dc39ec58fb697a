"""The label of a variable: the product's own where it knows one, else what the study's files call it."""

from apps.studies.domain.variables import is_known, label
from apps.studies.models import Study


def variable_label(study: Study, domain: str, variable: str) -> str:
    """Words for a variable of a study; its name where nobody labelled it."""
    if is_known(domain, variable):
        return label(domain, variable)
    return str(study.variable_labels.get(domain, {}).get(variable, variable))
