"""Lines of a check in words: an event by its term, a value by label, visit, day, unit and row, and what it sets off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.studies.domain.clinical.codelists import CODELISTS
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.dates import InvalidDateError, display
from apps.studies.domain.findings import Effect
from apps.studies.domain.highlights import Matter
from apps.studies.domain.variables import domain_label, is_date, label
from apps.studies.models import CheckedLine

# The codelist NY of CDISC, which every flag uses.
YES_OR_NO: Final[Mapping[object, Promise]] = {"Y": gettext_lazy("Yes"), "N": gettext_lazy("No")}
# N of a result or of its range may be normal or negative, and is no answer.
_RESULTS: Final = ("ORRES", "STRESC", "NRIND")
NO_BREAK: Final = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class MatterLine:
    """One thing that matters, of one subject."""

    subject: str
    text: str
    old: str = ""
    new: str = ""
    is_judgement: bool = False
    is_serious: bool = False


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value that would change, in words; `sets_off` is empty where it sets nothing off."""

    subject: str
    domain: str
    what: str
    when: str
    label: str
    variable: str
    old: str
    new: str
    file: str
    row: int | None
    sets_off: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawnLine:
    """One record that the files no longer hold."""

    subject: str
    domain: str
    what: str
    when: str


def matter_line(line: CheckedLine) -> MatterLine:
    """What matters, in words."""
    details, matter = line.details, Matter(line.kind)
    text = str(details["text"])
    if matter is Matter.DEATH:
        words = _("died %(day)s") % {"day": _day(text)} if text else _("died, date not recorded")
        return MatterLine(line.subject_id, words, is_serious=True)
    words = _sentence_case(text)
    if matter is Matter.JUDGEMENT:
        old, new = (value_words(details["variable"], details[side]) for side in ("old", "new"))
        return MatterLine(line.subject_id, words, old, new, is_judgement=True)
    return MatterLine(line.subject_id, words, is_serious=matter in {Matter.NOT_IN, Matter.SERIOUS})


def value_line(line: CheckedLine) -> ValueLine:
    """A changed value, in words."""
    details, variable = line.details, str(line.details["variable"])
    return ValueLine(
        subject=line.subject_id,
        domain=domain_label(line.domain),
        what=heading(str(details["what"])),
        when=_when(details),
        label=label(line.domain, variable),
        variable=variable,
        old=_with_unit(variable, details["old"], details["old_unit"]),
        new=_with_unit(variable, details["new"], details["new_unit"]),
        file=str(details["file"]),
        row=details["row"],
        sets_off=tuple(_sets_off(details)),
    )


def withdrawn_line(line: CheckedLine) -> WithdrawnLine:
    """A record that would be withdrawn, in words."""
    what = heading(str(line.details["what"]))
    return WithdrawnLine(line.subject_id, domain_label(line.domain), what, _when(line.details))


def value_words(variable: str, value: object) -> str:
    """A value as people read it; empty where nothing is recorded."""
    if value is None:
        return ""
    if is_date(variable):
        return _day(str(value))
    codelist = CODELISTS.get(variable)
    if codelist is not None and codelist.find(str(value)) is not None:
        return heading(codelist.page(str(value)))
    if value in YES_OR_NO and not variable.endswith(_RESULTS):
        return str(YES_OR_NO[value])
    return heading(codelist.page(str(value))) if codelist is not None else str(value)


def _with_unit(variable: str, value: object, unit: object) -> str:
    words = value_words(variable, value)
    return NO_BREAK.join(part for part in (words, str(unit or "")) if part) if words else ""


def _when(details: dict[str, Any]) -> str:
    visit, on = heading(str(details["visit"])), str(details["on"])
    return ", ".join(part for part in (visit, _day(on) if on else "") if part)


def _sets_off(details: dict[str, Any]) -> list[str]:
    words = {
        Effect.DEATH: _("tells of a death"),
        Effect.SERIOUS: _("makes the event serious"),
        Effect.CONTRADICTION: _("contradicts other evidence of the event"),
        Effect.JUDGEMENT: _("changes outcome, causality or seriousness"),
        Effect.DISCONTINUED: _("tells of a discontinuation"),
        Effect.NOT_SERIOUS: _("the event is serious no longer"),
    }
    found: list[str] = []
    for effect in map(Effect, details["effects"]):
        found += (
            [text[:1].lower() + text[1:] for text in details["stale"]] if effect is Effect.STALE else [words[effect]]
        )
    return found


def _day(text: str) -> str:
    """A date as far as it is recorded; what is no date is shown as it stands."""
    try:
        return display(text).replace(" ", NO_BREAK)
    except InvalidDateError:
        return text


def _sentence_case(text: str) -> str:
    """Coded terms come in capitals; the label that may follow a colon keeps its own case."""
    term, colon, rest = text.partition(":")
    return heading(term) + colon + rest
