"""The numbers of an import lead, what they count is behind them page by page, and the decision stands beside them."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.services.jobs import run_job
from apps.studies.models import CheckedLine, ImportRun, ImportState, RejectedRow, Site, Study, Subject
from tests.compliance.reviews import signed_review
from tests.factories import StudyFactory, client_account, person
from tests.studies.web.conftest import SignIn
from tests.studies.web.importing import checked, csv_file, demographics, event, finished, imported
from tests.studies.web.test_imports import LIST, exposure, text_of

SEEN = range(1, 4)


def results(study: Study, count: int, *, raised: int) -> SimpleUploadedFile:
    """Results of subject 1, one a day, each higher by `raised` than at first."""
    rows = [
        {
            "USUBJID": "01-701-1", "LBSEQ": number, "LBTESTCD": "ALT", "LBTEST": "Alanine Aminotransferase",
            "LBSTRESN": number + raised, "LBSTRESU": "U/L", "VISIT": "WEEK 2", "LBDTC": f"2013-{number % 12 + 1:02}-05",
            "LBREFID": f"R{number}",
        }
        for number in range(1, count + 1)
    ]  # fmt: skip
    return csv_file(study, "LB", rows)


def first_cut(study: Study, **more: Any) -> list[SimpleUploadedFile]:
    values = {"AESEV": "MILD", "AEOUT": "NOT RECOVERED/NOT RESOLVED", "AESTDTC": "2013-06-02", **more}
    events = [event(1, "FATIGUE", **values)]
    return [csv_file(study, "DM", [demographics(number) for number in SEEN]), csv_file(study, "AE", events)]


@pytest.fixture
def known(study: Study) -> ImportRun:
    """Three subjects, one event, 60 results; brought by who knows treatment."""
    return imported(client_account(study), study, [*first_cut(study), results(study, 60, raised=0), exposure(study)])


def page_of(client: Client, run: ImportRun, name: str = "", **asked: object) -> str:
    address = f"{LIST}{run.number}/" + (f"lists/{name}/" if name else "")
    answer = client.get(address, asked)
    assert answer.status_code == 200, answer.content
    return text_of(answer)


def test_numbers_lead_and_each_leads_to_what_it_counts(study: Study, manager: User, known, signed_in: SignIn) -> None:
    events = [event(1, "FATIGUE", AESEV="MILD", AEOUT="FATAL", AESTDTC="2013-06-02")]
    files = [
        csv_file(study, "DM", [demographics(1), demographics(7, SUBJID="\x07")]),
        csv_file(study, "AE", events),
    ]
    run, client = checked(manager, study, files), signed_in(manager)
    html = client.get(f"{LIST}{run.number}/").content.decode()
    figures = re.findall(r'lists/([a-z-]+)/"><span class="figure__number">(\d+)</span>', html)
    assert figures == [
        ("deaths", "1"),
        ("judgements", "1"),
        ("values", "1"),
        ("not-in-files", "2"),
        ("rejected", "1"),
    ]
    for name, number in figures:
        assert page_of(client, run, name).split(" in import 2")[0].endswith(f" {number}"), name
    none = "0 new serious events, 0 contradictions, 0 discontinued, 0 new severe events, "
    none += "0 subjects without demographics, 0 signed texts go stale"
    assert none in page_of(client, run)
    assert "01-701-2 01-701-3" in page_of(client, run, "not-in-files")


def test_the_decision_stands_before_everything_that_is_listed(study: Study, manager: User, known, signed_in) -> None:
    run = checked(manager, study, [*first_cut(study), results(study, 60, raised=1)])
    html = signed_in(manager).get(f"{LIST}{run.number}/").content.decode()
    assert html.index('class="figures"') < html.index('id="confirm"') < html.index('id="matters"')
    assert html.index('id="confirm"') < html.index('id="files"')


def test_a_changed_value_names_event_day_unit_row_and_what_it_sets_off(
    study: Study, manager: User, known, signed_in: SignIn
) -> None:
    files = first_cut(study, AESER="Y")
    run, client = checked(manager, study, [*files, results(study, 1, raised=3)]), signed_in(manager)
    page = page_of(client, run, "values")
    event_line = "Adverse events, Fatigue : Serious AESER 02 Jun 2013 · ae.csv, row 1 empty → became Yes"
    assert f"{event_line} makes the event serious; changes outcome, causality or seriousness" in page
    result_line = "Alanine Aminotransferase : Numeric result LBSTRESN Week 2, 05 Feb 2013 · lb.csv, row 1"
    assert f"{result_line} 1 U/L → became 4 U/L nothing signed, nothing judged" in page
    assert page.index("Fatigue") < page.index("Alanine"), "what is judged first, whatever the order of the files"


def test_a_value_that_makes_signed_text_stale_says_which(study: Study, manager: User, known, signed_in) -> None:
    imported(manager, study, first_cut(study, AESER="Y"))
    signed_review(Subject.objects.get(study=study, subject_id="01-701-1"))
    run = checked(manager, study, [first_cut(study)[0], first_cut(study, AESER="Y", AESEV="SEVERE")[1]])
    client = signed_in(manager)
    assert "Mild → became Severe signed narrative version 1 goes stale: 1 fact" in page_of(client, run, "values")
    assert "01-701-1 Signed narrative version 1 goes stale" in page_of(client, run, "stale")


def test_every_changed_value_is_reached_page_by_page(study: Study, manager: User, signed_in: SignIn) -> None:
    imported(client_account(study), study, [*first_cut(study), results(study, 520, raised=0)])
    run, client = checked(manager, study, [*first_cut(study), results(study, 520, raised=1)]), signed_in(manager)
    assert "520 changed values" in page_of(client, run)
    pages = [page_of(client, run, "values", page=page) for page in range(1, 12)]
    shown = [row for page in pages for row in re.findall(r"row (\d+) ", page)]
    assert sorted(map(int, shown)) == list(range(1, 521)), "each once, none cut"
    assert "Page 11 of 11" in page_of(client, run, "values", page=11)


def test_pages_cost_the_same_however_long_their_lists(study: Study, manager: User, known, signed_in) -> None:
    client = signed_in(manager)

    def cost(run: ImportRun, name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(client, run, name)
        return len(captured)

    def refused(count: int) -> SimpleUploadedFile:
        return csv_file(study, "AE", [event(1, f"E{n}", AESEQ=f"x{n}", AESPID=n) for n in range(count)])

    few = checked(manager, study, [first_cut(study)[0], results(study, 3, raised=1), refused(2)])
    many = checked(manager, study, [first_cut(study)[0], results(study, 60, raised=1), refused(70)])
    for name in ("", "values", "rejected", "withdrawn", "not-in-files"):
        page_of(client, few, name)
        assert cost(many, name) <= cost(few, name), name
    assert "all 70 rejected rows" in page_of(client, many)
    assert "Page 2 of 2" in page_of(client, many, "rejected", page=2)


def test_a_withdrawn_record_is_named(study: Study, manager: User, known, signed_in) -> None:
    run, client = checked(manager, study, [*first_cut(study), results(study, 58, raised=0)]), signed_in(manager)
    assert "2 withdrawn records" in page_of(client, run)
    line = "01-701-1 Laboratory results: Alanine Aminotransferase Week 2, 05 Dec 2013"
    assert line in page_of(client, run, "withdrawn")


def test_a_subject_new_to_the_portal_is_named_without_a_page_it_has_not(
    study: Study, manager: User, known, signed_in: SignIn
) -> None:
    files = [csv_file(study, "DM", [demographics(number) for number in (*SEEN, 9)])]
    run, client = checked(manager, study, files), signed_in(manager)
    assert "1 new subject" in page_of(client, run)
    assert "01-701-9" in page_of(client, run, "new-subjects")
    assert "subjects/01-701-9" not in client.get(f"{LIST}{run.number}/lists/new-subjects/").content.decode()


def test_a_receipt_leads_with_numbers_and_keeps_the_lists_of_its_check(
    study: Study, manager: User, known, signed_in: SignIn
) -> None:
    run = imported(manager, study, [*first_cut(study), results(study, 60, raised=1)])
    client = signed_in(manager)
    page = page_of(client, run)
    assert page.index("60 changed values") < page.index("Subjects in 3")
    assert "As the check found it, before anything was written." in page_of(client, run, "values")
    assert "01-701-1 01-701-2 01-701-3" in page_of(client, run, "subjects-in")
    assert "changed value" not in page_of(client, known).lower() or known.preview, "an import without a check has none"


def test_an_import_that_was_refused_says_so_why_and_what_to_do(study: Study, manager: User, signed_in: SignIn) -> None:
    other: Study = StudyFactory(code="OTHER", protocol_id="OTHER")
    run, client = checked(manager, study, [csv_file(other, "DM", [demographics(1)])]), signed_in(manager)
    page = page_of(client, run)
    assert run.state == ImportState.REFUSED
    assert "Import 1: refused" in page
    assert "Subjects in" not in page, "nothing was written, so nothing is counted"
    assert "receipt" not in page.partition("Account")[0].replace("4 Receipt", "").lower()
    assert "✓ done: 1 Choose files ✕ refused: 2 Check 3 Import 4 Receipt" in page
    assert "What to do: put right what the reason names in the files, then choose them again." in page
    assert "Import 1 refused" in text_of(client.get(LIST))
    reader = page_of(signed_in(person(Role.SAFETY_PHYSICIAN, study)), run)
    assert "What to do: who brought it puts right" in reader
    assert "Choose files" not in reader.replace("1 Choose files", "")


def test_an_import_refused_before_it_wrote_was_refused(study: Study, manager: User, signed_in: SignIn) -> None:
    run, client = checked(manager, study, first_cut(study)), signed_in(manager)
    client.post(f"{LIST}{run.number}/confirm/", {"reason": "Transfer 1"})
    Study.objects.filter(pk=study.pk).update(protocol_id="ELSE")
    run.refresh_from_db()
    assert run.job_id is not None
    run_job(run.job_id)
    run.refresh_from_db()
    assert run.state == ImportState.REFUSED
    assert "Import 1: refused" in page_of(client, run)


def test_a_discarded_check_keeps_no_lists(study: Study, manager: User, known, signed_in: SignIn) -> None:
    run, client = checked(manager, study, [results(study, 60, raised=1)]), signed_in(manager)
    client.post(f"{LIST}{run.number}/discard/")
    assert not CheckedLine.objects.filter(run=run).exists()
    assert "changed value" not in page_of(client, run)
    assert "Import 2: discarded" in page_of(client, run)


def test_a_check_made_before_lists_were_kept_says_so(study: Study, manager: User, known, signed_in: SignIn) -> None:
    run = checked(manager, study, first_cut(study))
    ImportRun.objects.filter(pk=run.pk).update(open_preview={**run.open_preview, "is_listed": False})
    assert "The lists of this check were not kept" in page_of(signed_in(manager), run)


@pytest.mark.requirement("E6-411")
def test_a_blinded_reader_finds_in_no_list_what_is_hidden(study: Study, known, signed_in: SignIn) -> None:
    run = checked(client_account(study), study, [*first_cut(study), results(study, 60, raised=1), exposure(study, 81)])
    blinded = signed_in(person(Role.SAFETY_PHYSICIAN, study))
    unblinded = signed_in(person(Role.UNBLINDED_MONITOR, study))
    assert "61 changed values" in page_of(unblinded, run)
    assert "60 changed values" in page_of(blinded, run)
    told = "".join(page_of(blinded, run, "values", page=page) for page in (1, 2))
    assert "Exposure" not in told
    assert "Exposure" in page_of(unblinded, run, "values")
    assert "What may tell of treatment is not in this list." in told


@pytest.mark.requirement("E6-411")
def test_what_is_hidden_moves_no_line_of_a_blinded_reader(study: Study, known, signed_in: SignIn) -> None:
    blinded = signed_in(person(Role.SAFETY_PHYSICIAN, study))

    def lines(dose: int) -> list[str]:
        files = [*first_cut(study, AESER="Y"), results(study, 60, raised=1), exposure(study, dose)]
        run = checked(client_account(study), study, files)
        return [page_of(blinded, run, name).replace(f"import {run.number}", "") for name in ("values", "withdrawn")]

    same, other = lines(54), lines(81)
    strip = re.compile(r"Imports / \d+ /")
    assert [strip.sub("", page) for page in same] == [strip.sub("", page) for page in other]


@pytest.mark.requirement("H-a1")
def test_a_reader_of_one_site_sees_own_subjects_in_lists_and_figures(study: Study, manager: User, signed_in) -> None:
    rows = [demographics(1), {**demographics(9, SITEID="702"), "USUBJID": "01-702-9"}]
    imported(manager, study, [csv_file(study, "DM", rows)])
    older = [{**row, "AGE": 71} for row in rows]
    run = checked(manager, study, [csv_file(study, "DM", older)])
    RejectedRow.objects.create(run=run, file="dm.csv", row=2, domain="DM", subject_id="01-702-9", is_open=True)
    cra = signed_in(person(Role.CRA, study, site=Site.objects.get(study=study, code="701")))
    assert "1 changed value" in page_of(cra, run)
    assert "01-701-1" in page_of(cra, run, "values")
    for name in ("", "values", "rejected", "not-in-files"):
        assert "01-702-9" not in page_of(cra, run, name), name
    assert "Counted over the subjects of your sites." in page_of(cra, run)
    assert "2 changed values" in page_of(signed_in(manager), run)


@pytest.mark.parametrize("name", ["none", "Values", "subject"])
def test_a_list_that_is_none_is_not_found(study: Study, manager: User, known, signed_in: SignIn, name: str) -> None:
    assert signed_in(manager).get(f"{LIST}1/lists/{name}/").status_code == 404


@pytest.mark.requirement("H-a1")
def test_lists_do_not_exist_for_a_stranger(study: Study, known, signed_in: SignIn) -> None:
    stranger = person(Role.DATA_MANAGER, StudyFactory())
    assert signed_in(stranger).get(f"{LIST}1/lists/values/").status_code == 404


def test_a_check_that_is_made_again_keeps_its_lines_once(study: Study, manager: User, known) -> None:
    run = checked(manager, study, [*first_cut(study), results(study, 60, raised=1)])
    before = CheckedLine.objects.filter(run=run).count()
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.CHECKING)
    run.job.state = "queued"
    run.job.save()
    finished(run)
    assert before
    assert CheckedLine.objects.filter(run=run).count() == before
