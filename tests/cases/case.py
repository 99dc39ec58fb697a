"""A case of what people really send: its input is imported as an operator does, then each of its checks is asked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.narratives.llm.models import RealiserChatModel
from apps.narratives.llm.pipeline import NarrativeResult, write_narrative
from apps.narratives.selectors.facts import facts_of
from apps.studies.domain.audience import Audience
from apps.studies.models import CheckedLine, ImportRun, ImportState, Record, RejectedRow, Study, Subject
from apps.studies.services.import_runs import start_from_path
from apps.twins.domain.twin import Twin
from apps.twins.selectors.twins import twin_at
from tests.studies.services.packages import finished

Check = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A folder with `input/`, maybe `input2/`, and what must come out."""

    folder: Path

    @property
    def expected(self) -> dict[str, Any]:
        """What the case is about and its checks."""
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))
        return found

    def sources(self) -> list[Path]:
        """What is given to the import, one cut after the other."""
        folders = [self.folder / name for name in ("input", "input2") if (self.folder / name).is_dir()]
        return [cut if (cut := folder / "cut.zip").is_file() else folder for folder in folders]


def imported(case: Case, study: Study) -> ImportRun:
    """Import every cut of a case; the run of the last."""
    for source in case.sources():
        run = finished(start_from_path(study=study, source=str(source), reason="A cut", is_dry_run=False))
    return run


def failures(case: Case, run: ImportRun) -> list[str]:
    """The checks that do not hold, each with what was found."""
    return [told for check in case.expected["checks"] for told in _asked(case, run, check)]


def _asked(case: Case, run: ImportRun, check: Check) -> Iterator[str]:
    if check["kind"] == "any":
        found = [[told for one in group for told in _asked(case, run, one)] for group in check["of"]]
        if all(found):
            yield f"none of: {found}"
        return
    problem = CHECKS[check["kind"]](case, run, check)
    if problem:
        yield f"{json.dumps(check, ensure_ascii=False)}: {problem}"


def _state(case: Case, run: ImportRun, check: Check) -> str:
    state = "refused" if run.state == ImportState.FAILED else run.state
    return "" if state == check["value"] else f"{run.state}: {run.error}"


def _rejected(case: Case, run: ImportRun, check: Check) -> str:
    reasons = list(RejectedRow.objects.filter(run=run, is_ambiguous=False).values_list("reason", flat=True))
    return "" if len(reasons) == check["value"] else f"{len(reasons)}: {reasons[:3]}"


def _totals(case: Case, run: ImportRun, check: Check) -> str:
    found = run.receipt[check["name"]]
    return "" if found == check["value"] else f"{found}"


