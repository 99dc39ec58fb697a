"""Coded values as people read them: sentence case, British spelling, plain units; codes are never shown alone."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.studies.domain.clinical.ages import YEARS
from apps.studies.domain.clinical.codelists import CODELISTS
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.dates import InvalidDateError, display
from apps.studies.domain.variables import Value, is_date
from apps.twins.domain.summary import SubjectStatus

NO_BREAK: Final = "\N{NO-BREAK SPACE}"

# Variables whose values are terms: read in sentence case, not as codes.
_TERMS: Final = frozenset({"VISIT", "EPOCH", "RACE", "ETHNIC", "ARM", "ACTARM"})
_TERM_SUFFIXES: Final = frozenset({
    "ACN", "BODSYS", "CAT", "DECOD", "DOSFRQ", "HLGT", "HLT", "INDC", "LLT", "OUT", "ROUTE", "SEV", "SOC", "TERM",
    "TEST", "TRT",
})  # fmt: skip
_UNITS: Final[Mapping[str, str]] = {"umol": "µmol", "ug": "µg", "uU": "µU", "10^9": "10⁹", "10^12": "10¹²"}
_SHORT_TESTS: Final[Mapping[str, str]] = {
    "ALT": "ALT",
    "AST": "AST",
    "ALP": "ALP",
    "GGT": "GGT",
    "BILI": "Bilirubin",
    "CK": "CK",
    "HGB": "Haemoglobin",
    "HCT": "Haematocrit",
    "WBC": "White cells",
    "RBC": "Red cells",
    "MCV": "MCV",
    "MCH": "MCH",
    "MCHC": "MCHC",
}


def unit(text: str | None) -> str:
    """A unit with its proper signs: `umol/L` is written µmol/L."""
    return "/".join(_UNITS.get(part, part) for part in (text or "").split("/"))


def with_unit(value: Value | None, unit_text: str | None) -> str:
    """Value and unit that stay on one line; empty where nothing is recorded."""
    if value is None:
        return ""
    return NO_BREAK.join(part for part in (number(value), unit(unit_text)) if part)


def number(value: Value) -> str:
    """A value with as many decimals as its source, thousands set off by commas from 10,000 on."""
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    return str(value)


def age_words(age: float | None, unit_code: str) -> str:
    """An age with its unit, `7 months`; empty where none is recorded, in a unit that no list knows as it stands."""
    if age is None:
        return ""
    # Of a part of a unit people speak as of several.
    count = int(age) if age == int(age) else 2
    units = {
        "HOURS": ngettext("hour", "hours", count),
        "DAYS": ngettext("day", "days", count),
        "WEEKS": ngettext("week", "weeks", count),
        "MONTHS": ngettext("month", "months", count),
        YEARS: ngettext("year", "years", count),
        "DECADE": ngettext("decade", "decades", count),
    }
    return f"{age_number(age)} {units.get(unit_code, unit_code)}"


def age_number(age: float) -> str:
    """An age as it was recorded, a whole one without decimals."""
    return number(int(age) if age == int(age) else age)


def multiple(value: float) -> str:
    """A multiple of the upper limit of normal: `5.94 × ULN`."""
    return f"{value:.2f}{NO_BREAK}×{NO_BREAK}{_('ULN')}"


def day(text: str | None) -> str:
    """A date as far as it is recorded, without its time; empty where nothing is recorded."""
    return moment(text).partition(",")[0]


def short_day(text: str | None) -> str:
    """A whole date without its year, where the chart beside it shows the year's course; a partial one as it is."""
    words = day(text)
    return words[:6] if len(words) == len("02 Jun 2013") else words


def moment(text: str | None) -> str:
    """A date with its time where recorded; what is no date is shown as it stands."""
    if not text:
        return ""
    try:
        return display(text).replace("T", " ")
    except InvalidDateError:
        return text


def value_words(domain: str, variable: str, value: Value | None) -> str:
    """Any value of any record as people read it; empty where nothing is recorded."""
    if value is None:
        return ""
    if is_date(variable):
        return moment(str(value))
    codelist = CODELISTS.get(variable)
    if codelist is not None:
        return heading(codelist.page(value))
    if variable in _TERMS or (variable.startswith(domain) and variable[2:] in _TERM_SUFFIXES):
        return heading(str(value))
    if variable.endswith("STRESU") or variable.endswith("ORRESU"):
        return unit(str(value))
    return number(value)


def test_name(code: str, name: str | None) -> str:
    """Name of a laboratory test as a heading: its usual short form, else its LBTEST in sentence case."""
    if code in _SHORT_TESTS:
        return _SHORT_TESTS[code]
    words = (name or code).split()
    return heading(" ".join([*words[:1], *(_plain(word) for word in words[1:])]))


def _plain(word: str) -> str:
    return word if word.isupper() else word.lower()


def status_words(status: str, *, knows_who_left: bool) -> str:
    """Where a subject stands; nobody is said to be in the study still where nothing tells who left (DS)."""
    return _("randomised") if status == SubjectStatus.ONGOING and not knows_who_left else str(status)
