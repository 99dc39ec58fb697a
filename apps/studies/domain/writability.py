"""What a blinded person may not write: named by variable, from the rules of the study alone.

Nothing that is stored is looked at, so the answer is the same whatever the subject was given.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.variables import domain_is_hidden

NOT_WRITABLE: Final = "Not writable by your role: it may tell a treatment. Leave it out."


class Unwritable(NamedTuple):
    """A variable, or `domain`, that a blinded writer must leave out."""

    variable: str
    reason: str


def not_writable(rules: BlindingRules, domain: str, values: Mapping[str, object]) -> Unwritable | None:
    """The first thing in a record that a blinded writer may not send; None when they may send all of it."""
    if domain_is_hidden(domain):
        return Unwritable("domain", NOT_WRITABLE)
    hidden = (name for name in values if rules.variable_is_hidden(domain, name))
    return next((Unwritable(name, NOT_WRITABLE) for name in hidden), None) or row_not_writable(rules, domain, values)


def row_not_writable(rules: BlindingRules, domain: str, values: Mapping[str, object]) -> Unwritable | None:
    """Why no part of a row may be sent: its domain, what it relates to, or the test it is of."""
    if domain_is_hidden(domain):
        return Unwritable("DOMAIN", NOT_WRITABLE)
    related = str(values.get("RDOMAIN") or "")
    if related and domain_is_hidden(related):
        return Unwritable("RDOMAIN", NOT_WRITABLE)
    points_by = str(values.get("IDVAR") or "")
    # IDVARVAL is never hidden: pointing by a hidden variable would write its value where everybody reads.
    if related and points_by and rules.variable_is_hidden(related, points_by):
        return Unwritable("IDVAR", NOT_WRITABLE)
    if rules.test_is_hidden(domain, str(values.get(f"{domain}TESTCD") or "")):
        return Unwritable(f"{domain}TESTCD", NOT_WRITABLE)
    return None
