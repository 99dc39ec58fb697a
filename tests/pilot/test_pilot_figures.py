"""The figures of the CDISC pilot that the product shows, from the whole study as the portal holds it."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from pytest_django import DjangoDbBlocker

from apps.core.models import Job
from apps.core.services.jobs import JobRun
from apps.narratives.domain.facts.relevance import qualifying_events
from apps.studies.domain.audience import Audience
from apps.studies.domain.clinical.seriousness import CRITERIA
from apps.studies.domain.dates import sort_key
from apps.studies.domain.variables import is_of_study
from apps.studies.models import ImportRun, Record, Study, Subject
from apps.studies.services.import_commit import commit_package
from apps.twins.domain.twin import Twin
from apps.twins.models import TwinSummary
from apps.twins.selectors.twins import twin_at
from tests.pilot.package import ABSENT, IS_HERE, SOURCE, pilot_package

pytestmark = [
    pytest.mark.pilot,
    pytest.mark.django_db,
    pytest.mark.skipif(not IS_HERE, reason=ABSENT),
]


@pytest.fixture(scope="module")
def study(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Study]:
    """The whole pilot, imported once and rolled back after the last test of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = Study.objects.create(code="PILOT", protocol_id="CDISCPILOT01")
        run = ImportRun.objects.create(study=found, number=1, source=SOURCE, reason="The whole pilot")
        commit_package(run, pilot_package(), JobRun(Job.objects.create(kind="import")))
        # Or every test would check all deferred references of the whole import again.
        connection.check_constraints()
        yield found
        transaction.set_rollback(True)


def records(study: Study, domain: str, **values: Any) -> int:
    return Record.objects.filter(study=study, domain=domain, **{f"values__{n}": v for n, v in values.items()}).count()


def summaries(study: Study, **conditions: Any) -> int:
    return TwinSummary.objects.filter(subject__study=study, **conditions).count()


def twin_of(study: Study, subject_id: str, audience: Audience = Audience.BLINDED) -> Twin:
    return twin_at(Subject.objects.select_related("study").get(study=study, subject_id=subject_id), audience)


@pytest.fixture(scope="module")
def twins(study: Study) -> list[Twin]:
    """The blinded twins of every subject with an event, a disposition or a death."""
    return [twin_at(subject, Audience.BLINDED) for subject in Subject.objects.filter(study=study)]


def test_every_row_is_a_record_or_a_qualifier(study: Study) -> None:
    receipt = ImportRun.objects.get(study=study).receipt
    assert (receipt["records"], receipt["qualifiers"], receipt["rejected"]) == (227_647, 66_564, 0)
    assert (receipt["new"], receipt["changed"], receipt["ambiguous"]) == (227_647, 0, 0)


def test_subjects_and_sites(study: Study) -> None:
    assert study.subjects.count() == 306
    assert summaries(study, status="screen failure") == 52
    assert summaries(study) - summaries(study, status="screen failure") == 254
    assert study.sites.filter(subjects__summary__reference_on__isnull=False).distinct().count() == 17


def test_how_subjects_left(study: Study) -> None:
    assert summaries(study, status="completed") == 110
    assert summaries(study, is_discontinued_for_ae=True) == 92
    assert summaries(study, is_dead=True) == 3


def test_rows_are_not_events(study: Study, twins: list[Twin]) -> None:
    assert records(study, "AE") == 961
    assert TwinSummary.objects.filter(subject__study=study).aggregate(n=Sum("event_count"))["n"] == 882
    assert records(study, "CM") == 7_510
    assert sum(len(twin.medications()) for twin in twins) == 1_084
    assert records(study, "LB") == 59_580
    assert records(study, "RELREC") == 211


def test_serious_by_any_criterion_and_by_flag(study: Study) -> None:
    assert summaries(study, serious_count__gt=0) == 25
    assert summaries(study, serious_by_flag=True) == 3
    rows = Record.objects.filter(study=study, domain="AE").values_list("values", flat=True)
    contradicting = [v for v in rows if v.get("AESER") == "N" and any(v.get(name) == "Y" for name in CRITERIA)]
    assert len(contradicting) == 32


