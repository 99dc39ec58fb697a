"""What each panel says: events not rows, contradictions plainly, ranges honestly, changes with who and why."""

from datetime import date
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.models import Subject
from apps.studies.services.ledger import record_changes
from apps.twins.selectors.twins import twin_at
from apps.twins.web.addresses import Addresses
from apps.twins.web.laboratory_source import Reading, flag_of, range_words
from apps.twins.web.timeline_source import dose_level, short_visit, timeline_of
from tests.factories import DEMOGRAPHICS, SEIZURE, SubjectFactory, context, person, write
from tests.narratives.building import RECEIVED
from tests.twins.web.subjects import (
    ESTROGEN,
    EXPOSURE,
    IRRITATION,
    LEFT,
    full_subject,
    page_url,
    panel_url,
    reader,
    result,
)
from tests.twins.web.test_page import text


@pytest.fixture
def subject(db: None) -> Subject:
    return full_subject()


@pytest.fixture
def client(subject: Subject) -> Client:
    return reader(Role.CRA, subject)[0]


def panel(client: Client, subject: Subject, name: str, query: str = "") -> str:
    answer = client.get(panel_url(subject, name, query))
    assert answer.status_code == 200
    return text(answer)


def add(subject: Subject, *changes: RecordChange) -> None:
    record_changes(subject=subject, changes=changes, context=context(reason="Added by the test"))
    subject.refresh_from_db()


def test_serious_events_come_first_with_their_criteria_in_words_and_codes(subject: Subject, client: Client) -> None:
    shown = panel(client, subject, "problems")
    assert "2 events, 1 serious" in shown
    assert shown.index("Seizure Serious Hospitalisation (AESHOSP)") < shown.index("Application site irritation")
    assert "Not related" in shown


def test_an_open_event_is_ongoing_only_where_its_outcome_says_so(subject: Subject, client: Client) -> None:
    assert "24 May 2013 ongoing" in panel(client, subject, "problems")
    write(subject, ("AE", {**IRRITATION, "AEOUT": None}))
    shown = panel(client, subject, "problems")
    assert "24 May 2013 end not recorded" in shown
    assert "Outcome" in shown


def test_a_flag_that_contradicts_the_criteria_is_said_plainly(subject: Subject, client: Client) -> None:
    write(subject, ("AE", {**SEIZURE, "AESER": "N"}))
    shown = panel(client, subject, "problems")
    assert "AESER says not serious; the criteria say serious (hospitalisation). Shown as serious." in shown
    assert "2 events, 1 serious" in shown


def test_a_flag_without_a_criterion_or_a_criterion_without_the_flag_is_said_too(
    subject: Subject, client: Client
) -> None:
    write(subject, ("AE", {**SEIZURE, "AESHOSP": None}))
    assert "AESER says serious; no criterion is recorded." in panel(client, subject, "problems")
    write(subject, ("AE", {**SEIZURE, "AESER": None}))
    assert "AESER is not recorded; the criteria say serious." in panel(client, subject, "problems")


def test_rows_of_one_event_are_one_line_with_a_severity_history(subject: Subject, client: Client) -> None:
    row = {**IRRITATION, "DOMAIN": "AE", "AESEV": "MODERATE", "AEDTC": "2013-06-21", "AESTDTC": "2013-06-06"}
    add(subject, RecordChange(Operation.INSERT, "AE/secondrow", "AE", row))
    shown = panel(client, subject, "problems")
    assert "2 events, 1 serious" in shown
    assert "mild from 24 May 2013" in shown
    assert "moderate from 06 Jun 2013" in shown


def test_action_taken_is_a_column_only_where_it_is_recorded(subject: Subject, client: Client) -> None:
    assert "not recorded in any of these events" in panel(client, subject, "problems")
    write(subject, ("AE", {**SEIZURE, "AEACN": "DRUG WITHDRAWN"}))
    assert "Action taken" in panel(client, subject, "problems")
    assert "Drug withdrawn" in panel(client, subject, "problems")


