"""Whatever value the portal accepts, every page and answer about its subject and study still comes, and soon."""

import os
import time
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.models import Job
from apps.studies.domain import ranges
from apps.studies.domain.ranges import MOST_AGE, MOST_COUNTED, MOST_DAYS
from tests.architecture.portal import Portal, run_waiting, small_portal
from tests.factories import SEIZURE
from tests.hostile.boundaries import hostile_scalar

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "6")) * 6
MOST_SECONDS = 1.0
DATES = (
    "1850-01-01",
    "2199-12-31",
    "1850",
    "2199",
    "2199-12",
    "2013-01-01/2199",
    "--12-15",
    "-----T08:40",
    "2013-06-02T08:40",
)
VARIABLES = {
    "DM": (
        "RFSTDTC",
        "RFXSTDTC",
        "RFXENDTC",
        "DTHDTC",
        "DTHFL",
        "AGE",
        "AGEU",
        "SEX",
        "RACE",
        "SITEID",
        "ARM",
        "BRTHDTC",
        "RFICDTC",
    ),
    "AE": (
        "AESEQ",
        "AETERM",
        "AEDECOD",
        "AESTDTC",
        "AEENDTC",
        "AESTDY",
        "AEENDY",
        "AESEV",
        "AESER",
        "AEREL",
        "AEOUT",
        "AESPID",
    ),
    "LB": (
        "LBTESTCD",
        "LBTEST",
        "LBSTRESN",
        "LBSTNRLO",
        "LBSTNRHI",
        "LBSTRESU",
        "LBDTC",
        "LBORRES",
        "LBDY",
        "VISITNUM",
        "VISIT",
    ),
    "CM": ("CMTRT", "CMDOSE", "CMDOSU", "CMSTDTC", "CMENDTC", "CMDECOD", "CMINDC"),
    "MH": ("MHTERM", "MHDECOD", "MHSTDTC", "MHCAT"),
    "DS": ("DSTERM", "DSDECOD", "DSCAT", "DSSTDTC"),
    "SV": ("VISIT", "VISITNUM", "VISITDY", "SVSTDTC", "SVENDTC"),
    "EX": ("EXTRT", "EXDOSE", "EXDOSU", "EXSTDTC", "EXENDTC"),
}
BASES: dict[str, dict[str, Any]] = {
    "AE": dict(SEIZURE),
    "LB": {
        "LBTESTCD": "ALT",
        "LBTEST": "Alanine Aminotransferase",
        "LBSTRESN": 30,
        "LBSTNRHI": 40,
        "LBDTC": "2013-05-01",
    },
    "CM": {"CMTRT": "ASPIRIN", "CMSTDTC": "2013-05-01"},
    "MH": {"MHTERM": "GOUT"},
    "DS": {"DSDECOD": "DEATH", "DSTERM": "DEATH", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": "2013-08-01"},
    "SV": {"VISITNUM": 3, "VISIT": "WEEK 2", "SVSTDTC": "2013-05-10"},
    "EX": {"EXTRT": "DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"},
    "DM": {},
}
values = st.one_of(
    hostile_scalar,
    st.sampled_from(DATES),
    st.sampled_from(
        (0, -1, 1, MOST_AGE, MOST_COUNTED, MOST_DAYS, -MOST_DAYS, 7.2e75, -7.2e75, 5.4e-79, 1e15 + 0.3, 2**53)
    ),
    st.sampled_from(
        ("Y", "DEATH", "x" * 200, "x" * 20_000, "A " * 5000, "é" * 5000, "WEEK " + "1" * 5000, "(" * 3000, "“" * 500)
    ),
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """A record of some domain with a few of its values replaced by what nobody expects there."""
    domain = draw(st.sampled_from(sorted(VARIABLES)))
    names = draw(st.lists(st.sampled_from(VARIABLES[domain]), min_size=1, max_size=4, unique=True))
    return {"domain": domain, "values": {**BASES[domain], **{name: draw(values) for name in names}}}


@pytest.fixture
def portal(settings: Any, tmp_path: Any) -> Portal:
    settings.IMPORT_FILES_DIR = tmp_path
    return small_portal()


def test_no_accepted_value_breaks_a_page(portal: Portal, django_capture_on_commit_callbacks: Any) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(portal.people["client"], backend="django.contrib.auth.backends.ModelBackend")
    places = addresses(portal)

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(given_records=st.lists(records(), min_size=1, max_size=3))
    def written(given_records: list[dict[str, Any]]) -> None:
        subject_id = portal.subject.subject_id
        body = {"reason": "x", "records": [{**record, "subject_id": subject_id} for record in given_records]}
        with transaction.atomic():
            with django_capture_on_commit_callbacks(execute=True):
                answer = client.post("/api/v1/studies/TRIAL/records/", body, content_type="application/json")
            assert answer.status_code in {200, 400, 422}, (answer.status_code, given_records)
            if answer.status_code == 200:
                follow_up = {"domain": "AE", "subject_id": subject_id, "values": {"AETERM": "LATER", "AESPID": "E99"}}
                later = client.post(
                    "/api/v1/studies/TRIAL/records/", {**body, "records": [follow_up]}, content_type="application/json"
                )
                assert later.status_code == 200, (later.content[:300], given_records)
                run_waiting()
                assert not unexpected(), (unexpected(), given_records)
                for place in places:
                    start = time.process_time()
                    status = client.get(place).status_code
                    took = time.process_time() - start
                    assert status == 200, (status, place, given_records)
                    assert took < MOST_SECONDS, (took, place, given_records)
            transaction.set_rollback(True)

    written()


def unexpected() -> list[str]:
    """What jobs ended with that nobody thought of."""
    return list(Job.objects.filter(error__startswith="Unexpected").values_list("error", flat=True))


def addresses(portal: Portal) -> list[str]:
    """Everything that shows something of the subject or counts it."""
    subject = f"/studies/TRIAL/subjects/{portal.subject.subject_id}/"
    panels = ("summary", "timeline", "laboratory", "problems", "changes", "history", "medications")
    twin = f"/api/v1{subject}twin/"
    narrative = f"/studies/TRIAL/narratives/{portal.narrative.pk}/"
    return [
        "/",
        "/studies/TRIAL/",
        "/studies/TRIAL/subjects/",
        subject,
        *(f"{subject}panels/{panel}/" for panel in panels),
        f"{subject}narrative/",
        twin,
        f"{twin}versions/",
        f"{twin}diff/?from=0",
        f"{twin}changes/",
        "/api/v1/studies/TRIAL/subjects/",
        "/studies/TRIAL/narratives/",
        narrative,
        f"{narrative}document/",
        f"{narrative}compare/",
        f"/api/v1/narratives/{portal.narrative.pk}/",
    ]


STORED_BEFORE = (
    {"domain": "DM", "values": {"RFSTDTC": "9999-12-31", "RFXSTDTC": "9999-12-31", "RFXENDTC": "9999-12-31"}},
    {"domain": "DM", "values": {"RFSTDTC": "0001-01-01", "RFXSTDTC": "0001-01-01", "DTHDTC": "9999"}},
    {"domain": "DM", "values": {"AGE": 1e300}},
    {"domain": "DM", "values": {"AGE": -5}},
    {"domain": "AE", "values": {**SEIZURE, "AESTDTC": "0001-01-01", "AEENDTC": "9999-12-31"}},
    {"domain": "AE", "values": {**SEIZURE, "AESTDY": 1e300}},
    {"domain": "LB", "values": {**BASES["LB"], "LBSTRESN": 1e300, "LBSTNRHI": 5e-324}},
    {"domain": "LB", "values": {**BASES["LB"], "LBSTRESN": -1e300, "VISITNUM": 1e300, "LBDTC": "9999-12-31"}},
    {"domain": "SV", "values": {**BASES["SV"], "SVSTDTC": "9999-12-31", "VISITNUM": 1e300}},
    {"domain": "EX", "values": {**BASES["EX"], "EXSTDTC": "0001-01-01", "EXENDTC": "9999-12-31", "EXDOSE": 1e300}},
)


@pytest.mark.parametrize("record", STORED_BEFORE)
def test_what_was_stored_before_it_was_refused_breaks_no_page(
    portal: Portal, record: dict[str, Any], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(ranges, "has_possible_years", lambda parsed: True)
    monkeypatch.setattr(ranges, "number_expected", lambda *about: "")
    client = Client(raise_request_exception=False)
    client.force_login(portal.people["client"], backend="django.contrib.auth.backends.ModelBackend")
    body = {"reason": "x", "records": [{**record, "subject_id": portal.subject.subject_id}]}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/api/v1/studies/TRIAL/records/", body, content_type="application/json")
    assert answer.json()["accepted"] == 1
    run_waiting()
    assert not unexpected()
    wrong = [(place, status) for place in addresses(portal) if (status := client.get(place).status_code) != 200]
    assert not wrong
