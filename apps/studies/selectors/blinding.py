"""What a study hides from blinded readers, as the rules that class its records."""

from collections import defaultdict

from apps.studies.domain.blinding import BlindingRules
from apps.studies.models import BlindingRule, RuleKind, Study


def rules_of(study: Study) -> BlindingRules:
    """The rules of a study, on top of the product's own."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for kind, name in BlindingRule.objects.filter(study=study).values_list("kind", "name"):
        names[kind].add(name)
    return BlindingRules(
        variables=frozenset(names[RuleKind.VARIABLE]),
        opened=frozenset(names[RuleKind.OPENED]),
        tests=frozenset(names[RuleKind.TEST]),
        words=frozenset(names[RuleKind.WORD]),
    )