def test_what_came_since_the_last_look_is_marked_new(subject: Subject) -> None:
    client, user = reader(Role.CRA, subject)
    user.previous_visit_at = timezone.now()
    user.save()
    assert 'class="is-new"' not in client.get(panel_url(subject, "problems")).content.decode()
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL"}))
    assert client.get(panel_url(subject, "problems")).content.decode().count('class="is-new"') == 1


def test_changes_say_old_and_new_with_who_when_and_why(subject: Subject, client: Client) -> None:
    manager = person(Role.DATA_MANAGER, subject.study)
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL"}), user=manager, reason="Letter of the hospital")
    shown = panel(client, subject, "changes")
    assert "since version 2" in shown
    assert "“Letter of the hospital”" in shown
    assert "Changed Seizure: outcome" in shown
    assert "Recovered → became Fatal AE" in shown


def test_a_value_that_changed_back_is_no_change(subject: Subject, client: Client) -> None:
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL"}))
    write(subject, ("AE", SEIZURE))
    assert "0 changes of what you may see." in panel(client, subject, "changes", "?since=2")


def test_results_of_a_day_are_one_line_and_a_single_one_shows_its_value(subject: Subject, client: Client) -> None:
    ast = {"LBTESTCD": "AST", "LBTEST": "Aspartate Aminotransferase"}
    write(subject, ("LB", result(41, "2013-08-02")), ("LB", result(42, "2013-08-02", **ast)))
    assert "Laboratory results, chemistry: 2 records 02 Aug 2013 LB" in panel(client, subject, "changes")
    write(subject, ("LB", result(43, "2013-08-03")))
    assert "New ALT 43 U/L , 03 Aug 2013 LB" in panel(client, subject, "changes")


def test_a_medication_recorded_again_is_not_a_new_medication(subject: Subject, client: Client) -> None:
    values = {"CMSPID": "1", "CMTRT": "ESTROGEN NOS", "CMDTC": "2013-06-01", "CMSTDTC": "1984"}
    add(subject, RecordChange(Operation.INSERT, "CM/again", "CM", values))
    assert "1 further row of a medication known before CM" in panel(client, subject, "changes")
    assert "1 medication" in panel(client, subject, "medications")


def test_a_new_row_of_a_known_event_is_a_change_of_it(subject: Subject, client: Client) -> None:
    row = {**IRRITATION, "AESEV": "MODERATE", "AEDTC": "2013-06-21", "AESTDTC": "2013-06-06"}
    add(subject, RecordChange(Operation.INSERT, "AE/secondrow", "AE", row))
    assert "Changed Application site irritation , moderate, 06 Jun 2013 AE" in panel(client, subject, "changes")


def test_a_withdrawn_record_is_listed_as_withdrawn(subject: Subject, client: Client) -> None:
    row = twin_at(subject, Audience.BLINDED).rows("MH")[0]
    add(subject, RecordChange(Operation.WITHDRAW, row.id, "MH", row.values, row.values))
    assert "Withdrawn Dizziness" in panel(client, subject, "changes")


def test_since_the_last_look_gathers_every_version_after_it_newest_first(subject: Subject) -> None:
    client, user = reader(Role.CRA, subject)
    user.previous_visit_at = timezone.now()
    user.save()
    for number in range(10):
        write(subject, ("LB", result(50 + number, f"2013-09-{number + 1:02d}")))
    shown = panel(client, subject, "changes")
    assert "since you last looked" in shown
    assert shown.index("Version 12") < shown.index("Version 5")
    assert "2 earlier versions are not listed" in shown


def test_the_first_version_is_counted_by_domain(subject: Subject, client: Client) -> None:
    shown = panel(client, subject, "changes", "?version=1")
    assert "since the beginning" in shown
    assert "Adverse events: 1 record AE" in shown


def test_laboratory_shows_the_latest_value_against_its_limit_and_the_peak(subject: Subject, client: Client) -> None:
    write(subject, ("LB", result(31, "2013-07-01")))
    shown = panel(client, subject, "laboratory")
    assert "Laboratory, chemistry" in shown
    assert "31 U/L" in shown
    assert "0.91 × ULN" in shown
    assert "peak 3.00 × ULN on 05 Jun" in shown
    assert "in range" in shown


