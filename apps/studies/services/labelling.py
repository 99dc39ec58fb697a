"""What the files and Define-XML call their variables, kept for the words beside a value."""

from apps.studies.domain.readers.package import Package
from apps.studies.models import Study


def keep_labels(study: Study, package: Package) -> None:
    """Add the labels of a package to those the study has; the latest files have the last word."""
    labels = {domain: dict(names) for domain, names in study.variable_labels.items()}
    for domain, names in package.labels.items():
        labels.setdefault(domain, {}).update(names)
    if labels != study.variable_labels:
        study.variable_labels = labels
        study.save(update_fields=["variable_labels"])
