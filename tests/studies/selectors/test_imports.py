"""What a reader is told of an import: how far it is, and the account in their own projection."""

import pytest

from apps.accounts.domain.roles import Role
from apps.core.models import Job
from apps.studies.domain.audience import Audience
from apps.studies.models import BlindingRule, ImportRun, RuleKind, Study
from apps.studies.selectors.blinding import blinding_rules, reach_of
from apps.studies.selectors.imports import progress_of, receipt_document
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
    whole = {"totals": {"new": 2, "changed": 1}, "files": [{"name": "dm.csv"}], "left_out": ["notes.txt"], "more": 1}
    seen = {"totals": {"new": 1}, "files": [], "left_out": []}
    run = ImportRun(study=study, preview=whole, open_preview=seen)
    assert receipt_document(run, Audience.UNBLINDED) == {
        "new": 2, "changed": 1, "files": [{"name": "dm.csv"}], "left_out": ["notes.txt"],
    }  # fmt: skip
    assert receipt_document(run, Audience.BLINDED) == {"new": 1, "files": [], "left_out": []}
    assert receipt_document(ImportRun(study=study), Audience.UNBLINDED) == {}
    run.receipt, run.open_receipt = {"new": 7}, {"new": 5}
    assert (receipt_document(run, Audience.UNBLINDED), receipt_document(run, Audience.BLINDED)) == (
        {"new": 7},
        {"new": 5},
    )


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