def test_results_are_in_order_of_date_not_of_visit(subject: Subject, client: Client) -> None:
    write(subject, ("LB", result(77, "2013-05-20", VISITNUM=99, VISIT="WEEK 99")))
    assert "102 U/L" in panel(client, subject, "laboratory").partition("Show as table")[0]


def test_other_tests_are_a_step_away(subject: Subject, client: Client) -> None:
    extra = {"LBTESTCD": "CA", "LBTEST": "Calcium", "LBSTRESU": "mmol/L", "LBSTNRHI": 2.6, "LBSTNRLO": 2.2}
    word = {"LBTESTCD": "COLOR", "LBTEST": "Color", "LBCAT": "URINALYSIS", "LBSTRESC": "YELLOW", "LBSTRESN": None}
    write(
        subject,
        ("LB", result(2.1, "2013-06-05T09:00", **extra)),
        ("LB", result(0, "2013-06-05T09:00", **word, LBORRES="YELLOW", LBSTNRLO=None, LBSTNRHI=None, LBSTRESU=None)),
    )
    assert "Calcium" not in panel(client, subject, "laboratory")
    shown = panel(client, subject, "laboratory", "?lab=all")
    assert "0.95 × lower limit" in shown
    assert "range 2.2 to 2.6 mmol/L" in shown
    assert "YELLOW" in shown
    assert "Key tests" in shown


def test_two_samples_of_a_day_are_both_in_the_table(subject: Subject, client: Client) -> None:
    write(subject, ("LB", result(55, "2013-06-05T15:00")))
    shown = panel(client, subject, "laboratory").partition("Show as table")[2]
    assert "102" in shown
    assert "55" in shown


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"LBSTRESN": 61.88, "LBSTNRLO": 62, "LBNRIND": "NORMAL", "LBORRES": "0.7", "LBORNRLO": "0.7"}, ""),
        ({"LBSTRESN": 61.88, "LBSTNRLO": 62, "LBSTNRHI": 124}, "low"),
        ({"LBSTRESN": 130, "LBSTNRHI": 124}, "high"),
        ({"LBSTRESN": 100, "LBSTNRLO": 62, "LBSTNRHI": 124}, ""),
        ({"LBNRIND": "HIGH"}, "high"),
        ({"LBNRIND": "LOW"}, "low"),
        ({}, ""),
    ],
)
def test_the_reported_limits_decide_what_is_outside_its_range(values: dict[str, float | str], expected: str) -> None:
    assert flag_of(ClinicalRecord("LB/1", "LB", values)) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(6, 34, "range 6 to 34"), (None, 34, "range to 34"), (6, None, "range from 6"), (None, None, "")],
)
def test_a_range_is_told_as_far_as_it_is_known(low: float | None, high: float | None, expected: str) -> None:
    assert range_words(Reading("LBSTRESN", 1, low, high, "U/L", "1 U/L")) == expected


def glucose(reported: str, standard: float | None, on: str, **values: object) -> tuple[str, dict[str, object]]:
    limits = {"LBSTNRLO": 3.8855, "LBSTNRHI": 6.1057, "LBORNRLO": "70", "LBORNRHI": "110"}
    named = {"LBTESTCD": "ALT", "LBTEST": "Glucose", "LBCAT": "CHEMISTRY", "LBDTC": on, "LBORRESU": "mg/dL"}
    return "LB", {**named, **limits, "LBORRES": reported, "LBSTRESN": standard, "LBSTRESU": "mmol/L", **values}


@pytest.fixture
def converted(subject: Subject) -> Subject:
    """A subject whose laboratory reports in units other than the study's."""
    found: Subject = SubjectFactory(site=subject.site, subject_id="U-1")
    of_subject = ("DM", {**DEMOGRAPHICS, "SITEID": found.site.code})
    write(found, of_subject, glucose("121", 6.71671, "2013-05-01"), glucose("99", 5.49549, "2013-06-01"))
    return found


def laboratory(subject: Subject, client: Client, query: str = "") -> str:
    return panel(client, subject, "laboratory", query).replace("\xa0", " ")


