"""The history of a value: every revision with who and why, the source row, the derivation, and nothing hidden."""

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, Origin, RecordChange
from apps.studies.models import SourceFile, Subject
from apps.studies.services.ledger import record_changes
from apps.twins.domain.facts import DerivedFact
from apps.twins.selectors.twins import twin_at
from apps.twins.web.derivations import RULES, fact_heading, fact_words
from tests.factories import SEIZURE, context, person, write
from tests.twins.web.subjects import EXPOSURE, IRRITATION, full_subject, page_url, panel_url, reader, result
from tests.twins.web.test_page import MARKERS, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return full_subject()


@pytest.fixture
def blinded(subject: Subject) -> Client:
    return reader(Role.CRA, subject)[0]


@pytest.fixture
def unblinded(subject: Subject) -> Client:
    return reader(Role.UNBLINDED_MONITOR, subject)[0]


def record_of(subject: Subject, domain: str, number: int = 0) -> str:
    return twin_at(subject, Audience.UNBLINDED).rows(domain)[number].id


def seizure_of(subject: Subject) -> str:
    return next(row.id for row in twin_at(subject, Audience.UNBLINDED).rows("AE") if row.text("AETERM") == "SEIZURE")


def drawer(client: Client, subject: Subject, record: str, variable: str = "", query: str = "") -> str:
    answer = client.get(panel_url(subject, "value", f"?record={record}&variable={variable}{query}"))
    assert answer.status_code == 200
    return text(answer)


def test_each_revision_names_old_and_new_value_who_when_and_why(subject: Subject, blinded: Client) -> None:
    writer = person(Role.DATA_MANAGER, subject.study)
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL"}), user=writer, reason="Corrected by the site")
    shown = drawer(blinded, subject, seizure_of(subject), "AEOUT")
    assert "Value history Seizure: outcome" in shown
    assert "Recovered → became Fatal" in shown
    assert "“Corrected by the site”" in shown
    assert writer.display_name in shown
    assert shown.index("2 current Recovered") < shown.index("1 Recovered")


def test_a_revision_of_another_variable_is_not_in_the_history_of_this_one(subject: Subject, blinded: Client) -> None:
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL"}), reason="Outcome corrected")
    assert "Outcome corrected" not in drawer(blinded, subject, seizure_of(subject), "AESEV")


def test_the_history_ends_at_the_version_being_read(subject: Subject, blinded: Client) -> None:
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL"}))
    assert "Fatal" not in drawer(blinded, subject, seizure_of(subject), "AEOUT", "&version=2")


def test_the_source_row_has_file_row_and_hash(subject: Subject, blinded: Client) -> None:
    file = SourceFile.objects.create(
        study=subject.study, name="mh.xpt", sha256="ab" * 32, size=1, domain="MH", is_from_blinded=True
    )
    change = RecordChange(
        Operation.INSERT, "MH/fromafile", "MH", {"MHTERM": "GOUT", "MHDTC": "2013-04-11"}, origin=Origin(file.pk, 17)
    )
    record_changes(subject=subject, changes=[change], context=context())
    subject.refresh_from_db()
    shown = drawer(blinded, subject, "MH/fromafile", "MHTERM")
    assert "mh.xpt, row 17" in shown
    assert "ab" * 32 in shown


def test_each_value_names_the_revision_that_set_it_and_not_the_last_of_its_record(
    subject: Subject, blinded: Client
) -> None:
    """After one edit by hand the drawer said of every value of the record that it came from no file."""
    file = SourceFile.objects.create(
        study=subject.study, name="mh.xpt", sha256="ab" * 32, size=1, domain="MH", is_from_blinded=True
    )
    values = {"MHTERM": "GOUT", "MHCAT": "OTHER", "MHDTC": "2013-04-11"}
    first = RecordChange(Operation.INSERT, "MH/fromafile", "MH", values, origin=Origin(file.pk, 17))
    record_changes(subject=subject, changes=[first], context=context())
    subject.refresh_from_db()
    imported_at = subject.blinded_version
    edited = RecordChange(Operation.UPDATE, "MH/fromafile", "MH", {**values, "MHCAT": "PAST"}, values)
    record_changes(subject=subject, changes=[edited], context=context(reason="Category corrected", is_reason_open=True))
    subject.refresh_from_db()
    term = drawer(blinded, subject, "MH/fromafile", "MHTERM")
    assert f"Set by version {imported_at} File mh.xpt, row 17" in term
    assert "Category corrected" not in term
    category = drawer(blinded, subject, "MH/fromafile", "MHCAT")
    assert f"Set by version {imported_at + 1} File none: written one record at a time" in category
    assert "“Category corrected”" in category
    whole = drawer(blinded, subject, "MH/fromafile")
    assert "Other → became Past" in whole


