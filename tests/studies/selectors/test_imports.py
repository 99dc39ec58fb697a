"""What a reader is told of an import: how far it is, and the account in their own projection."""

import pytest

from apps.accounts.domain.roles import Role
from apps.core.models import Job
from apps.studies.domain.audience import Audience
from apps.studies.domain.import_accounts import (
    PREVIEWS,
    RECEIPTS,
    ColumnLeftOut,
    FileEntry,
    Preview,
    Receipt,
    Sums,
    files_document,
    receipt_document,
)
from apps.studies.models import BlindingRule, ImportRun, RuleKind, Study
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.blinding import blinding_rules, reach_of
from apps.studies.selectors.import_lists import receipt_seen
from apps.studies.selectors.imports import progress_of, receipt_for
from apps.studies.selectors.labels import variable_label
from tests.factories import SiteFactory, StudyFactory, SubjectFactory, person, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="TRIAL")
    return found


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(0, 0, 0), (0, 9, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100), (250, 1000, 25)]
)
def test_who_must_not_know_how_many_sees_per_cent_and_no_words(
    study: Study, done: int, total: int, percent: int
) -> None:
    job = Job.objects.create(kind="import", progress_done=done, progress_total=total, progress_label=f"{done} of them")
    run = ImportRun(study=study, number=1, job=job)
    assert progress_of(run, Audience.BLINDED) == {"done": percent, "total": 100, "label": ""}
    assert progress_of(run, Audience.UNBLINDED) == {"done": done, "total": total, "label": f"{done} of them"}


def test_an_import_without_a_job_has_come_nowhere(study: Study) -> None:
    assert progress_of(ImportRun(study=study), Audience.UNBLINDED) == {"done": 0, "total": 0, "label": ""}


def test_a_check_without_a_receipt_is_accounted_for_by_its_preview(study: Study) -> None:
    dm = FileEntry("dm.csv", "DM", "records", rows=3)
    left_out = (ColumnLeftOut("ae.csv", "AE", "AEDOSE", "Not yours to write."),)
    whole = Preview(totals=Sums(new=2, changed=1), files=(dm,), left_out=left_out, is_listed=True)
    run = ImportRun(
        study=study, preview=PREVIEWS.write(whole), open_preview=PREVIEWS.write(Preview(totals=Sums(new=1)))
    )
    assert receipt_for(run, Audience.UNBLINDED) == Receipt(new=2, changed=1, files=(dm,), left_out=left_out)
    assert receipt_for(run, Audience.BLINDED) == Receipt(new=1)
    assert receipt_for(ImportRun(study=study), Audience.UNBLINDED) == Receipt()
    run.receipt, run.open_receipt = RECEIPTS.write(Receipt(new=7)), RECEIPTS.write(Receipt(new=5))
    assert (receipt_for(run, Audience.UNBLINDED).new, receipt_for(run, Audience.BLINDED).new) == (7, 5)


def test_before_the_check_no_sum_is_told(study: Study) -> None:
    monitor = principal_of(person(Role.UNBLINDED_MONITOR, study))
    run = ImportRun(study=study)
    assert receipt_seen(run, monitor, Audience.UNBLINDED) == {}
    run.preview = PREVIEWS.write(Preview(totals=Sums(new=2)))
    assert receipt_seen(run, monitor, Audience.UNBLINDED)["new"] == 2


def test_what_only_the_portal_needs_does_not_go_out_with_a_file() -> None:
    entry = FileEntry("ex.csv", "EX", "records", sha256="ab", size=7, rows=3, is_telling=True, open_qualifiers=2)
    (told,) = files_document([entry])
    assert (told["name"], told["sha256"], told["size"], told["rows"]) == ("ex.csv", "ab", 7, 3)
    assert not {"is_telling", "open_qualifiers"} & told.keys()
    assert receipt_document(Receipt(files=(entry,)))["files"] == [told]


def test_rules_are_listed_by_kind_then_name_with_who_made_them(study: Study, django_assert_num_queries) -> None:
    monitor = person(Role.UNBLINDED_MONITOR, study)
    for kind, name in (("word", "alpha"), ("test", "LB.ZZZ"), ("word", "Aa"), ("test", "LB.AAA")):
        BlindingRule.objects.create(study=study, kind=kind, name=name, added_by=monitor)
    BlindingRule.objects.create(study=StudyFactory(), kind="word", name="elsewhere")
    with django_assert_num_queries(1):
        found = [(rule.kind, rule.name, rule.added_by and rule.added_by.pk) for rule in blinding_rules(study)]
    assert found == [
        ("test", "LB.AAA", monitor.pk),
        ("test", "LB.ZZZ", monitor.pk),
        ("word", "Aa", monitor.pk),
        ("word", "alpha", monitor.pk),
    ]


def test_a_rule_on_a_variable_reaches_its_own_domain_alone(study: Study) -> None:
    subject = SubjectFactory(site=SiteFactory(study=study), subject_id="S-1")
    write(
        subject,
        ("LB", {"LBTESTCD": "ALT", "LBORRES": "7", "VISIT": "WEEK 2"}),
        ("VS", {"VSTESTCD": "PULSE", "VSORRES": "70", "VISIT": "WEEK 2"}),
    )
    assert reach_of(study, RuleKind.VARIABLE, "LB.VISIT").places == (("LB.VISIT", 1),)
    assert reach_of(study, RuleKind.VARIABLE, "AE.VISIT").places == ()


def test_a_variable_is_called_as_the_product_knows_it_else_as_the_files_do_else_by_its_name(study: Study) -> None:
    study.variable_labels = {"AE": {"AEXYZ": "Of the sponsor", "AETERM": "Not this one"}}
    assert variable_label(study, "AE", "AETERM") == "Reported term"
    assert variable_label(study, "AE", "AEXYZ") == "Of the sponsor"
    assert variable_label(study, "LB", "AEXYZ") == "AEXYZ"