def _rows(run: ImportRun, domain: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    records = Record.objects.filter(study=run.study, domain=domain, is_withdrawn=False).order_by("pk")
    return [record.values for record in records if all(record.values.get(n) == v for n, v in where.items())]


def _count(case: Case, run: ImportRun, check: Check) -> str:
    found = len(_rows(run, check["domain"], {}))
    return "" if found == check["value"] else f"{found} rows"


def _value(case: Case, run: ImportRun, check: Check) -> str:
    found = [row.get(check["variable"]) for row in _rows(run, check["domain"], check["where"])]
    return "" if found == [check["value"]] else f"{found}"


def _not_value(case: Case, run: ImportRun, check: Check) -> str:
    found = [row.get(check["variable"]) for row in _rows(run, check["domain"], check["where"])]
    return f"{found}" if check["value"] in found else ""


def _no_variable(case: Case, run: ImportRun, check: Check) -> str:
    found = {name for row in _rows(run, check["domain"], {}) for name in row}
    return f"{sorted(found)}" if check["variable"] in found else ""


def _error_has(case: Case, run: ImportRun, check: Check) -> str:
    return "" if check["text"].casefold() in run.error.casefold() else run.error or "no error"


def _clear_error_or(case: Case, run: ImportRun, check: Check) -> str:
    """A refusal that names the file, or refused rows that do."""
    told = [run.error, *RejectedRow.objects.filter(run=run).values_list("file", flat=True)]
    return "" if any(check["text"] in text for text in told) else f"{told[:3]}"


def _no_traceback(case: Case, run: ImportRun, check: Check) -> str:
    told = run.error
    return told if "Traceback" in told or "unexpectedly" in told else ""


def _preview_matter(case: Case, run: ImportRun, check: Check) -> str:
    study = Study.objects.create(code="AGAIN")
    again = finished(start_from_path(study=study, source=str(case.sources()[-1]), reason="", is_dry_run=True))
    lines = CheckedLine.objects.filter(run=again, is_whole=True).order_by("weight", "pk")
    found = [f"{line.kind} {line.details}" for line in lines[:3]]
    return "" if found and "not in" in found[0] else f"{found}"


def _twin(run: ImportRun, subject_id: str, audience: Audience = Audience.UNBLINDED) -> Twin:
    subject = Subject.objects.select_related("study").get(study=run.study, subject_id=subject_id)
    return twin_at(subject, audience)


def _events(case: Case, run: ImportRun, check: Check) -> str:
    found = [event.term for event in _twin(run, check["subject"]).events()]
    return "" if len(found) == check["value"] else f"{found}"


def _medications(case: Case, run: ImportRun, check: Check) -> str:
    found = [drug.name for drug in _twin(run, check["subject"]).medications()]
    return "" if len(found) == check["value"] else f"{found}"


def _fact(case: Case, run: ImportRun, check: Check) -> str:
    found = [fact.value for fact in _twin(run, check["subject"]).facts.values() if fact.name == check["name"]]
    wanted = [] if check["value"] is None else [check["value"]]
    return "" if found == wanted else f"{found}"


def _related(case: Case, run: ImportRun, check: Check) -> str:
    twin = _twin(run, check["subject"])
    one, other = (
        [row.id for row in twin.rows(domain) if all(row.values.get(n) == v for n, v in where.items())]
        for domain, where in (check["a"], check["b"])
    )
    return "" if set(other) & set(twin.related(one[0])) else f"{one} is related to {twin.related(one[0])}"


def _written(run: ImportRun, subject_id: str) -> NarrativeResult:
    subject = Subject.objects.get(study=run.study, subject_id=subject_id)
    return write_narrative(facts_of(subject), RealiserChatModel())


def _text(result: NarrativeResult) -> str:
    return " ".join(sentence.text for sentence in result.content.sentences)


def _narrative(case: Case, run: ImportRun, check: Check) -> str:
    result = _written(run, check["subject"])
    text = _text(result)
    missing = [words for words in check["must"] if words.casefold() not in text.casefold()]
    wrong = [words for words in check["must_not"] if words in text]
    if result.state.value == check["state"] and not missing and not wrong:
        return ""
    return f"{result.state.value} {result.reasons}; lacks {missing}; has {wrong}; {text}"


def _narratives(case: Case, run: ImportRun, check: Check) -> str:
    for subject_id in Subject.objects.filter(study=run.study).values_list("subject_id", flat=True):
        result = _written(run, subject_id)
        text = _text(result)
        if result.state.value != check["state"] or text.count(check["once"]) > 1:
            return f"{subject_id}: {result.state.value} {result.reasons}; {text}"
    return ""


CHECKS = {
    "state": _state,
    "rejected": _rejected,
    "totals": _totals,
    "count": _count,
    "value": _value,
    "not_value": _not_value,
    "no_variable": _no_variable,
    "error_has": _error_has,
    "clear_error_or": _clear_error_or,
    "no_traceback": _no_traceback,
    "preview_matter_for_rejected": _preview_matter,
    "events": _events,
    "medications": _medications,
    "fact": _fact,
    "related": _related,
    "narrative": _narrative,
    "narratives": _narratives,
}