def test_results_are_shown_as_the_laboratory_reported_them(converted: Subject, client: Client) -> None:
    """8.56428 mmol/L is no value that a source has."""
    shown = laboratory(converted, client)
    assert "99 mg/dL" in shown
    assert "mmol/L" not in shown
    assert "5.49549" not in shown
    markup = client.get(panel_url(converted, "laboratory")).content.decode().replace("\xa0", " ")
    assert "121 mg/dL, high, 1.10 × ULN, 01 May 2013" in markup
    assert ".LBORRES" in markup
    assert ">110<" in markup


def test_units_can_be_those_of_the_study_or_multiples_of_the_limit(converted: Subject, client: Client) -> None:
    standard = laboratory(converted, client, "?units=standard")
    assert "5.49549 mmol/L" in standard
    assert "mg/dL" not in standard
    multiples = laboratory(converted, client, "?units=uln")
    assert "0.90 × ULN" in multiples
    assert "mg/dL" not in multiples
    assert "mmol/L" not in multiples
    assert "as reported" in laboratory(converted, client, "?units=nonsense").lower()
    assert "99 mg/dL" in laboratory(converted, client, "?units=nonsense")


def test_the_choice_of_units_goes_with_the_choice_of_tests(converted: Subject, client: Client) -> None:
    markup = client.get(panel_url(converted, "laboratory") + "?units=uln&lab=all").content.decode()
    assert 'aria-current="true"><span aria-hidden="true">✓ </span>× ULN</a>' in markup
    assert '?units=uln"' in markup
    assert '?lab=all&amp;units=standard"' in markup
    page = client.get(page_url(converted) + "?units=uln&lab=all&other=1").content.decode()
    assert "panels/laboratory/?lab=all&amp;units=uln" in page


@pytest.mark.parametrize(
    "more",
    [
        glucose("5.1", 5.1, "2013-07-01", LBORRESU="mmol/L"),
        glucose("about 5", 5.1, "2013-07-01"),
        glucose("5.1", 5.1, "2013-07-01", LBORRESU=None),
        glucose("92", 5.1, "2013-07-01", LBORNRHI=None),
    ],
)
def test_a_test_that_was_not_reported_in_one_unit_throughout_is_shown_in_standard_units(
    more: tuple[str, dict[str, object]], converted: Subject, client: Client
) -> None:
    write(converted, more)
    shown = laboratory(converted, client)
    assert "5.1 mmol/L" in shown
    assert "6.71671" in shown


def test_a_result_without_a_limit_keeps_its_unit_among_multiples(converted: Subject, client: Client) -> None:
    write(converted, glucose("90", 4.9959, "2013-07-01", LBSTNRHI=None, LBORNRHI=None))
    assert "4.9959 mmol/L" in laboratory(converted, client, "?units=uln")


def test_a_bound_is_shown_as_it_was_reported(converted: Subject, client: Client) -> None:
    write(converted, glucose("<20", None, "2013-07-01"))
    assert "<20 mg/dL" in laboratory(converted, client).replace("&lt;", "<")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CYCLE 1, DAY 8", "C1D8"),
        ("Day -7", "D-7"),
        ("Month 6", "M6"),
        ("SCREENING", "Scr"),
        ("SCREENING 1", "Scr 1"),
        ("WEEK 10 (T)", "W10"),
        ("BASELINE", "Base"),
        ("CYCLE 2 DAY 8", "C2D8"),
        ("AMBUL ECG PLACEMENT", ""),
    ],
)
def test_a_visit_has_a_short_name_where_everybody_knows_one(name: str, expected: str) -> None:
    assert short_visit(name) == expected


def test_a_visit_without_a_short_name_is_called_by_its_number(subject: Subject) -> None:
    write(
        subject,
        ("SV", {"VISITNUM": 7, "VISIT": "AMBUL ECG PLACEMENT", "SVSTDTC": "2013-05-20"}),
        ("SV", {"VISITNUM": 8, "VISIT": "WEEK 2 (TELEPHONE)", "SVSTDTC": "2013-05-21"}),
    )
    data = timeline_of(twin_at(subject, Audience.BLINDED), Addresses("X", "Y"), RECEIVED, is_unblinded=False)
    assert data is not None
    assert {visit.name: visit.label for visit in data.visits if visit.on.day >= 20} == {
        "Ambul ECG placement": "V7",
        "Week 2 (telephone)": "W2",
    }


