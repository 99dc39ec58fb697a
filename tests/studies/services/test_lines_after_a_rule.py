"""What an earlier check told blinded readers is told no longer once a rule hides it; to others it stays."""

import pytest

from apps.accounts.models import User
from apps.studies.models import CheckedLine, ImportRun, RuleKind, Study
from tests.studies.services.packages import Package, dm, imported
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
