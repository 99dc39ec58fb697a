"""What an earlier check told blinded readers is told no longer once a rule hides it; to others it stays."""

from typing import Any

import pytest

from apps.accounts.models import User
from apps.studies.models import CheckedLine, ImportRun, RuleKind, Study
from tests.studies.services.packages import Package, Row, ae, dm, imported
from tests.studies.services.test_numbers_of_rows import DM, hide, result

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E6-411")]


@pytest.fixture
def run(importer: User, study: Study) -> ImportRun:
    """An import that changed a result, its unit, and the age of another subject."""
    first: Package = {"DM": DM, "LB": [result(1001, "XMETAB"), result(1002, "ALT")]}
    later: Package = {
        "DM": [*DM[:1], dm(1002, AGE=71), *DM[2:]],
        "LB": [result(1001, "XMETAB", LBORRES="9"), result(1002, "ALT", LBORRES="7", LBORRESU="U/L")],
    }
    imported(importer, study, first)
    imported(importer, study, later, check_only=True)
    return imported(importer, study, later)


def lines(study: Study, **side: bool) -> set[tuple[str, str]]:
    found = CheckedLine.objects.filter(run__study=study, kind="changed value", **side)
    return {(line.subject_id[-4:], line.details["variable"]) for line in found}


def test_a_rule_on_a_test_takes_the_lines_of_its_records(study: Study, run: ImportRun) -> None:
    before = {("1001", "LBORRES"), ("1002", "LBORRES"), ("1002", "LBORRESU"), ("1002", "AGE")}
    assert lines(study, is_open=True) == before
    hide(study, "LB.XMETAB")
    assert lines(study, is_open=True) == before - {("1001", "LBORRES")}
    assert lines(study, is_whole=True) == before


def test_a_rule_on_a_variable_takes_the_lines_of_that_variable(study: Study, run: ImportRun) -> None:
    hide(study, "LB.LBORRES", RuleKind.VARIABLE)
    assert lines(study, is_open=True) == {("1002", "LBORRESU"), ("1002", "AGE")}


def test_a_rule_that_opens_takes_nothing(study: Study, run: ImportRun) -> None:
    before = lines(study, is_open=True)
    hide(study, "AE.AETERM", RuleKind.OPENED)
    assert lines(study, is_open=True) == before


def told(run: ImportRun, **side: bool) -> set[str]:
    """All that the lines of a check say, with what they are about."""
    return {f"{line.subject_id[-4:]} {line.kind} {line.details}" for line in run.lines.filter(**side)}


def event(number: int, term: str, **values: Any) -> Row:
    return ae(number, "E1", term, AESER="N", AESDTH="N", AEREL="NONE", **values)


@pytest.mark.parametrize(
    ("name", "kind"), [("AE.AETERM", RuleKind.VARIABLE), ("AE.AEDECOD", RuleKind.VARIABLE), ("zyxolan", RuleKind.WORD)]
)
@pytest.mark.parametrize(
    "later",
    [
        {"AEOUT": "FATAL"},
        {"AEREL": "POSSIBLE"},
        {"AEACN": "DRUG INTERRUPTED"},
        {"AESER": "Y", "AESDTH": "Y"},
    ],
    ids=str,
)
def test_a_rule_takes_the_lines_that_name_an_event_by_what_it_hides(
    importer: User, study: Study, name: str, kind: RuleKind, later: Row
) -> None:
    """An event stands in the lines of its other values, and in those of what they set off."""
    imported(importer, study, {"DM": DM, "AE": [event(1001, "Zyxolan rash"), event(1002, "GOUT")]})
    cut: Package = {"DM": DM, "AE": [event(1001, "Zyxolan rash") | later, event(1002, "GOUT")]}
    run = imported(importer, study, cut, check_only=True)
    assert "Zyxolan" in str(told(run, is_open=True))
    hide(study, name, kind)
    assert "Zyxolan" not in str(told(run, is_open=True))
    assert "Zyxolan" in str(told(run, is_whole=True))


def test_a_rule_takes_what_a_line_was_judged_by(importer: User, study: Study) -> None:
    """That a flag contradicts the criteria tells them."""
    fatal = event(1001, "RASH") | {"AESER": "Y", "AESDTH": "Y"}
    imported(importer, study, {"DM": DM, "AE": [fatal, event(1002, "GOUT", AESEV="MILD")]})
    cut: Package = {"DM": DM, "AE": [fatal | {"AESER": "N"}, event(1002, "GOUT", AESEV="SEVERE")]}
    run = imported(importer, study, cut, check_only=True)
    assert "the criteria say serious" in str(told(run, is_open=True))
    hide(study, "AE.AESDTH", RuleKind.VARIABLE)
    left = told(run, is_open=True)
    assert "the criteria say serious" not in str(left)
    assert ["contradiction" in line for line in left if "AESER" in line] == []
    assert [line for line in left if "AESEV" in line and line.startswith("1002 changed value")]


def test_a_word_takes_lines_of_what_is_not_in_the_records_or_not_yet(importer: User, study: Study) -> None:
    """A value that only waits to be confirmed, one that was corrected since, and a subject who is not in yet."""
    imported(importer, study, {"DM": DM[:2], "AE": [event(1001, "Zyxolan rash"), event(1002, "GOUT")]})
    cut: Package = {
        "DM": [*DM[:2], dm(1009)],
        "AE": [event(1001, "RASH"), event(1002, "Zyxolan gout"), event(1009, "Zyxolan fall") | {"AESER": "Y"}],
    }
    waiting = imported(importer, study, cut, check_only=True)
    assert "Zyxolan fall" in str(told(waiting, is_open=True))
    imported(importer, study, {"DM": DM[:2], "AE": [event(1001, "RASH"), event(1002, "GOUT")]})
    hide(study, "zyxolan", RuleKind.WORD)
    assert "Zyxolan" not in str(told(waiting, is_open=True))
