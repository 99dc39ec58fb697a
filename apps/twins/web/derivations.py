"""How derived values came about, in words: what each is called and what was done to which values."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.studies.domain.clinical.codelists import CAUSALITY, OUTCOME, SEVERITY
from apps.studies.domain.clinical.terms import heading
from apps.twins.domain.facts import DerivedFact
from apps.twins.domain.twin import Twin
from apps.twins.web.words import day, number

# Name of a derived fact: its heading, and the rule it follows.
RULES: Final[Mapping[str, tuple[str, str]]] = {
    "onset": (gettext_noop("Onset"), gettext_noop("The earliest start date of the rows of the event.")),
    "onset_day": (
        gettext_noop("Study day of onset"),
        gettext_noop("Days from the reference start, which is day 1; there is no day 0 (SDTMIG 4.4.4)."),
    ),
    "end": (gettext_noop("End"), gettext_noop("The end date of the last row, unless its outcome says it goes on.")),
    "end_day": (
        gettext_noop("Study day of the end"),
        gettext_noop("Days from the reference start, which is day 1; there is no day 0 (SDTMIG 4.4.4)."),
    ),
    "duration_days": (gettext_noop("Duration"), gettext_noop("Days from onset to end, both counted.")),
    "is_serious": (
        gettext_noop("Seriousness"),
        gettext_noop("Serious by the flag, by any criterion or by a fatal outcome (ICH E2A II.B)."),
    ),
    "seriousness_criteria": (gettext_noop("Seriousness criteria"), gettext_noop("Criteria recorded as met.")),
    "contradictions": (
        gettext_noop("Contradictions"),
        gettext_noop("Evidence of the same records that cannot all be true."),
    ),
    "died": (
        gettext_noop("Death"),
        gettext_noop("A death recorded in DM, DS, DD, or by the outcome or the criterion of an adverse event."),
    ),
    "seriousness_flag_contradicts": (
        gettext_noop("Flag contradicts criteria"),
        gettext_noop("The flag says not serious while a criterion is met or the event was fatal."),
    ),
    "worst_severity": (gettext_noop("Worst severity"), gettext_noop("The highest severity of the rows of the event.")),
    "outcome": (gettext_noop("Outcome"), gettext_noop("The outcome of the last row by collection date.")),
    "causality": (gettext_noop("Causality"), gettext_noop("The causality of the last row by collection date.")),
    "dose_at_onset": (
        gettext_noop("Dose at onset"),
        gettext_noop("The dose of the dosing interval that contains the onset."),
    ),
    "last_dose_day": (
        gettext_noop("Study day of the last dose"),
        gettext_noop("Days from the reference start, which is day 1; there is no day 0 (SDTMIG 4.4.4)."),
    ),
    "exposure_days": (gettext_noop("Days on study drug"), gettext_noop("Days from first to last dose, both counted.")),
    "death_day": (
        gettext_noop("Study day of death"),
        gettext_noop("Days from the reference start, which is day 1; there is no day 0 (SDTMIG 4.4.4)."),
    ),
    "times_uln": (
        gettext_noop("Multiple of the upper limit of normal"),
        gettext_noop("The result divided by the upper limit of the same sample."),
    ),
    "peak_times_uln": (
        gettext_noop("Peak multiple of the upper limit of normal"),
        gettext_noop("The highest multiple of the test; the earlier of two equal ones."),
    ),
    "liver_quadrant": (
        gettext_noop("Liver quadrant"),
        gettext_noop("Peak ALT or AST against 3 × ULN, peak bilirubin against 2 × ULN."),
    ),
    "hys_law_criteria_met": (
        gettext_noop("Biochemical criteria of Hy’s law"),
        gettext_noop("ALT or AST above 3 × ULN and bilirubin above 2 × ULN with ALP below 2 × ULN."),
    ),
}


def fact_heading(name: str) -> str:
    """What a derived value is called."""
    return _(RULES[name][0]) if name in RULES else heading(name.replace("_", " "))


def fact_rule(name: str) -> str:
    """The rule that a derived value follows."""
    return _(RULES[name][1]) if name in RULES else ""


def fact_words(fact: DerivedFact) -> str:
    """A derived value as people read it."""
    if isinstance(fact.value, bool):
        return _("yes") if fact.value else _("no")
    if fact.name in _SPELLED:
        return _SPELLED[fact.name](str(fact.value))
    if fact.unit == "× ULN":
        return f"{fact.value:.2f} × ULN"
    if fact.unit == "day":
        return f"{_('day')} {fact.value}"
    return f"{number(fact.value)} {fact.unit}" if fact.unit else number(fact.value)


# Facts that repeat a coded value or a date, and how such a value is spelled.
_SPELLED: Final[Mapping[str, Callable[[str], str]]] = {
    "onset": day,
    "end": day,
    "causality": lambda code: heading(CAUSALITY.page(code)),
    "outcome": lambda code: heading(OUTCOME.page(code)),
    "worst_severity": lambda code: heading(SEVERITY.page(code)),
}


def uses_of(twin: Twin, reference: str) -> Iterator[DerivedFact]:
    """Derived values that were computed from a value."""
    return (fact for fact in twin.facts.values() if reference in fact.derived_from)
