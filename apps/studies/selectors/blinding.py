"""What a study hides from blinded readers: the rules that class its records, and what each of them reaches."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from apps.accounts.domain.roles import Permission
from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.blinding import WHOLE, BlindingRules, fold
from apps.studies.domain.principal import Principal
from apps.studies.models import BlindingRule, Record, RuleKind, Study

# The page counts while somebody waits; beyond this it says that it did not read to the end.
MOST_READ = 20_000
MOST_SHOWN = 5
# In the order in which they are said: stored values keep none that holds on every database.
_TELLING = ("TESTCD", "TEST", "ORRES", "DTC")
# Letters of units, which stand for none of ASCII: nearly every laboratory result holds one.
_UNITS = "\N{MICRO SIGN}\N{GREEK SMALL LETTER MU}\N{DEGREE SIGN}"
_FIELDS = {
    RuleKind.VARIABLE: "variables",
    RuleKind.OPENED: "opened",
    RuleKind.TEST: "tests",
    RuleKind.WORD: "words",
}


def rules_of(study: Study) -> BlindingRules:
    """The rules of a study, on top of the product's own."""
    return BlindingRules(**_names(study))


def _names(study: Study) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for kind, name in BlindingRule.objects.filter(study=study).values_list("kind", "name"):
        found[kind].add(name)
    return {field: frozenset(found[kind]) for kind, field in _FIELDS.items()}


def blinding_rules(study: Study) -> QuerySet[BlindingRule]:
    """The rules of a study with who made them, by kind and name."""
    return BlindingRule.objects.filter(study=study).select_related("added_by").order_by("kind", "name")


def rule_of(study: Study, pk: int) -> BlindingRule:
    """One rule of a study; raises NotVisibleError for one of another."""
    rule = blinding_rules(study).filter(pk=pk).first()
    if rule is None:
        raise NotVisibleError(f"Study {study.code} has no such rule.")
    return rule


def may_see_rules(principal: Principal, study: Study) -> bool:
    """Whether a reader may know what is hidden: the words alone name the treatments."""
    return principal.may(Permission.VIEW_UNBLINDED, study.pk)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one rule decides: records hidden whole and values by domain and variable, of how many subjects.

    `examples` are a few of the values; `is_cut_short` says that only the first records were read.
    """

    places: tuple[tuple[str, int], ...]
    subjects: int
    examples: tuple[str, ...]
    is_cut_short: bool

    @property
    def number(self) -> int:
        """Records and values together."""
        return sum(number for _, number in self.places)


def reach_of(study: Study, kind: RuleKind, name: str) -> Reach:
    """What a rule hides of the records of now, or opens, whether it is there already or only thought of."""
    names, field = _names(study), _FIELDS[kind]
    without = BlindingRules(**{**names, field: names[field] - {name}})
    with_it = BlindingRules(**{**names, field: names[field] | {name}})
    places: Counter[str] = Counter()
    subjects, examples, read = set(), dict[str, None](), 0
    for record in _candidates(study, kind, name)[:MOST_READ].iterator(chunk_size=2000):
        read += 1
        for place, text in _decided(record, without, with_it):
            places[place] += 1
            subjects.add(record.subject_id)
            if len(examples) < MOST_SHOWN:
                examples[text] = None
    return Reach(tuple(sorted(places.items())), len(subjects - {None}), tuple(examples), read == MOST_READ)


def _candidates(study: Study, kind: RuleKind, name: str) -> QuerySet[Record]:
    records = Record.objects.filter(study=study, is_withdrawn=False).order_by("pk")
    domain, _, variable = name.partition(".")
    if kind is RuleKind.WORD:
        return records.annotate(text=Cast("values", CharField())).filter(_may_hold(fold(name)))
    if kind is RuleKind.TEST:
        return records.filter(domain=domain, **{f"values__{domain}TESTCD": variable})
    return records.filter(domain=domain, values__has_key=variable)


def _may_hold(name: str) -> Q:
    """Whether a text may hold a name; that it does is decided on the folded text, which no database can make."""
    # The longest word narrows the search, but where other letters may stand for those of the name, or are escaped.
    plain = _UNITS if name.isascii() else ""
    return Q(text__icontains=max(name.split(), key=len)) | Q(text__regex=rf"[^ -~{plain}]|\\")


def _in_short(finding: Record) -> str:
    """What was tested, found and when: only findings are hidden whole by a rule of a study."""
    names = (f"{finding.domain}{suffix}" for suffix in _TELLING)
    return ", ".join(str(finding.values[name]) for name in names if name in finding.values)


def _decided(record: Record, without: BlindingRules, with_it: BlindingRules) -> Iterator[tuple[str, str]]:
    """Place and text of each value of a record that is hidden with one set of rules and not with the other."""
    one, other = (rules.hidden_in(record.domain, record.values) for rules in (without, with_it))
    if one != other and WHOLE in (one, other):
        yield record.domain, _in_short(record)
    elif one != other:
        for name in sorted(one ^ other):
            yield f"{record.domain}.{name}", str(record.values[name])
