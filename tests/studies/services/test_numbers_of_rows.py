"""Where a row stands in its file is told to blinded readers only while it tells nothing of the treatment."""

from typing import Any

import pytest

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.services.jobs import run_job, waiting_jobs
from apps.studies.domain.audience import Audience
from apps.studies.domain.findings import Listed
from apps.studies.models import CheckedLine, ImportRun, RuleKind, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.import_lists import in_words, rejected_of
from apps.studies.selectors.imports import shown_source
from apps.studies.services.blinding import add_rule
from apps.twins.selectors.records import record_history
from tests.factories import person
from tests.studies.services.packages import Package, Row, ae, dm, imported

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E6-411")]
DM = [dm(1001), dm(1002), dm(1003)]
IN_ORDER: Package = {"DM": DM, "AE": [ae(1001, "E1", "GOUT"), ae(1002, "E1", "RASH"), ae(1003, "E1", "FALL")]}
BY_ARM: Package = {"DM": DM, "AE": [ae(1002, "E1", "RASH"), ae(1003, "E1", "FALL"), ae(1001, "E1", "GOUT")]}


def result(number: int, test: str, **values: Any) -> Row:
    start = {"USUBJID": f"01-701-{number}", "LBTESTCD": test, "LBREFID": f"R{number}{test}", "LBORRES": "1"}
    return {**start, "LBDTC": "2013-05-01", **values}


def rows_shown(study: Study, audience: Audience, domain: str = "AE") -> list[int | None]:
    """The row of the last revision of each record, by subject."""
    found = []
    for subject in Subject.objects.filter(study=study).order_by("subject_id"):
        version = subject.version_for(audience)
        for record in subject.records.filter(domain=domain).order_by("pk"):
            history = record_history(subject, audience, record.record_id, version)
            found += [shown_source(last.source_file, last.source_row, audience).row for last in history[-1:]]
    return found


@pytest.mark.parametrize(("package", "rows"), [(IN_ORDER, [1, 2, 3]), (BY_ARM, [None] * 3)], ids=["in order", "by arm"])
def test_a_value_says_its_row_where_the_file_is_in_the_order_of_its_subjects(
    importer: User, study: Study, package: Package, rows: list[int | None]
) -> None:
    imported(importer, study, package)
    assert rows_shown(study, Audience.BLINDED) == rows
    assert None not in rows_shown(study, Audience.UNBLINDED)


def test_what_a_blinded_person_sent_keeps_its_rows_for_them(study: Study) -> None:
    imported(person(Role.DATA_MANAGER, study), study, BY_ARM)
    assert rows_shown(study, Audience.BLINDED) == [3, 1, 2]


def test_histories_begin_in_the_order_of_the_subjects_not_of_the_file(importer: User, study: Study) -> None:
    run = imported(importer, study, {"DM": [dm(1003), dm(1001), dm(1002)]})
    by_moment = Subject.objects.filter(study=study).order_by("change_sets__known_at")
    assert list(by_moment.values_list("subject_id", flat=True)) == [f"01-701-{number}" for number in range(1001, 1004)]
    assert run.open_receipt["subjects"] == [f"01-701-{number}" for number in range(1001, 1004)]


def test_a_rule_that_hides_rows_withdraws_the_numbers_of_the_others(importer: User, study: Study) -> None:
    bad = result(1003, "ALT", LBTEST="\x07")
    run = imported(
        importer, study, {"DM": DM, "LB": [result(1001, "ALT"), result(1001, "XMETAB"), result(1002, "ALT"), bad]}
    )
    manager = person(Role.MEDICAL_MONITOR, study)
    assert rows_shown(study, Audience.BLINDED, "LB") == [1, 2, 3]
    assert rejected(run, manager) == [4]
    hide(study, "LB.XMETAB")
    assert rows_shown(study, Audience.BLINDED, "LB")[-1:] == [None]
    assert 3 in rows_shown(study, Audience.UNBLINDED, "LB")
    assert rejected(run, manager) == [None]
    assert rows_shown(study, Audience.BLINDED, "DM") == [1, 2, 3]
    # A file that comes again is judged by the rules of now.
    again = imported(importer, study, {"DM": DM, "LB": [result(1001, "ALT"), result(1001, "XMETAB"), bad]})
    assert rejected(again, manager) == [None]


def hide(study: Study, name: str, kind: RuleKind = RuleKind.TEST) -> None:
    """Add a rule, and class again what is there."""
    monitor = person(Role.UNBLINDED_MONITOR, study)
    add_rule(principal=principal_of(monitor), user=monitor, study=study, kind=kind, name=name, reason="A metabolite")
    for job in waiting_jobs():
        run_job(job)


def rejected(run: ImportRun, user: User) -> list[int | None]:
    rows = rejected_of(run, principal_of(user), Audience.BLINDED)
    return [row.row for row in in_words(run, rows, Audience.BLINDED)]


def test_rejected_rows_come_by_subject_and_without_numbers_where_these_would_tell(importer: User, study: Study) -> None:
    bad = [{**ae(number, "E1", "RASH"), "AESTDTC": "2013-99-01"} for number in (1003, 1001, 1002)]
    run = imported(importer, study, {"DM": DM, "AE": bad})
    reader = principal_of(person(Role.MEDICAL_MONITOR, study))
    rows = in_words(run, rejected_of(run, reader, Audience.BLINDED), Audience.BLINDED)
    assert [(row.subject_id[-4:], row.row) for row in rows] == [("1001", None), ("1002", None), ("1003", None)]
    whole = in_words(run, rejected_of(run, reader, Audience.UNBLINDED), Audience.UNBLINDED)
    assert [(row.subject_id[-4:], row.row) for row in whole] == [("1003", 1), ("1001", 2), ("1002", 3)]


def test_rows_that_wait_for_a_person_have_no_number_in_a_file_by_arm(importer: User, study: Study) -> None:
    def doubtful(first: str, second: str) -> list[Row]:
        two = [ae(1003, f"E{place}", "FALL", AEOUT=said) for place, said in enumerate((first, second), start=1)]
        unnamed = [{name: value for name, value in row.items() if name != "AESPID"} for row in two]
        return [*unnamed, ae(1001, "E1", "GOUT")]

    imported(importer, study, {"DM": DM, "AE": doubtful("FATAL", "UNKNOWN")})
    run = imported(importer, study, {"DM": DM, "AE": doubtful("RECOVERED/RESOLVED", "RECOVERING/RESOLVING")})
    rows = rejected_of(run, principal_of(importer), Audience.BLINDED)
    assert [row.is_ambiguous for row in rows] == [True, True]
    assert [row.row for row in in_words(run, rows, Audience.BLINDED)] == [None, None]
    assert [row.row for row in in_words(run, rows, Audience.UNBLINDED)] == [1, 2]


@pytest.mark.parametrize(("package", "is_numbered"), [(IN_ORDER, True), (BY_ARM, False)], ids=["in order", "by arm"])
def test_lines_of_a_check_have_the_row_where_it_tells_nothing(
    importer: User, study: Study, package: Package, is_numbered: bool
) -> None:
    imported(importer, study, package)
    later = {**package, "AE": [{**row, "AESEV": "MILD"} for row in package["AE"]]}
    run = imported(importer, study, later, check_only=True)
    lines = CheckedLine.objects.filter(run=run, kind=Listed.VALUE)
    seen = [line.details["row"] for line in lines.filter(is_open=True)]
    assert seen == ([1, 2, 3] if is_numbered else [None] * 3)
    assert {line.details["row"] for line in lines.filter(is_whole=True)} == {1, 2, 3}
