"""By what names a study calls its treatments; found in its data, and looked for in text that blinded readers see."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from apps.studies.domain.blinding import BlindingRules, words_of
from apps.studies.domain.changes import RecordChange
from apps.studies.domain.readers.package import Package

NAMING_VARIABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "EX": ("EXTRT",),
    "EC": ("ECTRT",),
    "DM": ("ARM", "ARMCD", "ACTARM", "ACTARMCD"),
    "TA": ("ARM", "ARMCD"),
}
"""Variables whose values are names or codes of treatments (SDTMIG 3.4)."""


def words_in(package: Package) -> frozenset[str]:
    """Names of treatments in the files of a package, folded."""
    pairs = [(domain, name) for domain, names in NAMING_VARIABLES.items() for name in names]
    return words_of(str(value) for domain, name in pairs for value in package.distinct(domain, name))


def words_said(changes: Iterable[RecordChange]) -> frozenset[str]:
    """Names of treatments in changes that are about to be written, folded."""
    named = ((change, name) for change in changes for name in NAMING_VARIABLES.get(change.domain, ()))
    return words_of(str(change.values[name]) for change, name in named if name in change.values)


def with_words(rules: BlindingRules, package: Package) -> BlindingRules:
    """The rules with the names of treatments that a package brings."""
    return replace(rules, words=rules.words | words_in(package))