def test_a_record_written_without_a_file_says_so(subject: Subject, blinded: Client) -> None:
    assert "none: written one record at a time" in drawer(blinded, subject, seizure_of(subject), "AEOUT")


def test_a_reason_that_may_tell_the_treatment_is_withheld_from_blinded_readers_only(
    subject: Subject, blinded: Client, unblinded: Client
) -> None:
    write(
        subject,
        ("EX", {**EXPOSURE, "EXSTDTC": "2013-08-02", "EXENDTC": "2013-08-03"}),
        ("AE", {**SEIZURE, "AEOUT": "FATAL"}),
        reason="MARKER dose raised",
    )
    record = seizure_of(subject)
    assert "Reason not visible to you" in drawer(blinded, subject, record, "AEOUT")
    assert not MARKERS.search(drawer(blinded, subject, record, "AEOUT"))
    assert "“MARKER dose raised”" in drawer(unblinded, subject, record, "AEOUT")


@pytest.mark.parametrize("domain", ["EX"])
def test_a_hidden_record_is_as_absent_as_one_that_never_was(
    subject: Subject, blinded: Client, unblinded: Client, domain: str
) -> None:
    hidden = panel_url(subject, "value", f"?record={record_of(subject, domain)}&variable=EXDOSE")
    absent = panel_url(subject, "value", "?record=EX/neverwas&variable=EXDOSE")
    assert unblinded.get(hidden).status_code == 200
    answers = [blinded.get(url) for url in (hidden, absent)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert text(answers[0]) == text(answers[1])


def test_the_arm_cannot_be_asked_for_by_a_blinded_reader(subject: Subject, blinded: Client, unblinded: Client) -> None:
    url = panel_url(subject, "value", f"?record={record_of(subject, 'DM')}&variable=ARM")
    assert blinded.get(url).status_code == 404
    assert "MARKER" in text(unblinded.get(url)).upper()
    whole = blinded.get(panel_url(subject, "value", f"?record={record_of(subject, 'DM')}"))
    assert not MARKERS.search(whole.content.decode())


def test_an_unknown_variable_is_not_found_but_an_open_one_without_a_value_is_not_recorded(
    subject: Subject, blinded: Client, unblinded: Client
) -> None:
    record = seizure_of(subject)
    assert [
        client.get(panel_url(subject, "value", f"?record={record}&variable=NOSUCH")).status_code
        for client in (blinded, unblinded)
    ] == [404, 404]
    assert "not recorded" in drawer(blinded, subject, record, "AEACN")


def test_a_derived_value_says_its_rule_and_what_it_was_computed_from(subject: Subject, blinded: Client) -> None:
    peak = next(row for row in twin_at(subject, Audience.BLINDED).rows("LB") if row.number("LBSTRESN") == 102)
    shown = drawer(blinded, subject, peak.id, "times_uln")
    assert "Derived value Multiple of the upper limit of normal" in shown
    assert "3.00 × ULN" in shown
    assert "102 U/L" in shown
    assert "34 U/L" in shown
    assert "Definition version 4" in shown


def test_a_value_names_the_derived_values_that_use_it(subject: Subject, blinded: Client) -> None:
    shown = drawer(blinded, subject, record_of(subject, "LB"), "LBSTRESN")
    assert "Where it is used Multiple of the upper limit of normal" in shown


def test_a_whole_record_lists_its_values_and_what_each_revision_changed(subject: Subject, blinded: Client) -> None:
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL", "AESEV": "MODERATE"}))
    shown = drawer(blinded, subject, seizure_of(subject))
    assert "2 current Outcome: Recovered → became Fatal Severity: Severe → became Moderate" in shown
    assert "Recorded values" in shown
    assert "Moderate AESEV" in shown


def test_a_withdrawn_record_keeps_its_history(subject: Subject, blinded: Client) -> None:
    row = twin_at(subject, Audience.BLINDED).rows("MH")[0]
    change = RecordChange(Operation.WITHDRAW, row.id, "MH", row.values, row.values)
    record_changes(subject=subject, changes=[change], context=context(reason="Entered by mistake", is_reason_open=True))
    subject.refresh_from_db()
    shown = drawer(blinded, subject, row.id, "MHTERM")
    assert "Record withdrawn" in shown
    assert "“Entered by mistake”" in shown
    assert "Record withdrawn" in drawer(blinded, subject, row.id)
    back = RecordChange(Operation.REINSTATE, row.id, "MH", row.values, row.values)
    record_changes(subject=subject, changes=[back], context=context(reason="It was right"))
    subject.refresh_from_db()
    assert "3 current Recorded again" in drawer(blinded, subject, row.id)


def test_a_hidden_change_of_a_record_leaves_no_line_in_what_a_blinded_reader_sees_of_it(
    subject: Subject, blinded: Client, unblinded: Client
) -> None:
    record = record_of(subject, "DM")
    before = drawer(blinded, subject, record)
    write(subject, ("DM", {"ARM": "MARKER other arm"}), ("LB", result(33, "2013-08-03")), reason="Arm corrected")
    assert drawer(blinded, subject, record) == before
    assert "MARKER other arm" in drawer(unblinded, subject, record)


def test_the_address_of_a_value_opens_the_page_with_its_history(subject: Subject, blinded: Client) -> None:
    page = blinded.get(page_url(subject, f"?value={seizure_of(subject)}.AEOUT"))
    assert '<aside class="drawer" id="drawer" aria-labelledby="drawer-title">' in page.content.decode()
    assert "Value history" in text(page)
    assert "hidden" in blinded.get(page_url(subject)).content.decode().partition('id="drawer"')[2][:60]


def test_laboratory_values_come_with_what_was_reported_and_its_range(subject: Subject, blinded: Client) -> None:
    shown = drawer(blinded, subject, record_of(subject, "LB"), "LBSTRESN")
    assert "09 May 2013, 09:00 site time, study day 14" in shown
    assert "Upper reference limit 34 U/L" in shown


def test_the_derivation_of_an_event_names_the_event(subject: Subject, blinded: Client) -> None:
    event = next(event for event in twin_at(subject, Audience.BLINDED).events() if event.term == "SEIZURE")
    shown = drawer(blinded, subject, event.id, "onset_day")
    assert "Study day of onset Seizure" in shown
    assert "day 38" in shown
    assert "Reference start date 26 Apr 2013" in shown


def test_the_rows_of_one_event_lead_to_each_other(subject: Subject, blinded: Client) -> None:
    values = {**IRRITATION, "AESEV": "MODERATE", "AEDTC": "2013-06-21", "AESTDTC": "2013-06-06"}
    change = RecordChange(Operation.INSERT, "AE/secondrow", "AE", values)
    record_changes(subject=subject, changes=[change], context=context())
    subject.refresh_from_db()
    assert "See also Another row of it 24 May 2013" in drawer(blinded, subject, "AE/secondrow")


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (DerivedFact("X.is_serious", "is_serious", True, None, ()), "yes"),
        (DerivedFact("X.hys", "hys_law_criteria_met", False, None, ()), "no"),
        (DerivedFact("X.onset", "onset", "2013-06", None, ()), "Jun 2013"),
        (DerivedFact("X.causality", "causality", "NONE", None, ()), "Not related"),
        (DerivedFact("X.outcome", "outcome", "RECOVERED/RESOLVED", None, ()), "Recovered"),
        (DerivedFact("X.times_uln", "times_uln", 5.9, "× ULN", ()), "5.90 × ULN"),
        (DerivedFact("X.onset_day", "onset_day", -3, "day", ()), "day -3"),
        (DerivedFact("X.duration_days", "duration_days", 4, "days", ()), "4 days"),
        (DerivedFact("X.q", "liver_quadrant", "neither above the limits", None, ()), "neither above the limits"),
    ],
)
def test_every_kind_of_derived_value_is_read_in_words(fact: DerivedFact, expected: str) -> None:
    assert fact_words(fact) == expected


def test_every_derived_value_of_a_twin_has_a_heading_and_a_rule(subject: Subject) -> None:
    assert {fact.name for fact in twin_at(subject, Audience.UNBLINDED).facts.values()} <= set(RULES)
    assert fact_heading("something_new") == "Something new"
