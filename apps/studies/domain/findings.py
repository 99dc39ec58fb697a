"""What the check of an import found, line by line: what matters, every value that would change, what would go.

A line is made from a change as its reader sees it, so that a line for blinded readers is made of open values alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from apps.studies.domain.blinding import WHOLE, BlindingRules, Hidden, names_treatment, open_values
from apps.studies.domain.changes import Operation, RecordChange, open_change
from apps.studies.domain.clinical.disposition import says_died
from apps.studies.domain.clinical.records import ClinicalRecord, name_of, naming_variables
from apps.studies.domain.clinical.seriousness import is_serious
from apps.studies.domain.highlights import WEIGHT, Highlight, Matter, highlights
from apps.studies.domain.variables import Value, is_sequence

Details = dict[str, object]


class Listed(StrEnum):
    """Lists of a check beside those of what matters."""

    VALUE = "changed value"
    NEW_SUBJECT = "new subject"
    NOT_IN_DM = "subject without demographics"


class Effect(StrEnum):
    """What one changed value sets off by itself, the weightiest first."""

    DEATH = "death"
    SERIOUS = "serious"
    STALE = "stale"
    CONTRADICTION = "contradiction"
    JUDGEMENT = "judgement"
    DISCONTINUED = "discontinued"
    NOT_SERIOUS = "not serious"


# Without `SERIOUS`, which is of new rows; whether a value makes a known event serious is asked in `_effects`.
_EFFECT_OF: Final[Mapping[Matter, Effect]] = {
    Matter.DEATH: Effect.DEATH,
    Matter.CONTRADICTION: Effect.CONTRADICTION,
    Matter.JUDGEMENT: Effect.JUDGEMENT,
    Matter.DISCONTINUED: Effect.DISCONTINUED,
}
_RANK: Final = {effect: number for number, effect in enumerate(Effect)}
# Among values that set nothing off: what tells most of a subject first.
_DOMAINS: Final = ("AE", "DS", "DD", "DM", "EX", "CM", "MH", "LB", "VS")
_LIMITS: Final = ("ORRES", "ORNRLO", "ORNRHI")
_STANDARD: Final = ("STRESC", "STRESN", "STNRLO", "STNRHI")


@dataclass(frozen=True, slots=True)
class ShownFile:
    """What the reader of a line knows of a source file: a name, and whether also the numbers of its rows."""

    name: str
    is_numbered: bool = True


_NO_FILE: Final = ShownFile("", is_numbered=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a list; `weight` puts what matters most first, `details` are codes and values as recorded."""

    kind: str
    weight: int
    domain: str
    details: Details


def findings_of(
    changes: Sequence[RecordChange],
    *,
    stale: Mapping[str, Sequence[str]],
    files: Mapping[int, ShownFile],
    is_known: bool,
) -> list[Finding]:
    """The lines of one subject's changes; of a subject new to the portal no value changes, all of them are new.

    `stale` says by reference (`AE/7f3k.AETERM`) which signed text would go stale, `files` are source files by number.
    """
    found = list(dict.fromkeys(_matter(item) for item in highlights(changes) if _is_told(item)))
    lines = [Finding(item.matter.value, WEIGHT[item.matter], item.domain, _matter_details(item)) for item in found]
    if not is_known:
        return lines
    for change in changes:
        if change.operation is Operation.WITHDRAW:
            lines.append(_withdrawn(change))
        elif change.operation is Operation.UPDATE:
            lines += _values(change, stale, files)
    return lines


def not_in(domain: str, values: Mapping[str, Value]) -> list[Finding]:
    """The line of a refused row that tells of a death or a serious event; nothing of any other row."""
    if not (says_died(domain, values) or (domain == "AE" and is_serious(values))):
        return []
    named = name_of(ClinicalRecord("", domain, values)) or ""
    details: Details = {"text": named, "variable": "", "old": None, "new": None}
    return [Finding(Matter.NOT_IN.value, WEIGHT[Matter.NOT_IN], domain, details)]


def open_changes(changes: Iterable[RecordChange]) -> list[RecordChange]:
    """The changes as blinded readers see them; what becomes hidden is, for them, withdrawn as it was known."""
    return [shown for change in changes if (shown := _open(change)) is not None]


def _open(change: RecordChange) -> RecordChange | None:
    shown = open_change(change)
    if shown is None or shown.operation is not Operation.WITHDRAW:
        return shown
    # What blinded readers alone see withdrawn has no values any more; its line is named by those they knew.
    return replace(shown, values=open_values(change.before or {}, change.concealed_before) or {})


def _is_told(item: Highlight) -> bool:
    """Whether a line says more than another: a disposition that repeats a death does not, withdrawals are listed."""
    is_death_again = item.matter is Matter.DISCONTINUED and item.text == "DEATH"
    return not is_death_again and item.matter is not Matter.WITHDRAWN


def _matter(item: Highlight) -> Highlight:
    """Without the record: rows of one event are one event."""
    return replace(item, record_id="")


