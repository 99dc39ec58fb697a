"""Imports by hand: files, check, preview, confirmation, receipt; each reader in their own projection."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models.signals import post_save
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.domain.roles import Role
from apps.core.models import Job, JobState
from apps.studies.models import ImportedSubject, ImportRun, ImportState, RejectedRow, Site, Study, StudyState, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.import_runs import confirm_import
from tests.factories import StudyFactory, client_account, person
from tests.studies.web.importing import checked, csv_file, demographics, event, finished, imported

LIST = "/studies/TRIAL/imports/"


def text_of(response) -> str:
    main = re.search(r"<main.*</main>", response.content.decode(), re.S)
    assert main is not None
    return " ".join(re.sub(r"<[^>]+>", " ", main.group()).split())


def exposure(study: Study, dose: int = 54) -> SimpleUploadedFile:
    row = {"USUBJID": "01-701-1", "EXSEQ": 1, "EXTRT": "MARKER-DRUG", "EXDOSE": dose, "EXSTDTC": "2013-04-26"}
    return csv_file(study, "EX", [row])


@pytest.fixture
def known(study) -> ImportRun:
    """A first import of two subjects with one event and their exposure, by an unblinded program."""
    files = [
        csv_file(study, "DM", [demographics(1), demographics(2)]),
        csv_file(study, "AE", [event(1, "FATIGUE", AESEV="MILD", AEOUT="NOT RECOVERED/NOT RESOLVED")]),
        exposure(study),
    ]
    return imported(client_account(study), study, files)


def test_the_list_names_every_import_with_its_state_person_and_reason(study, manager, known, signed_in):
    imported(manager, study, [csv_file(study, "DM", [demographics(1)])], reason="Transfer 2")
    page = text_of(signed_in(manager).get(LIST))
    assert "Import 1 done" in page
    assert "Priya Raman Transfer 2" in page


@pytest.mark.requirement("E6-411")
def test_the_reason_of_who_knows_treatment_is_withheld_from_who_does_not(study, manager, known, signed_in):
    assert "Transfer 1" not in text_of(signed_in(manager).get(LIST))
    assert "withheld: it may tell of treatment" in text_of(signed_in(manager).get(LIST))
    assert "Transfer 1" in text_of(signed_in(person(Role.UNBLINDED_MONITOR, study)).get(LIST))


def test_an_empty_list_says_what_was_looked_for(study, manager, signed_in):
    assert "Looked for imports of study TRIAL, checks and dry runs included." in text_of(signed_in(manager).get(LIST))


def test_choosing_files_checks_them_and_writes_nothing(study, manager, signed_in):
    files = [csv_file(study, "DM", [demographics(1)])]
    answer = signed_in(manager).post(f"{LIST}new/", {"data_files": files, "reason": "Transfer 1"})
    assert answer.url == f"{LIST}1/"
    run = finished(ImportRun.objects.get(study=study))
    assert run.state == ImportState.CHECKED
    assert not Subject.objects.filter(study=study).exists()


def test_files_and_reason_are_asked_for_together(study, manager, signed_in):
    answer = signed_in(manager).post(f"{LIST}new/", {"reason": " "})
    assert answer.status_code == 422
    assert "2 things to put right" in text_of(answer)
    assert "Choose at least one file." in text_of(answer)
    assert not ImportRun.objects.exists()


def test_two_files_of_one_name_are_refused_beside_the_files(study, manager, signed_in):
    files = [csv_file(study, "DM", [demographics(1)]), csv_file(study, "DM", [demographics(2)])]
    answer = signed_in(manager).post(f"{LIST}new/", {"data_files": files, "reason": "Transfer 1"})
    assert answer.status_code == 422
    assert "Two files are called" in text_of(answer)


def test_the_check_leads_with_what_matters(study, manager, known, signed_in):
    files = [
        csv_file(study, "DM", [demographics(1, DTHFL="Y", DTHDTC="2013-08-02"), demographics(2)]),
        csv_file(study, "AE", [
            event(1, "FATIGUE", AESEV="MILD", AEOUT="FATAL"),
            event(2, "SYNCOPE", AESER="N", AESHOSP="Y"),
            event(2, "SYNCOPE", AESER="N", AESHOSP="Y", AESEQ=2, AESEV="SEVERE"),
        ]),
    ]  # fmt: skip
    run = checked(manager, study, files)
    page = text_of(signed_in(manager).get(f"{LIST}{run.number}/"))
    assert page.index("Deaths") < page.index("New serious events") < page.index("Changed outcome")
    assert "died 02 Aug 2013" in page
    assert "New serious events 1 " in page, "two rows of one event are one event"
    assert "Fatigue: Outcome Not recovered → became Fatal" in page
    assert "empty → became 02 Aug 2013" in page


def test_the_rows_of_every_file_add_up(study, manager, known, signed_in):
    files = [csv_file(study, "DM", [demographics(1, AGE=71), demographics(2), demographics(3, SUBJID="\x07")])]
    run = checked(manager, study, files)
    page = text_of(signed_in(manager).get(f"{LIST}{run.number}/"))
    assert "rows add up: 1 changed + 1 unchanged + 1 rejected = 3" in page
    assert "dm.csv, row 3, 01-701-3" in page


def test_a_subject_whom_the_files_no_longer_hold_is_named(study, manager, known, signed_in):
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1)])])
    page = text_of(signed_in(manager).get(f"{LIST}{run.number}/"))
    assert "1 subject not in these files" in page
    assert "01-701-2" not in page, "the number leads, the names are behind it"
    assert "01-701-2" in text_of(signed_in(manager).get(f"{LIST}{run.number}/lists/not-in-files/"))
    assert "Demographics: 1 rows, the portal has 2 records" in page


def test_a_blinded_reader_of_an_import_learns_nothing_of_treatment_files(study, manager, known, signed_in):
    answer = signed_in(manager).get(f"{LIST}{known.number}/")
    page = text_of(answer)
    assert "2 files, 3 rows you may see" in page
    assert "Files, rows and values that may tell of treatment are not in this account." in page
    assert not [entry for entry in known.receipt["files"] if entry["sha256"][:10] in answer.content.decode()]
    assert "ex.csv" not in page
    assert "MARKER" not in answer.content.decode()


@pytest.mark.requirement("E6-411")
def test_what_a_blinded_person_may_not_write_is_left_out_and_named(study, manager, known, signed_in):
    rows = [demographics(1, ARM="GUESSED-ARM"), demographics(2)]
    run = checked(manager, study, [csv_file(study, "DM", rows), exposure(study, 81)])
    page = text_of(signed_in(manager).get(f"{LIST}{run.number}/"))
    assert "Left out, because your role may not write what may tell of treatment: DM.ARM ." in page
    assert "ex.csv, row 1, 01-701-1 Not writable by your role" in page
    assert "rows add up: 2 unchanged + 1 rejected = 3" in page
    account = json.loads(signed_in(manager).get(f"{LIST}{run.number}/receipt.json").content)["receipt"]
    told = {(entry["sha256"], entry["size"]) for entry in account["files"]}
    assert told == {("", None)}, "they could be searched for the arm"


def test_a_changed_dose_leaves_no_trace_in_a_blinded_check(study, manager, known, signed_in):
    files = [csv_file(study, "DM", [demographics(1), demographics(2)]), exposure(study, 81)]
    page = text_of(signed_in(manager).get(f"{LIST}{checked(manager, study, files).number}/"))
    assert "No value of a known record would change." in page
    assert "rows add up: 2 unchanged + 1 rejected = 3" in page


def test_an_unblinded_reader_sees_the_counts_of_every_file(study, known, signed_in):
    monitor = person(Role.UNBLINDED_MONITOR, study)
    page = text_of(signed_in(monitor).get(f"{LIST}{known.number}/"))
    assert "3 files, 4 rows you may see" in page
    assert "not in this account" not in page


def test_confirming_needs_a_reason(study, manager, known, signed_in):
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1), demographics(2)])])
    answer = signed_in(manager).post(f"{LIST}{run.number}/confirm/", {"reason": " "})
    assert answer.status_code == 422
    assert "Say why the data are imported." in text_of(answer)
    run.refresh_from_db()
    assert run.state == ImportState.CHECKED


def test_a_confirmed_import_ends_with_a_receipt_that_adds_up(study, manager, known, signed_in):
    client = signed_in(manager)
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1, AGE=71), demographics(2)])])
    answer = client.post(f"{LIST}{run.number}/confirm/", {"reason": "Age corrected at the site"})
    assert answer.url == f"{LIST}{run.number}/"
    assert "Import 2: running" in text_of(client.get(answer.url))
    run.refresh_from_db()
    finished(run)
    page = text_of(client.get(answer.url))
    assert "0 new and 1 changed records" in page
    assert "Reason Age corrected at the site" in page
    assert "rows add up: 1 changed + 1 unchanged = 2" in page
    assert "Subjects in 2" in page


def test_who_confirmed_is_named_beside_who_sent_the_files(study, manager, signed_in):
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1)])])
    page = text_of(signed_in(manager).get(f"{LIST}{run.number}/"))
    assert "Brought by Priya Raman" in page
    assert "onfirmed by" not in page
    other = person(Role.DATA_MANAGER, study, printed_name="Olga Berg")
    client = signed_in(other)
    client.post(f"{LIST}{run.number}/confirm/", {"reason": "Age corrected at the site"})
    run.refresh_from_db()
    finished(run)
    page = text_of(client.get(f"{LIST}{run.number}/"))
    assert "By Priya Raman Confirmed by Olga Berg Reason Age corrected at the site" in page
    assert "Priya Raman, confirmed by Olga Berg Age corrected at the site" in text_of(client.get(LIST))
    receipt = client.get(f"{LIST}{run.number}/receipt.json").json()
    assert (receipt["by"], receipt["confirmed_by"]) == ("Priya Raman", "Olga Berg")


def test_confirming_twice_is_a_conflict_that_says_what_to_do(study, manager, known, signed_in):
    answer = signed_in(manager).post(f"{LIST}{known.number}/confirm/", {"reason": "Again"})
    assert answer.status_code == 409
    assert "not waiting to be confirmed" in text_of(answer)


def test_a_discarded_check_writes_nothing_and_stays_in_the_list(study, manager, signed_in):
    client = signed_in(manager)
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1)])])
    page = text_of(client.post(f"{LIST}{run.number}/discard/", follow=True))
    assert "Discarded after the check; nothing was written" in page
    assert not Subject.objects.filter(study=study).exists()


def test_a_cancelled_import_says_which_subjects_are_in_whole(study, manager, signed_in):
    client = signed_in(manager)
    run = checked(manager, study, [csv_file(study, "DM", [demographics(number) for number in range(1, 4)])])
    client.post(f"{LIST}{run.number}/confirm/", {"reason": "Transfer 1"})
    run.refresh_from_db()
    Job.objects.filter(pk=run.job_id).update(is_cancel_requested=False)
    client.post(f"{LIST}{run.number}/cancel/")
    page = text_of(client.get(f"{LIST}{run.number}/"))
    assert "Cancelled; 0 subjects are in and stay whole" in page


def test_an_import_stopped_midway_names_the_whole_subjects_and_what_was_not_reached(study, manager, signed_in):
    client = signed_in(manager)
    run = checked(manager, study, [csv_file(study, "DM", [demographics(number) for number in range(1, 4)])])
    client.post(f"{LIST}{run.number}/confirm/", {"reason": "Transfer 1"})
    run.refresh_from_db()

    def ask_to_stop(instance: ImportedSubject, **kwargs: object) -> None:
        if instance.subject_id == "01-701-2":
            client.post(f"{LIST}{run.number}/cancel/")

    post_save.connect(ask_to_stop, sender=ImportedSubject)
    try:
        finished(run)
    finally:
        post_save.disconnect(ask_to_stop, sender=ImportedSubject)
    page = text_of(client.get(f"{LIST}{run.number}/"))
    assert "Cancelled; 2 subjects are in and stay whole" in page
    assert "01-701-1 01-701-2" in page
    assert "rows add up: 2 new + 1 not reached = 3" in page
    assert "1 row was not reached before the import ended." in page


def test_progress_asks_again_while_the_import_runs_and_then_loads_the_page(study, manager, signed_in):
    client = signed_in(manager)
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1)])])
    client.post(f"{LIST}{run.number}/confirm/", {"reason": "Transfer 1"})
    running = client.get(f"{LIST}{run.number}/progress/")
    assert 'hx-trigger="every 1s"' in running.content.decode()
    assert "HX-Refresh" not in running.headers
    run.refresh_from_db()
    finished(run)
    assert client.get(f"{LIST}{run.number}/progress/").headers["HX-Refresh"] == "true"


def test_files_of_another_study_are_refused_with_the_reason_on_the_page(study, manager, known, signed_in):
    other: Study = StudyFactory(code="OTHER", protocol_id="OTHER")
    run = checked(manager, study, [csv_file(other, "DM", [demographics(1)])])
    page = text_of(signed_in(manager).get(f"{LIST}{run.number}/"))
    assert run.state == ImportState.REFUSED
    assert "Refused; nothing was written" in page
    assert "OTHER" in page


def test_a_run_whose_job_failed_says_so(study, manager, signed_in):
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1)])])
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.IMPORTING)
    Job.objects.filter(pk=run.job_id).update(state=JobState.FAILED, error="Lost its worker 5 times; not tried again.")
    page = text_of(signed_in(manager).get(f"{LIST}{run.number}/"))
    assert "Failed; what was written stays Lost its worker 5 times; not tried again." in page.replace("✕ ", "")


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize("is_dead_letter", [True, False])
@pytest.mark.parametrize("state", [ImportState.CHECKING, ImportState.IMPORTING])
def test_the_error_of_a_failed_job_is_told_to_no_reader_who_may_not_know_that_of_its_run(
    study, manager, known, signed_in, state, is_dead_letter
):
    quoted = "Got 'MARKER-DRUG', expected a date."
    ImportRun.objects.filter(pk=known.pk).update(state=state)
    Job.objects.filter(pk=known.job_id).update(state=JobState.FAILED, error=quoted, is_dead_letter=is_dead_letter)
    unblinded = person(Role.UNBLINDED_MONITOR, study)
    assert quoted in text_of(signed_in(unblinded).get(f"{LIST}{known.number}/")).replace("&#x27;", "'")
    for reader in (manager, person(Role.MEDICAL_MONITOR, study), person(Role.AUDITOR, study)):
        for path in (LIST, f"{LIST}{known.number}/", f"{LIST}{known.number}/progress/"):
            assert "MARKER" not in signed_in(reader).get(path).content.decode()
        page = text_of(signed_in(reader).get(f"{LIST}{known.number}/"))
        assert "its reason is shown to those who may see treatment" in page


@pytest.mark.requirement("E6-411")
def test_the_reason_of_who_confirms_is_withheld_where_they_know_more_than_who_sent_the_files(study, manager, signed_in):
    run = checked(manager, study, [csv_file(study, "DM", [demographics(1)])], reason="Transfer 2")
    monitor = client_account(study)
    finished(confirm_import(principal=principal_of(monitor), user=monitor, run=run, reason="MARKER-DRUG stopped"))
    for path in (LIST, f"{LIST}{run.number}/", f"{LIST}{run.number}/receipt.json"):
        assert "MARKER" not in signed_in(manager).get(path).content.decode(), path
        seen = signed_in(person(Role.UNBLINDED_MONITOR, study)).get(path).content.decode()
        assert "MARKER-DRUG stopped" in seen, path


def test_who_may_not_import_reads_receipts_and_has_no_buttons(study, manager, known, signed_in):
    checked(manager, study, [csv_file(study, "DM", [demographics(1)])])
    client = signed_in(person(Role.SAFETY_PHYSICIAN, study))
    assert "Choose files" not in text_of(client.get(LIST))
    assert "Discard" not in text_of(client.get(f"{LIST}2/"))
    assert client.get(f"{LIST}new/").status_code == 403
    for act in ("confirm", "cancel", "discard"):
        assert client.post(f"{LIST}2/{act}/", {"reason": "x"}).status_code == 403, act
    assert client.post(f"{LIST}2/confirm/", {}).status_code == 403


def test_a_locked_study_keeps_the_button_and_says_why_not(study, manager, known, signed_in):
    Study.objects.filter(pk=study.pk).update(state=StudyState.LOCKED)
    client = signed_in(manager)
    page = client.get(LIST)
    assert 'aria-disabled="true"' in page.content.decode()
    assert "The study is locked and takes no changes." in text_of(page)
    assert client.get(f"{LIST}new/").status_code == 403


def test_a_reader_of_one_site_sees_own_subjects_and_no_counts_of_the_study(study, manager, signed_in):
    rows = [demographics(1), {**demographics(9, SITEID="702"), "USUBJID": "01-702-9"}]
    run = imported(manager, study, [csv_file(study, "DM", rows)])
    cra = person(Role.CRA, study, site=Site.objects.get(study=study, code="701"))
    client = signed_in(cra)
    page = text_of(client.get(f"{LIST}{run.number}/"))
    assert "01-701-1" in page
    assert "01-702-9" not in page
    assert "rows add up" not in page
    receipt = json.loads(client.get(f"{LIST}{run.number}/receipt.json").content)
    assert receipt["receipt"] == {"subjects": ["01-701-1"], "vanished": []}
    assert "Counts of the whole study are shown to those who see every site." in text_of(client.get(LIST))


def test_the_receipt_as_json_is_in_the_readers_projection(study, manager, known, signed_in):
    blinded = json.loads(signed_in(manager).get(f"{LIST}{known.number}/receipt.json").content)
    assert blinded["projection"] == "blinded"
    assert blinded["reason"] is None
    assert [entry["name"] for entry in blinded["receipt"]["files"]] == ["ae.csv", "dm.csv"]
    assert blinded["receipt"]["rows"] == 3
    monitor = person(Role.UNBLINDED_MONITOR, study)
    unblinded = json.loads(signed_in(monitor).get(f"{LIST}{known.number}/receipt.json").content)
    assert unblinded["receipt"]["rows"] == 4
    assert unblinded["reason"] == "Transfer 1"


def test_rejected_rows_as_csv_cannot_run_as_formulas(study, manager, known, signed_in):
    for number, text in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "\tx"), start=1):
        row = {"file": "dm.csv", "row": number, "domain": "DM", "subject_id": "s", "reason": text}
        RejectedRow.objects.create(run=known, is_open=True, is_reason_open=True, **row)
    RejectedRow.objects.create(run=known, file="ex.csv", row=1, domain="EX", subject_id="s", reason="MARKER")
    answer = signed_in(manager).get(f"{LIST}{known.number}/rejected.csv")
    lines = answer.content.decode().splitlines()
    assert lines[0] == "file,row,domain,subject,variable,kind,reason"
    assert [line.rpartition(",")[2] for line in lines[1:]] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="TRIAL-import-1-rejected-rows.csv"'


@pytest.mark.parametrize("path", ["", "new/", "1/", "1/progress/", "1/receipt.json", "1/rejected.csv"])
def test_imports_do_not_exist_for_a_stranger(study, known, signed_in, path):
    stranger = person(Role.DATA_MANAGER, StudyFactory())
    assert signed_in(stranger).get(f"{LIST}{path}").status_code == 404


def test_an_import_the_study_has_not_is_not_found(study, manager, signed_in):
    assert signed_in(manager).get(f"{LIST}7/").status_code == 404


def test_who_is_not_signed_in_is_asked_to(study):
    assert Client().get(LIST).url == f"/sign-in/?next={LIST}"


def test_the_list_costs_the_same_however_many_imports(study, manager, known, signed_in):
    client = signed_in(manager)
    client.get(LIST)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    before = queries()
    for _ in range(5):
        checked(manager, study, [csv_file(study, "DM", [demographics(1), demographics(2)])])
    assert queries() == before