def test_raised_transaminases(study: Study, twins: list[Twin]) -> None:
    over = {
        test: {
            twin.subject_id
            for twin in twins
            if (fact := twin.facts.get(f"LAB/{test}.peak_times_uln")) is not None and float(fact.value) > 3
        }
        for test in ("ALT", "AST")
    }
    assert over["ALT"] == {"01-705-1186", "01-705-1310", "01-708-1286"}
    assert over["AST"] == over["ALT"] | {"01-705-1292"}
    assert summaries(study, has_transaminase_over_3_uln=True) == 4
    assert not any(fact.value for twin in twins for fact in twin.facts.values() if fact.id == "LIVER.hys_law")


def test_narratives_are_needed_for_102_subjects(twins: list[Twin]) -> None:
    assert sum(qualifying_events(twin).is_needed for twin in twins) == 102


def test_the_cause_of_a_discontinuation_is_what_relrec_says(study: Study) -> None:
    twin = twin_of(study, "01-718-1371")
    (left,) = [row for row in twin.rows("DS") if row.text("DSDECOD") == "ADVERSE EVENT"]
    causes = {twin.row(record).text("AEDECOD") for record in twin.related(left.id)}  # type: ignore[union-attr]
    assert causes == {"APPLICATION SITE IRRITATION"}
    seizures = [event for event in twin.events() if "SEIZURE" in event.term]
    assert [(event.is_serious, event.causality) for event in seizures] == [(True, "NONE")]


def test_action_taken_is_not_recorded_anywhere(twins: list[Twin]) -> None:
    assert {event.action for twin in twins for event in twin.events()} == {None}


def test_dosing_recorded_after_a_fatal_event_stays_as_it_is(study: Study) -> None:
    twin = twin_of(study, "01-704-1445")
    (event,) = twin.events()
    assert (event.is_fatal, event.onset) == (True, "2014-10-31")
    assert twin.demographics is not None
    assert (twin.demographics.text("RFXENDTC"), twin.demographics.text("DTHDTC")) == ("2014-11-01", "2014-11-01")


def test_partial_dates_stay_partial(study: Study) -> None:
    rows = Record.objects.filter(study=study, domain="AE").values_list("values", flat=True)
    lengths = [len(str(values["AESTDTC"])) for values in rows if "AESTDTC" in values]
    assert [lengths.count(size) for size in (10, 7, 4)] == [937, 13, 11]


def test_samples_sort_by_date_and_never_by_visit_number(study: Study) -> None:
    results = twin_of(study, "01-705-1186").results("ALT")
    days = [sort_key(row.text("LBDTC") or "") for row in results]
    assert all(earlier <= later for earlier, later in pairwise(days))
    visits = [row.number("VISITNUM") or 0 for row in results]
    assert visits != sorted(visits)


def test_not_recovered_with_an_end_date_is_an_episode_and_not_an_end(twins: list[Twin]) -> None:
    rows = [
        (twin, row)
        for twin in twins
        for row in twin.rows("AE")
        if row.text("AEOUT") == "NOT RECOVERED/NOT RESOLVED" and row.text("AEENDTC")
    ]
    assert len(rows) == 21
    events = [event for twin, row in rows for event in twin.events() if row.id in {r.id for r in event.rows}]
    assert all(len(event.rows) > 1 for event in events)
    assert all(event.end is None for event in events if event.outcome == "NOT RECOVERED/NOT RESOLVED")


def test_na_is_a_result_and_not_a_missing_one(study: Study) -> None:
    assert records(study, "QS", QSORRES="NA") == 1_748


def test_a_blinded_twin_holds_no_treatment(study: Study) -> None:
    blinded, whole = (twin_of(study, "01-718-1371", audience) for audience in (Audience.BLINDED, Audience.UNBLINDED))
    assert not blinded.rows("EX")
    assert not blinded.rows("SE")
    assert len(whole.rows("EX")) == 2
    assert blinded.demographics is not None
    assert not {"ARM", "ACTARM"} & blinded.demographics.values.keys()
    assert not any(is_of_study(row.domain) for row in blinded.all_rows())


def test_the_data_cut_is_the_last_day_of_collection(study: Study) -> None:
    latest = study.subjects.order_by("-data_cut").values_list("data_cut", flat=True)[0]
    assert latest == date(2015, 3, 5)