def _matter_details(item: Highlight) -> Details:
    return {"text": item.text, "variable": item.variable, "old": item.old, "new": item.new}


def _withdrawn(change: RecordChange) -> Finding:
    return Finding(Matter.WITHDRAWN.value, _domain_rank(change.domain), change.domain, _about(change))


def _values(
    change: RecordChange, stale: Mapping[str, Sequence[str]], files: Mapping[int, ShownFile]
) -> Iterator[Finding]:
    before = change.before or {}
    for name in sorted(before.keys() | change.values.keys()):
        old, new = before.get(name), change.values.get(name)
        if old == new:
            continue
        texts = list(stale.get(f"{change.record_id}.{name}", ()))
        effects = sorted({*_effects(change, name), *([Effect.STALE] if texts else [])}, key=_RANK.__getitem__)
        origin = change.origin
        file = files.get(origin.file_id, _NO_FILE) if origin else _NO_FILE
        details: Details = {
            **_about(change),
            "variable": name,
            "old": old,
            "new": new,
            "old_unit": unit_of(change.domain, name, before),
            "new_unit": unit_of(change.domain, name, change.values),
            "file": file.name,
            "row": origin.row if origin and file.is_numbered else None,
            "effects": [effect.value for effect in effects],
            "stale": texts,
        }
        weight = _RANK[effects[0]] if effects else len(_RANK) + _domain_rank(change.domain)
        # Numbers of rows move with every row before them and say nothing of the subject.
        weight = weight if not is_sequence(change.domain, name) else len(_RANK) + len(_DOMAINS) + 1
        yield Finding(Listed.VALUE.value, weight, change.domain, details)


def _effects(change: RecordChange, name: str) -> Iterator[Effect]:
    """What the value would set off if nothing else of the record changed."""
    before = change.before or {}
    alone = {key: value for key, value in {**before, name: change.values.get(name)}.items() if value is not None}
    found = highlights([replace(change, values=alone)])
    yield from (_EFFECT_OF[item.matter] for item in found if item.matter in _EFFECT_OF)
    if change.domain == "AE" and is_serious(alone) is not is_serious(before):
        yield Effect.SERIOUS if is_serious(alone) else Effect.NOT_SERIOUS


def _days(domain: str) -> tuple[str, str]:
    return f"{domain}STDTC", f"{domain}DTC"


def _about(change: RecordChange) -> Details:
    """The event, test or treatment of a record, its visit, and the day it began or was collected; after the change."""
    values, code = change.values, change.domain
    days = (values.get(name) for name in _days(code))
    return {
        "what": name_of(ClinicalRecord(change.record_id, code, values)) or "",
        "visit": values.get("VISIT") or "",
        "on": next((day for day in days if day), ""),
    }


def is_withheld(line: Finding, hidden: Hidden, rules: BlindingRules) -> bool:
    """Whether a line that blinded readers had is no longer theirs: `hidden` are the variables of a record of its domain
    that they lost, or of several.
    """
    return _tells_of(line, hidden) or _says_by_name(line, rules) or _says_by_value(line, rules)


def _tells_of(line: Finding, hidden: Hidden) -> bool:
    # A line does not name its record: it may be that of any of its domain.
    if hidden >= WHOLE or line.kind != Listed.VALUE or line.details["effects"]:
        # What matters, and what a value sets off, was judged by the record and not by one value.
        return bool(hidden)
    code, variable = line.domain, str(line.details["variable"])
    quoted = {variable, _unit_variable(code, variable), *naming_variables(code), *_days(code), "VISIT"}
    return not hidden.isdisjoint(quoted)


def _says_by_name(line: Finding, rules: BlindingRules) -> bool:
    """Whether the name that a line gives its record is hidden; the record may by now have another, or not be there."""
    said = [str(text) for part in ("what", "text") if (text := line.details.get(part))]
    by_name = any(f"{line.domain}.{name}" in rules.variables for name in naming_variables(line.domain))
    return bool(said) and (by_name or any(names_treatment(rules.words, text) for text in said))


def _says_by_value(line: Finding, rules: BlindingRules) -> bool:
    name, details = str(line.details.get("variable") or ""), line.details
    values = [details[side] for side in ("old", "new") if name and details[side] is not None]
    return any(rules.hidden_in(line.domain, {name: value}) for value in values if isinstance(value, str | int | float))


def unit_of(domain: str, variable: str, values: Mapping[str, Value]) -> str:
    """The unit that a record gives for one of its values; empty where it has none."""
    name = _unit_variable(domain, variable)
    return str(values.get(name) or "") if name else ""


def _unit_variable(domain: str, variable: str) -> str:
    suffix = variable.removeprefix(domain)
    if suffix in _LIMITS:
        return f"{domain}ORRESU"
    if suffix in _STANDARD:
        return f"{domain}STRESU"
    return {"AGE": "AGEU", f"{domain}DOSE": f"{domain}DOSU"}.get(variable, "")


def _domain_rank(domain: str) -> int:
    return _DOMAINS.index(domain) if domain in _DOMAINS else len(_DOMAINS)
