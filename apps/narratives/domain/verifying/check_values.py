"""Checks every value of a sentence: it must be the value of a cited fact, in that fact's role, unit and precision."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from apps.narratives.domain.facts.fact import Fact, Kind, Role
from apps.narratives.domain.facts.quantities import is_same_quantity, plain_unit
from apps.narratives.domain.verifying.binding import bracket, item_before, named_events
from apps.narratives.domain.verifying.check_claims import Checked, Problem
from apps.narratives.domain.verifying.claims import DATE_WORDINGS, DAY_OF, Category
from apps.narratives.domain.verifying.reading import Reading
from apps.narratives.domain.verifying.value_grammar import ValueKind, ValueSpan
from apps.studies.domain.clinical.references import Reference
from apps.studies.domain.dates import parse

_KINDS: Final = {
    ValueKind.DATE: (Kind.DATE,),
    ValueKind.STUDY_DAY: (Kind.STUDY_DAY,),
    ValueKind.DURATION: (Kind.DURATION,),
    ValueKind.AGE: (Kind.AGE,),
    ValueKind.MULTIPLE: (Kind.MULTIPLE,),
    ValueKind.RANGE: (Kind.LIMIT,),
    ValueKind.QUANTITY: (Kind.RESULT, Kind.DOSE, Kind.LIMIT),
    ValueKind.NUMBER: (Kind.RESULT, Kind.DOSE, Kind.LIMIT),
}
_BOUND: Final = re.compile(r"([<>]=?) ?(\d{1,15}(?:\.\d{1,15})?)")
_ENDS: Final = frozenset({Role.LAST_DOSE, Role.END, Role.STOP, Role.REFERENCE_END})
_ORDERED: Final = {
    Role.ONSET_AFTER_LAST_DOSE: "after the last dose",
    Role.ONSET_BEFORE_FIRST_DOSE: "before the first dose",
    Role.LAST_DOSE_AFTER_FATAL_EVENT: "after the onset of the fatal event",
    Role.DEATH_AFTER_FATAL_EVENT: "after the onset of the fatal event",
    Role.REFERENCE_END_AFTER_DEATH: "after the date of death",
}


def check_values(reading: Reading, checked: Checked) -> None:
    """Compare every value with the cited facts of its sort; study days with the date they stand beside."""
    dated: dict[int, list[Fact]] = {}
    for value in _values_of(reading):
        candidates = [fact for fact in reading.facts if fact.kind in _KINDS[value.kind] and not fact.is_absent]
        found = [fact for fact in candidates if _is_equal(value, fact, candidates)]
        fitting = [fact for fact in found if _fits(reading, value, fact, dated)]
        if not fitting:
            checked.problems.append(_wrong(value, found, candidates))
        if value.kind is ValueKind.DATE:
            dated[value.end] = fitting
        checked.stated.update(fact.id for fact in fitting)


def _values_of(reading: Reading) -> list[ValueSpan]:
    """The values of a sentence; two dates that are the ends of a cited interval are one value."""
    intervals = {_date_numbers(fact) for fact in reading.facts if fact.kind is Kind.DATE and not fact.is_absent}
    found: list[ValueSpan] = []
    for value in reading.values:
        start = found[-1] if found else value
        joined = replace(value, start=start.start, numbers=(*_whole(start.numbers), *_whole(value.numbers)))
        is_dated = start.kind is value.kind is ValueKind.DATE and start.numbers and value.numbers
        if is_dated and reading.text[start.end : value.start] == " to " and joined.numbers in intervals:
            found[-1] = joined
        else:
            found.append(value)
    return found


def _wrong(value: ValueSpan, found: Sequence[Fact], candidates: Sequence[Fact]) -> Problem:
    # The right value in the wrong place is another error than a wrong value.
    code = "V_ROLE" if found else "V_VALUE"
    near = next(iter(found or candidates), None)
    expected = f"{near.role}: {near.text} {near.unit or ''}".strip() if near else f"a cited fact with a {value.kind}"
    fact_id = near.id if near else None
    return Problem(code, value.start, value.end, expected, value.text, fact_id, contradicts=near is not None)


def _is_equal(value: ValueSpan, fact: Fact, candidates: Sequence[Fact]) -> bool:
    # A form that may mean two days, such as 06/02/2013, is equal to nothing.
    if not value.numbers:
        return False
    if value.kind is ValueKind.DATE:
        return _whole(value.numbers) == _date_numbers(fact)
    if value.kind is ValueKind.RANGE:
        return _is_limit_of(value, fact, candidates)
    if value.kind in (ValueKind.STUDY_DAY, ValueKind.MULTIPLE):
        return value.numbers[0] == Decimal(fact.text)
    unit = "years" if value.kind is ValueKind.AGE and value.unit is None else value.unit
    sign, number = _bound(fact)
    return number is not None and sign == value.sign and is_same_quantity(value.numbers[0], unit, number, fact.unit)


def _bound(fact: Fact) -> tuple[str, Decimal | None]:
    """Sign and number of a fact: `<` of a result below what the method measures; a dose recorded as text has none."""
    if isinstance(fact.value, str):
        found = _BOUND.fullmatch(fact.value) if fact.kind is Kind.RESULT else None
        return ("", None) if found is None else (found[1], Decimal(found[2]))
    return "", None if fact.value is None else Decimal(str(fact.value))


def _date_numbers(fact: Fact) -> tuple[Decimal, ...]:
    """Year, month and day, of an interval those of both ends; 0 for what is not recorded.

    A text makes a date neither sharper nor blunter.
    """
    date = parse(fact.text)
    start, end = (
        tuple(Decimal(part or 0) for part in (one.year, one.month, one.day)) for one in (date, date.end or date)
    )
    return start if start == end else (*start, *end)


def _whole(numbers: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    """The numbers of a date with 0 for the parts that it does not name."""
    return (*numbers, *[Decimal(0)] * (3 - len(numbers)))


def _is_limit_of(value: ValueSpan, fact: Fact, candidates: Sequence[Fact]) -> bool:
    """Whether a range is that of one result: both limits, of the same result, in its unit."""
    limits = {other.role: other for other in candidates if other.about == fact.about}
    lower, upper = limits.get(Role.LOWER), limits.get(Role.UPPER)
    if lower is None or upper is None or plain_unit(value.unit) != plain_unit(lower.unit):
        return False
    return value.numbers == (Decimal(lower.text), Decimal(upper.text))


def _fits(reading: Reading, value: ValueSpan, fact: Fact, dated: dict[int, list[Fact]]) -> bool:
    """Whether the place of a value agrees with what the fact means."""
    if value.kind is ValueKind.DATE:
        return _is_dated_so(reading, value, fact)
    if value.kind is ValueKind.STUDY_DAY:
        return _is_day_of(value, fact, dated)
    if value.kind is ValueKind.DURATION:
        return _is_lasting_so(reading, value, fact)
    if value.kind is ValueKind.AGE:
        return True
    item = item_before(reading, value.start)
    is_of_item = item is None or fact.about in item
    return is_of_item and _is_limit_named(reading, value, fact)


def _is_limit_named(reading: Reading, value: ValueSpan, fact: Fact) -> bool:
    """A single limit is called so; a result or dose is not."""
    before = reading.text[: value.start].rstrip()
    if value.kind is ValueKind.RANGE or fact.kind is not Kind.LIMIT:
        return not before.endswith(" limit")
    return before.endswith("upper limit" if fact.role is Role.UPPER else "lower limit")


def _is_lasting_so(reading: Reading, value: ValueSpan, fact: Fact) -> bool:
    order = _ORDERED.get(fact.role)
    follows = reading.text[value.end :].lstrip().lower()
    if order is not None:
        return follows.startswith(order)
    # How long something lasted is no distance in time: `lasted 4 days` is not `4 days later`.
    if follows.startswith(("after the", "before the", "later", "earlier")):
        return False
    if fact.role is not Role.DURATION:
        return True
    events = named_events(reading, value.start)
    return not events or any(fact.about in event for event in events)


def _is_day_of(value: ValueSpan, fact: Fact, dated: dict[int, list[Fact]]) -> bool:
    """A study day belongs to the date it follows; alone it may be any cited one."""
    # Two characters lie between, a blank and a bracket: `02 Jun 2013 (day 38)`.
    beside = [facts for end, facts in dated.items() if 0 <= value.start - end <= 2]
    return not beside or any(other.about == fact.about and DAY_OF.get(other.role) is fact.role for other in beside[0])


def _is_dated_so(reading: Reading, value: ValueSpan, fact: Fact) -> bool:
    inside = bracket(reading.text, value.start)
    if inside is not None:
        item = item_before(reading, value.start)
        is_of_item = item is None or fact.about in item
        return is_of_item and _is_bracket_role(reading.text[: value.start], inside, fact.role)
    if fact.role is Role.RECORDED_ON:
        return _is_severity_then(reading, value, fact)
    if not _is_onset_of_cause(reading, value, fact):
        return False
    roles = _roles_before(reading, value)
    return roles is None or fact.role in roles


def _is_onset_of_cause(reading: Reading, value: ValueSpan, fact: Fact) -> bool:
    """A date that tells a cause from its namesake must be the onset of the very event that is related."""
    before = _words(reading.text[: value.start]).removesuffix(" of").rstrip()
    causes = [f for m in reading.mentions if m.end == len(before) for f in m.facts if f.role is Role.CAUSE]
    return not causes or any(fact.about in cause.derived_from for cause in causes)


def _is_bracket_role(before: str, inside: str, role: Role) -> bool:
    """Of `(since 2011, until 20 Jun 2013)` each date is what the word before it says."""
    if before.endswith("until "):
        return role is Role.STOP
    return role in (Role.START, Role.DISEASE_SINCE) and ("until" not in inside or before.endswith("since "))


def _is_severity_then(reading: Reading, value: ValueSpan, fact: Fact) -> bool:
    """The date of a recorded severity stands right after that severity."""
    record = Reference.parse(fact.id).record
    steps = [(claim.end, claim.rule.values) for claim in reading.claims if claim.rule.category is Category.SEVERITY]
    for mention in reading.mentions:
        quoted = frozenset(f.text for f in mention.facts if f.role is Role.RECORDED_SEVERITY)
        steps += [(mention.end, quoted)] if quoted else []
    before = max((step for step in steps if step[0] <= value.start), key=lambda step: step[0], default=(0, frozenset()))
    severities = (f for f in reading.facts if f.role is Role.RECORDED_SEVERITY)
    of_record = [severity for severity in severities if Reference.parse(severity.id).record == record]
    return any({severity.text, severity.code} & before[1] for severity in of_record)


def _roles_before(reading: Reading, value: ValueSpan) -> frozenset[Role] | None:
    """Roles that the words between the date before and this date allow; None when they say nothing."""
    dates = [other for other in reading.values if other.kind is ValueKind.DATE and other.end <= value.start]
    start = max((date.end for date in dates), default=0)
    between = _words(reading.without_terms()[start : value.start])
    # Of `from ... to ...` the second date is an end, whatever began.
    if between.endswith(" to"):
        return _ENDS
    return max(_hits(between), key=lambda hit: hit[0], default=(0, None))[1]


def _words(before: str) -> str:
    """What stands before a date; `a day from` is the beginning of an interval and no wording."""
    return before.rstrip().removesuffix(" a day from").rstrip()


def _hits(text: str) -> Iterator[tuple[int, frozenset[Role]]]:
    for pattern, roles in DATE_WORDINGS:
        for match in pattern.finditer(text):
            yield match.end(), roles