@pytest.mark.parametrize(
    ("dose", "known", "expected"),
    [
        (0, [0, 54], "none"),
        (None, [54], "none"),
        (54, [0, 54], "middle"),
        (54, [54, 81], "low"),
        (81, [54, 81], "high"),
        (60, [54, 60, 81], "middle"),
    ],
)
def test_a_dose_is_shaded_among_the_doses_of_the_subject(dose: float | None, known: list[float], expected: str) -> None:
    assert dose_level(dose, known) == expected


def test_the_timeline_of_a_blinded_reader_has_first_and_last_dose_and_no_doses(subject: Subject) -> None:
    twin = twin_at(subject, Audience.BLINDED)
    data = timeline_of(twin, Addresses("X", "Y"), RECEIVED, is_unblinded=False)
    assert data is not None
    assert data.study_drug is not None
    assert data.study_drug.doses is None
    assert data.study_drug.period.start is not None
    assert data.study_drug.period.start.first_day == date(2013, 4, 26)
    assert data.last_known_on == date(2013, 8, 8)
    assert data.ended_on == date(2013, 8, 8)
    assert [visit.is_unscheduled for visit in data.visits] == [False, True]


@pytest.mark.parametrize("variable", ["", "AESTDTC"])
def test_the_onset_of_a_chosen_event_is_drawn_through_the_timeline(
    subject: Subject, client: Client, variable: str
) -> None:
    twin = twin_at(subject, Audience.BLINDED)
    event = next(event for event in twin.events() if event.term == "SEIZURE")
    record = event.rows[0].id
    data = timeline_of(twin, Addresses("X", "Y"), RECEIVED, is_unblinded=False, chosen=record)
    assert data is not None
    assert data.selected_on == date(2013, 6, 2)
    drawer = client.get(panel_url(subject, "value", f"?record={record}&variable={variable}")).content.decode()
    address = panel_url(subject, "timeline", f"?{urlencode({'chosen': record})}")
    assert f'hx-get="{address}"' in drawer
    drawn = client.get(address).content.decode()
    assert drawn.count("guide-onset") == 3, "wide, narrow and in the key"
    assert "chosen onset" in drawn
    page = client.get(f"/studies/{subject.study.code}/subjects/{subject.subject_id}/?value={record}.{variable}")
    assert f'hx-get="{address}"' in page.content.decode()


def test_what_is_no_event_chooses_no_onset(subject: Subject, client: Client) -> None:
    record = twin_at(subject, Audience.BLINDED).rows("LB")[0].id
    drawer = client.get(panel_url(subject, "value", f"?record={record}&variable=LBORRES")).content.decode()
    assert "chosen=" not in drawer
    for chosen in (record, "AE/nothing", ""):
        address = panel_url(subject, "timeline", f"?{urlencode({'chosen': chosen})}")
        assert "guide-onset" not in client.get(address).content.decode()


def test_the_timeline_has_a_key_and_the_same_data_as_a_table(subject: Subject, client: Client) -> None:
    shown = panel(client, subject, "timeline")
    assert "by study day; day 1 is 26 Apr 2013" in shown
    assert "Unscheduled 4.1 09 May 2013 14" in shown
    assert "Seizure, severe, serious 02 to 05 Jun 2013 38" in shown
    assert "Estrogen NOS 0.625 mg every other day 1984, end not recorded" in shown


def test_nothing_goes_on_in_the_timeline_after_a_death(subject: Subject) -> None:
    def going_on() -> set[str]:
        data = timeline_of(twin_at(subject, Audience.BLINDED), Addresses("X", "Y"), RECEIVED, is_unblinded=False)
        assert data is not None
        return {bar.label.partition(",")[0] for bar in (*data.events, *data.medications) if bar.period.is_ongoing}

    write(subject, ("CM", {**ESTROGEN, "CMENRTPT": "ONGOING"}))
    assert going_on() == {"Application site irritation", "Estrogen NOS 0.625\xa0mg every other day"}
    write(subject, ("DM", {"DTHFL": "Y", "DTHDTC": "2013-08-08"}))
    assert going_on() == set()


