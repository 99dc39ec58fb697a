"""Imports: every row is accounted for, whole subjects or nothing, and the same files again change nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.domain.errors import ConflictError, InvalidInputError, NotAllowedError
from apps.core.models import Job, JobState
from apps.core.services.jobs import request_cancel, run_job
from apps.studies.domain.audience import Audience
from apps.studies.domain.findings import Listed
from apps.studies.domain.highlights import Matter
from apps.studies.models import (
    ChangeSet,
    CheckedLine,
    ImportedSubject,
    ImportRun,
    ImportState,
    Record,
    RejectedRow,
    SourceFile,
    Study,
    StudyState,
    Subject,
)
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.import_lists import rejected_of
from apps.studies.selectors.imports import preview_for, receipt_for
from apps.studies.services.events import SubjectChange, subject_changing
from apps.studies.services.import_runs import cancel_import, confirm_import, discard_import, start_upload
from apps.studies.services.sources import folder_of
from tests.factories import StudyFactory, person
from tests.studies.services.packages import Package, ae, dm, ex, files_of, finished, imported, started

pytestmark = pytest.mark.django_db

FIRST: Package = {
    "DM": [dm(1001), dm(1002), dm(1003)],
    "AE": [ae(1001, "E1", "SEIZURE"), ae(1001, "E2", "RASH"), ae(1002, "E1", "SYNCOPE"), ae(1003, "E1", "GOUT")],
    "EX": [ex(1001, 54), ex(1002, 81), ex(1003, 0)],
}


def counts(account: dict[str, Any]) -> tuple[int, ...]:
    names = ("new", "changed", "unchanged", "withdrawn", "ambiguous", "rejected")
    return tuple(account[name] for name in names)


def rows_add_up(account: dict[str, Any]) -> bool:
    return all(
        entry["rows"] == entry["records"] + entry["qualifiers"] + entry["rejected"]
        and entry["records"] == entry["new"] + entry["changed"] + entry["unchanged"] + entry["ambiguous"]
        for entry in account["files"]
    )


def test_every_row_of_a_first_import_is_new(importer: User, study: Study) -> None:
    run = imported(importer, study, FIRST)
    assert run.state == ImportState.DONE
    assert counts(run.receipt) == (10, 0, 0, 0, 0, 0)
    assert rows_add_up(run.receipt)
    assert run.receipt["subjects"] == ["01-701-1001", "01-701-1002", "01-701-1003"]
    assert Record.objects.filter(study=study).count() == run.receipt["records"] == 10
    assert {entry["name"]: len(entry["sha256"]) for entry in run.receipt["files"]} == dict.fromkeys(
        ("dm.csv", "ae.csv", "ex.csv"), 64
    )


def test_the_same_files_again_change_nothing(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    again = imported(importer, study, FIRST)
    assert counts(again.receipt) == (0, 0, 10, 0, 0, 0)
    assert again.receipt["moved"] == 0
    assert ChangeSet.objects.filter(subject__study=study).count() == 3
    assert SourceFile.objects.filter(study=study).count() == 3


def test_a_later_cut_is_new_changed_unchanged_and_withdrawn_rows_that_add_up(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    ids = dict(Record.objects.filter(domain="AE").values_list("values__AEDECOD", "record_id"))
    later: Package = {
        "DM": FIRST["DM"],
        "AE": [ae(1001, "E1", "SEIZURE", AEREL="NONE"), ae(1002, "E1", "SYNCOPE"), ae(1002, "E2", "FALL")],
        "EX": FIRST["EX"],
    }
    run = imported(importer, study, later)
    assert counts(run.receipt) == (1, 1, 7, 2, 0, 0)
    assert rows_add_up(run.receipt)
    assert run.receipt["withdrawn_by_domain"] == {"AE": 2}
    assert run.receipt["moved"] == 3
    gone = Record.objects.filter(is_withdrawn=True).values_list("record_id", flat=True)
    assert set(gone) == {ids["RASH"], ids["GOUT"]}
    back = imported(importer, study, FIRST)
    # AEREL was no column of the first cut: what it says now stays.
    assert counts(back.receipt)[:4] == (2, 0, 8, 1)
    assert not Record.objects.get(record_id=ids["RASH"]).is_withdrawn


def test_a_rejected_row_has_a_reason_and_its_record_stays(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    broken: Package = {**FIRST, "AE": [ae(1001, "E1", "SEIZURE", AESEQ="first"), *FIRST["AE"][1:]]}
    run = imported(importer, study, broken)
    assert counts(run.receipt) == (0, 0, 9, 0, 0, 1)
    assert rows_add_up(run.receipt)
    row = RejectedRow.objects.get(run=run)
    assert (row.file, row.row, row.subject_id, row.variable) == ("ae.csv", 1, "01-701-1001", "AESEQ")
    assert "'first'" in row.reason
    assert not Record.objects.filter(study=study, is_withdrawn=True).exists()


def test_a_row_that_may_be_two_records_waits_for_a_person(importer: User, study: Study) -> None:
    def twins(first: str, second: str) -> Package:
        rows = [
            {"USUBJID": "01-701-1001", "AETERM": "FALL", "AEDECOD": "FALL", "AESTDTC": "2013-06-02", "AEOUT": outcome}
            for outcome in (first, second)
        ]
        return {"DM": [dm(1001)], "AE": [{**row, "AESEQ": n} for n, row in enumerate(rows, start=1)]}

    imported(importer, study, twins("FATAL", "UNKNOWN"))
    run = imported(importer, study, twins("RECOVERED/RESOLVED", "RECOVERING/RESOLVING"))
    assert counts(run.receipt) == (0, 0, 1, 0, 2, 0)
    assert rows_add_up(run.receipt)
    doubts = RejectedRow.objects.filter(run=run, is_ambiguous=True)
    assert [doubt.row for doubt in doubts] == [1, 2]
    assert "any of 2 records" in doubts[0].reason
    assert {(doubt.file, doubt.domain, doubt.subject_id) for doubt in doubts} == {("ae.csv", "AE", "01-701-1001")}
    outcomes = Record.objects.filter(domain="AE").values_list("values__AEOUT", flat=True)
    assert sorted(outcomes) == ["FATAL", "UNKNOWN"]


def test_the_files_of_another_study_are_refused(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    run = imported(importer, study, {"DM": [dm(1009)]}, study_id="S2")
    assert run.state == ImportState.REFUSED
    assert "S2" in run.error
    assert "S1" in run.error
    assert run.job is not None
    assert (run.job.state, run.job.error) == (JobState.FAILED, run.error)
    assert not Subject.objects.filter(subject_id="01-701-1009").exists()


def test_the_first_import_binds_the_study_id_of_its_files(importer: User, study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(protocol_id="")
    imported(importer, study, FIRST, check_only=True)
    assert Study.objects.get(pk=study.pk).protocol_id == ""
    imported(importer, study, FIRST)
    assert Study.objects.get(pk=study.pk).protocol_id == "S1"
    assert imported(importer, study, FIRST, study_id="S2").state == ImportState.REFUSED


UNDESCRIBED: Package = {"DM": [dm(1001)], "AE": [ae(1001, "E1", "RASH"), ae(1009, "E1", "RASH")]}


def undescribed(run: ImportRun) -> list[str]:
    lines = CheckedLine.objects.filter(run=run, kind=Listed.NOT_IN_DM.value)
    assert all(line.is_open and line.is_whole for line in lines)
    return [line.subject_id for line in lines]


def test_a_subject_without_demographics_is_kept_and_named(importer: User, study: Study) -> None:
    check = imported(importer, study, UNDESCRIBED, is_dry_run=True)
    assert undescribed(check) == ["01-701-1009"]
    assert not Subject.objects.exists()
    run = imported(importer, study, UNDESCRIBED)
    assert counts(run.receipt) == (3, 0, 0, 0, 0, 0)
    assert undescribed(run) == ["01-701-1009"]
    kept = Subject.objects.get(subject_id="01-701-1009")
    assert (kept.site.code, kept.records.get().domain) == ("not recorded", "AE")


def test_a_subject_is_named_until_demographics_come_and_stands_at_their_site_then(importer: User, study: Study) -> None:
    imported(importer, study, UNDESCRIBED)
    assert undescribed(imported(importer, study, {"AE": UNDESCRIBED["AE"]})) == ["01-701-1009"]
    run = imported(importer, study, {"DM": [dm(1001), dm(1009)]})
    assert undescribed(run) == []
    assert Subject.objects.get(subject_id="01-701-1009").site.code == "701"
    assert undescribed(imported(importer, study, {"AE": UNDESCRIBED["AE"]})) == []


def test_a_vanished_subject_is_named_and_keeps_its_records(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    fewer: Package = {"DM": [dm(1001), dm(1003)], "AE": [*FIRST["AE"][:2], FIRST["AE"][3]]}
    check = imported(importer, study, fewer, is_dry_run=True)
    assert check.preview["subjects"]["vanished"] == ["01-701-1002"]
    run = imported(importer, study, fewer)
    assert run.receipt["vanished"] == ["01-701-1002"]
    assert Record.objects.filter(subject__subject_id="01-701-1002", is_withdrawn=False).count() == 3


def test_a_domain_that_was_not_sent_is_not_withdrawn(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    run = imported(importer, study, {"DM": FIRST["DM"]})
    assert counts(run.receipt) == (0, 0, 3, 0, 0, 0)
    assert not Record.objects.filter(is_withdrawn=True).exists()


def test_a_cancelled_import_keeps_whole_subjects_and_says_which(importer: User, study: Study) -> None:
    run = started(importer, study, FIRST)
    with _after_subjects(1, lambda: request_cancel(Job.objects.get(pk=run.job_id))):
        run = finished(run)
    assert run.state == ImportState.CANCELLED
    assert run.receipt["subjects"] == ["01-701-1001"]
    assert counts(run.receipt)[0] == 4
    assert list(Subject.objects.filter(study=study).values_list("subject_id", flat=True)) == ["01-701-1001"]
    assert not folder_of(run).exists()
    assert counts(imported(importer, study, FIRST).receipt) == (6, 0, 4, 0, 0, 0)


def test_an_import_that_lost_its_worker_goes_on_and_says_who_is_in(importer: User, study: Study) -> None:
    run = started(importer, study, FIRST)
    assert run.job is not None
    with _after_subjects(2, _pull_the_plug), pytest.raises(KeyboardInterrupt):
        run_job(run.job.pk)
    lost = Job.objects.get(pk=run.job.pk)
    assert lost.state == JobState.RUNNING
    assert ImportedSubject.objects.filter(run=run).exclude(subject_id="").count() == 1
    run_job(lost.pk)
    assert ImportRun.objects.get(pk=run.pk).state == ImportState.IMPORTING, "its lease holds: it is left alone"
    Job.objects.filter(pk=lost.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    run = finished(run)
    assert run.state == ImportState.DONE
    assert run.receipt["subjects"] == ["01-701-1001", "01-701-1002", "01-701-1003"]
    assert counts(run.receipt) == (10, 0, 0, 0, 0, 0)
    assert rows_add_up(run.receipt)
    assert ChangeSet.objects.filter(subject__study=study).count() == 3


def test_a_dry_run_writes_nothing(importer: User, study: Study) -> None:
    run = imported(importer, study, FIRST, is_dry_run=True)
    assert run.state == ImportState.CHECKED
    assert counts(run.preview["totals"]) == (10, 0, 0, 0, 0, 0)
    assert not Subject.objects.exists()
    assert not Record.objects.exists()
    with pytest.raises(ConflictError, match="not waiting"):
        confirm_import(principal=principal_of(importer), user=importer, run=run, reason="June")


def test_the_preview_leads_with_deaths_then_serious_events_then_judgements(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    later: Package = {
        "AE": [
            ae(1001, "E1", "SEIZURE", AEREL="POSSIBLE"),
            ae(1001, "E2", "RASH"),
            ae(1002, "E1", "SYNCOPE"),
            ae(1002, "E2", "STROKE", AESER="N", AESHOSP="Y"),
            ae(1003, "E1", "GOUT"),
        ],
        "DM": [dm(1001), dm(1002), dm(1003, DTHFL="Y", DTHDTC="2013-08-02")],
    }
    run = imported(importer, study, later, check_only=True)
    matters = [matter.value for matter in Matter]
    lines = CheckedLine.objects.filter(run=run, kind__in=matters)
    assert list(lines.values_list("kind", "subject_id")) == [
        ("death", "01-701-1003"),
        ("new serious event", "01-701-1002"),
        ("contradicting evidence", "01-701-1002"),
        ("changed judgement", "01-701-1001"),
    ]
    assert {"domain": "AE", "gained": ["AEREL", "AESER", "AESHOSP"], "lost": []} in run.preview["columns"]


def test_a_row_count_that_drops_is_named(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    run = imported(importer, study, {**FIRST, "AE": FIRST["AE"][:2], "EX": FIRST["EX"][:1]}, check_only=True)
    assert run.preview["row_drops"] == [{"domain": "AE", "before": 4, "now": 2}]


def test_a_blinded_reader_of_a_receipt_learns_nothing_of_treatment_files(importer: User, study: Study) -> None:
    run = imported(importer, study, FIRST)
    seen = receipt_for(run, Audience.BLINDED)
    assert [(entry.name, entry.rows) for entry in seen.files] == [("ae.csv", 4), ("dm.csv", 3)]
    assert {(entry.sha256, entry.size) for entry in seen.files} == {("", None)}
    assert "EX" not in seen.columns
    assert counts(run.open_receipt) == (7, 0, 0, 0, 0, 0)
    assert receipt_for(run, Audience.UNBLINDED).new == 10


def test_a_changed_dose_moves_no_number_of_a_blinded_reader(importer: User, study: Study) -> None:
    imported(importer, study, FIRST)
    same = imported(importer, study, FIRST)
    other = imported(importer, study, {**FIRST, "EX": [ex(1001, 81), ex(1002, 54)]})
    assert counts(other.receipt) == (0, 2, 7, 1, 0, 0)
    assert receipt_for(same, Audience.BLINDED) == receipt_for(other, Audience.BLINDED)
    check = imported(importer, study, {**FIRST, "EX": [ex(1001, 7)]}, check_only=True)
    assert preview_for(check, Audience.BLINDED).totals.changed == 0
    assert CheckedLine.objects.filter(run=check, is_whole=True, domain="EX").exists()
    assert not CheckedLine.objects.filter(run=check, is_open=True).exists()


def test_rejected_rows_of_treatment_files_are_hidden_from_blinded_readers(importer: User, study: Study) -> None:
    broken = {**ex(1001, 54), "EXSTDTC": "2013-02-30"}
    run = imported(importer, study, {"DM": [dm(1001)], "EX": [broken]})
    principal = principal_of(importer)
    assert [row.variable for row in rejected_of(run, principal, Audience.UNBLINDED)] == ["EXSTDTC"]
    assert not rejected_of(run, principal, Audience.BLINDED).exists()


def test_a_check_is_confirmed_once_and_with_a_reason(importer: User, study: Study) -> None:
    run = imported(importer, study, FIRST, check_only=True)
    with pytest.raises(InvalidInputError, match="reason"):
        confirm_import(principal=principal_of(importer), user=importer, run=run, reason=" ")
    confirmed = finished(confirm_import(principal=principal_of(importer), user=importer, run=run, reason="Cut of June"))
    assert (confirmed.state, confirmed.reason) == (ImportState.DONE, "Cut of June")
    assert set(ChangeSet.objects.filter(study=study).values_list("reason", flat=True)) == {"Cut of June"}
    with pytest.raises(ConflictError):
        confirm_import(principal=principal_of(importer), user=importer, run=confirmed, reason="Again")


@pytest.mark.requirement("P11-10e")
def test_what_is_written_bears_the_name_of_who_confirmed_it(importer: User, manager: User, study: Study) -> None:
    """Who gave the files is kept beside them: the reason is that of the person who decided."""
    run = imported(manager, study, {"DM": [dm(1001)]}, check_only=True)
    assert (run.requested_by, run.confirmed_by) == (manager, None)
    done = finished(confirm_import(principal=principal_of(importer), user=importer, run=run, reason="Cut of June"))
    assert (done.state, done.requested_by, done.confirmed_by) == (ImportState.DONE, manager, importer)
    assert done.job is not None
    assert done.job.requested_by == importer
    written = ChangeSet.objects.filter(study=study).values_list("actor", "actor_name", "reason")
    assert set(written) == {(importer.pk, importer.display_name, "Cut of June")}


def test_what_nobody_confirmed_bears_the_name_of_who_sent_it(manager: User, study: Study) -> None:
    run = imported(manager, study, {"DM": [dm(1001)]})
    assert (run.state, run.confirmed_by) == (ImportState.DONE, None)
    assert ChangeSet.objects.get(study=study).actor_name == "Priya Raman"


def test_a_discarded_check_leaves_nothing_behind(importer: User, study: Study) -> None:
    run = imported(importer, study, FIRST, check_only=True)
    assert folder_of(run).exists()
    discard_import(principal=principal_of(importer), run=run)
    assert not folder_of(run).exists()
    assert not Subject.objects.exists()
    with pytest.raises(ConflictError):
        discard_import(principal=principal_of(importer), run=ImportRun.objects.get(pk=run.pk))


def test_an_import_that_has_ended_cannot_be_cancelled(importer: User, study: Study) -> None:
    run = imported(importer, study, FIRST)
    with pytest.raises(ConflictError, match="not running"):
        cancel_import(principal=principal_of(importer), run=run)


def test_an_import_that_has_not_begun_is_cancelled_at_once(importer: User, study: Study) -> None:
    run = started(importer, study, FIRST)
    with TestCase.captureOnCommitCallbacks(execute=True):
        cancel_import(principal=principal_of(importer), run=run)
    run = finished(run)
    assert run.job is not None
    assert run.job.state == JobState.CANCELLED
    assert not Subject.objects.exists()
    assert run.state == ImportState.CANCELLED
    assert not folder_of(run).exists()


@pytest.mark.requirement("P11-10d")
def test_only_who_was_granted_it_may_import(study: Study) -> None:
    monitor = person(Role.MEDICAL_MONITOR, study)
    with pytest.raises(NotAllowedError, match="import data"):
        started(monitor, study, FIRST)
    stranger = person(Role.DATA_MANAGER, StudyFactory())
    with pytest.raises(NotAllowedError):
        started(stranger, study, FIRST)


def test_a_locked_study_refuses_imports(importer: User, study: Study) -> None:
    waiting = started(importer, study, FIRST)
    Study.objects.filter(pk=study.pk).update(state=StudyState.LOCKED)
    study.refresh_from_db()
    with pytest.raises(NotAllowedError, match="locked"):
        started(importer, study, FIRST)
    assert finished(waiting).state == ImportState.REFUSED
    assert not Subject.objects.exists()


def test_an_import_without_files_is_refused(importer: User, study: Study) -> None:
    with pytest.raises(InvalidInputError, match="No file was sent"):
        start_upload(principal=principal_of(importer), user=importer, study=study, uploads=[])
    twice = [*files_of({"DM": [dm(1001)]}), *files_of({"DM": [dm(1002)]})]
    with pytest.raises(InvalidInputError, match="Two files are called"):
        start_upload(principal=principal_of(importer), user=importer, study=study, uploads=twice)


@contextmanager
def _after_subjects(number: int, act: Callable[[], object]) -> Iterator[None]:
    """While open: does something in the middle of writing the subject of this number."""
    seen: list[SubjectChange] = []

    def count(change: SubjectChange) -> None:
        seen.append(change)
        if len(seen) == number:
            act()

    subject_changing.subscribe(count)
    try:
        yield
    finally:
        subject_changing._handlers.remove(count)


def _pull_the_plug() -> None:
    raise KeyboardInterrupt


def test_progress_is_told_while_it_runs(importer: User, study: Study) -> None:
    run = started(importer, study, FIRST)
    said: list[str] = []
    with _after_subjects(3, lambda: said.append(Job.objects.get(pk=run.job_id).progress_label)):
        finished(run)
    assert said == ["2 of 3 subjects are in"]


def test_a_relation_may_point_at_every_row_of_a_domain(importer: User, study: Study) -> None:
    events = [ae(1001, f"E{number}", f"EVENT {number}") for number in range(1, 41)]
    relation = {"USUBJID": "01-701-1001", "RDOMAIN": "AE", "IDVAR": "", "IDVARVAL": "", "RELID": "R1"}
    run = imported(importer, study, {"DM": [dm(1001)], "AE": events, "RELREC": [relation]})
    assert run.state == ImportState.DONE, run.error
    assert len(Record.objects.get(domain="RELREC").target.split()) == 40


def supp(sequence: int, value: str, name: str = "AETRTEM") -> dict[str, Any]:
    return {
        "USUBJID": "01-701-1001", "RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": str(sequence), "QNAM": name,
        "QLABEL": "Treatment emergent", "QVAL": value,
    }  # fmt: skip


def seizure(**values: Any) -> Package:
    return {"DM": [dm(1001)], "AE": [ae(1001, "E1", "SEIZURE", **values)]}


def recorded(domain: str = "AE") -> dict[str, Any]:
    found: dict[str, Any] = Record.objects.get(domain=domain, is_withdrawn=False).values
    return found


def test_a_qualifier_whose_file_is_not_in_the_cut_stays(importer: User, study: Study) -> None:
    """An import of AE without SUPPAE blanked every qualifier of every event."""
    imported(importer, study, {**seizure(AEREL="NONE"), "SUPPAE": [supp(1, "Y")]})
    assert recorded()["AETRTEM"] == "Y"
    run = imported(importer, study, seizure(AEREL="POSSIBLE"))
    assert counts(run.receipt) == (0, 1, 1, 0, 0, 0)
    assert (recorded()["AETRTEM"], recorded()["AEREL"]) == ("Y", "POSSIBLE")
    again = imported(importer, study, seizure(AEREL="POSSIBLE"))
    assert counts(again.receipt) == (0, 0, 2, 0, 0, 0)


def test_a_column_that_is_not_in_the_cut_stays_and_an_empty_cell_clears(importer: User, study: Study) -> None:
    imported(importer, study, seizure(AEREL="NONE", AEOUT="FATAL"))
    imported(importer, study, seizure(AEREL="NONE"))
    assert recorded()["AEOUT"] == "FATAL"
    checked = imported(importer, study, seizure(AEREL="", AEOUT="FATAL"), check_only=True)
    found = CheckedLine.objects.filter(run=checked, kind=Listed.VALUE).values_list("details", flat=True)
    assert [(details["variable"], details["new"]) for details in found] == [("AEREL", None)]
    finished(confirm_import(principal=principal_of(importer), user=importer, run=checked, reason="Cleared"))
    assert "AEREL" not in recorded()
    assert recorded()["AEOUT"] == "FATAL"


def test_a_qualifier_that_its_file_no_longer_has_for_a_row_is_cleared(importer: User, study: Study) -> None:
    two: Package = {"DM": [dm(1001)], "AE": [ae(1001, "E1", "SEIZURE"), ae(1001, "E2", "RASH")]}
    imported(importer, study, {**two, "SUPPAE": [supp(1, "Y"), supp(2, "Y")]})
    imported(importer, study, {**two, "SUPPAE": [supp(1, "Y")]})
    found = {values["AEDECOD"]: values.get("AETRTEM") for values in Record.objects.filter(domain="AE").values_list(
        "values", flat=True
    )}  # fmt: skip
    assert found == {"SEIZURE": "Y", "RASH": None}


def test_a_refused_qualifier_takes_nothing_away(importer: User, study: Study) -> None:
    imported(importer, study, {**seizure(), "SUPPAE": [supp(1, "Y")]})
    run = imported(importer, study, {**seizure(), "SUPPAE": [supp(9, "Y")]})
    assert run.receipt["rejected"] == 1
    assert recorded()["AETRTEM"] == "Y"


def split(study: Study, **files: list[dict[str, Any]]) -> list[Any]:
    """Files of one domain of which each is named after its dataset."""
    found = []
    for name, rows in files.items():
        (file,) = files_of({"LB": rows})  # type: ignore[dict-item]
        file.name = f"{name}.csv"
        found.append(file)
    return [*files_of({"DM": [dm(1001)]}), *found]


def lb(test: str, value: float, **values: Any) -> dict[str, Any]:
    start = {"USUBJID": "01-701-1001", "LBTESTCD": test, "LBTEST": test, "LBDTC": "2013-05-01"}
    return {**start, "LBSEQ": len(test), "LBSTRESN": value, **values}


def brought(importer: User, study: Study, **files: list[dict[str, Any]]) -> ImportRun:
    run = start_upload(
        principal=principal_of(importer), user=importer, study=study, uploads=split(study, **files), reason="Part"
    )
    return finished(run)


def test_a_dataset_of_a_split_domain_that_is_not_in_the_cut_withdraws_nothing(importer: User, study: Study) -> None:
    brought(importer, study, lbch=[lb("ALT", 34, LBSTNRHI=40)], lbhe=[lb("HGBX", 9, LBMETHOD="X")])
    brought(importer, study, lbch=[lb("ALT", 36, LBSTNRHI=40)])
    live = Record.objects.filter(domain="LB", is_withdrawn=False)
    assert {values["LBTESTCD"]: values["LBSTRESN"] for values in live.values_list("values", flat=True)} == {
        "ALT": 36,
        "HGBX": 9,
    }
    checked = start_upload(
        principal=principal_of(importer), user=importer, study=study, reason="Part", check_only=True,
        uploads=split(study, lbch=[lb("ALT", 36, LBSTNRHI=40)]),
    )  # fmt: skip
    assert finished(checked).preview["missing_files"] == {"LB": ["lbhe"]}
    assert ImportRun.objects.get(pk=checked.pk).open_preview["missing_files"] == {"LB": ["lbhe"]}


def test_a_column_of_one_dataset_clears_nothing_of_another(importer: User, study: Study) -> None:
    both = {"lbch": [lb("ALT", 34, LBSTNRHI=40)], "lbhe": [lb("HGBX", 9, LBMETHOD="X")]}
    brought(importer, study, **both)
    again = brought(importer, study, **both)
    assert counts(again.receipt)[:4] == (0, 0, 3, 0)


def test_a_domain_that_comes_in_other_datasets_than_before_is_whole(importer: User, study: Study) -> None:
    brought(importer, study, lbch=[lb("ALT", 34)], lbhe=[lb("HGBX", 9)])
    run = brought(importer, study, lb=[lb("ALT", 34)])
    assert run.receipt["withdrawn_by_domain"] == {"LB": 1}


def test_what_was_observed_of_a_pool_comes_in_and_stays_the_same(importer: User, study: Study) -> None:
    pooled: Package = {"DM": [dm(1001)], "LB": [{"USUBJID": "", "POOLID": "P1", "LBSEQ": 1, "LBTESTCD": "ALT"}]}
    run = imported(importer, study, pooled)
    assert counts(run.receipt) == (2, 0, 0, 0, 0, 0)
    assert Record.objects.get(study=study, subject=None).values["POOLID"] == "P1"
    assert counts(imported(importer, study, pooled).receipt) == (0, 0, 2, 0, 0, 0)