def test_a_dose_without_an_end_goes_on_until_the_subject_leaves(subject: Subject) -> None:
    def doses() -> list[bool]:
        data = timeline_of(twin_at(subject, Audience.UNBLINDED), Addresses("X", "Y"), RECEIVED, is_unblinded=True)
        assert data is not None
        assert data.study_drug is not None
        return [dose.period.is_ongoing for dose in data.study_drug.doses or ()]

    assert doses() == [False]
    write(subject, ("EX", {**EXPOSURE, "EXENDTC": None}))
    assert doses() == [False]
    write(subject, ("DS", {**LEFT, "DSSCAT": "STUDY TREATMENT"}))
    assert doses() == [True]


def test_the_page_asks_for_no_script_style_or_other_host(subject: Subject, client: Client) -> None:
    for name in ("timeline", "laboratory", "problems", "changes", "summary"):
        markup = client.get(panel_url(subject, name)).content.decode()
        assert "style=" not in markup
        assert "<script" not in markup
        assert "http" not in markup


def test_a_death_that_demographics_do_not_record_is_told_and_named_as_a_contradiction(
    subject: Subject, client: Client
) -> None:
    assert "A death is recorded" not in panel(client, subject, "summary")
    write(subject, ("AE", {**SEIZURE, "AEOUT": "FATAL", "AESER": "N", "AESHOSP": None}))
    shown = panel(client, subject, "summary")
    assert "died" in shown
    assert "A death is recorded; demographics do not say that the subject died." in shown
    assert "AESER says not serious; the event was fatal. Shown as serious." in panel(client, subject, "problems")


def test_a_result_flagged_abnormal_without_limits_is_shown_so(subject: Subject, client: Client) -> None:
    values = {**result(97, "2013-07-01"), "LBSTNRLO": None, "LBSTNRHI": None, "LBNRIND": "ABNORMAL"}
    write(subject, ("LB", values))
    assert "abnormal" in panel(client, subject, "laboratory")


def liver(test: str, multiple: float, on: str) -> tuple[str, dict[str, object]]:
    values = {"LBTESTCD": test, "LBTEST": test, "LBSTRESN": multiple * 10, "LBSTNRHI": 10, "LBDTC": on, "LBSTRESU": "U"}
    return "LB", values


def test_a_page_leads_with_the_liver_its_multiples_days_and_criteria(subject: Subject, client: Client) -> None:
    assert "Liver:" not in panel(client, subject, "summary")
    write(subject, liver("AST", 3.5, "2013-07-10"))
    shown = panel(client, subject, "summary")
    assert "Liver: ALT or AST above 3 × ULN" in shown
    assert "not met, bilirubin is not above 2 × ULN" in shown
    write(
        subject,
        liver("ALT", 8, "2013-07-11"),
        liver("BILI", 2.5, "2013-07-12"),
        liver("ALP", 1.1, "2013-07-01"),
        liver("ALP", 1.6, "2013-07-11"),
    )
    shown = panel(client, subject, "summary")
    assert "Liver: ALT or AST above 3 × ULN together with bilirubin above 2 × ULN" in shown
    assert "ALT 8.00 × ULN on 11 Jul 2013" in shown
    assert "bilirubin 2.50 × ULN on 12 Jul 2013" in shown
    assert "ALP 1.60 × ULN on 11 Jul 2013 , first 1.10 × ULN on 01 Jul 2013 (R 5.00, hepatocellular pattern)" in shown
    assert "Biochemical criteria of Hy’s law: met." in shown
    write(subject, liver("ALP", 2.0, "2013-07-13"))
    shown = panel(client, subject, "summary")
    assert "Biochemical criteria of Hy’s law: not met, ALP reached 2 × ULN." in shown
