"""A subject of the page's tests: treated, with events, results and medications; markers stand where treatment is."""

from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.studies.models import Study, Subject
from tests.factories import person, treated_subject, write

PANELS = ("summary", "timeline", "laboratory", "problems", "changes", "history", "medications")
EXPOSURE: Mapping[str, Any] = {
    "EXTRT": "MARKERDRUG",
    "EXDOSE": 54321,
    "EXDOSU": "mg",
    "EXSTDTC": "2013-04-26",
    "EXENDTC": "2013-08-01",
}
IRRITATION: Mapping[str, Any] = {
    "AESPID": "E02",
    "AETERM": "APPLICATION SITE IRRITATION",
    "AEDECOD": "APPLICATION SITE IRRITATION",
    "AESEV": "MILD",
    "AESER": "N",
    "AEREL": "PROBABLE",
    "AEOUT": "NOT RECOVERED/NOT RESOLVED",
    "AEDTC": "2013-05-24",
    "AESTDTC": "2013-05-24",
}
ESTROGEN: Mapping[str, Any] = {
    "CMSPID": "1",
    "CMTRT": "ESTROGEN NOS",
    "CMDOSE": 0.625,
    "CMDOSU": "mg",
    "CMDOSFRQ": "QOD",
    "CMSTDTC": "1984",
}
LEFT: Mapping[str, Any] = {
    "DSTERM": "ADVERSE EVENT",
    "DSDECOD": "ADVERSE EVENT",
    "DSCAT": "DISPOSITION EVENT",
    "DSSTDTC": "2013-08-08",
}


def result(value: float, on: str, **values: Any) -> Mapping[str, Any]:
    """An ALT result (U/L) of a day; the upper limit of normal is 34."""
    return {
        "LBTESTCD": "ALT",
        "LBTEST": "Alanine Aminotransferase",
        "LBCAT": "CHEMISTRY",
        "LBORRES": str(value),
        "LBORRESU": "U/L",
        "LBSTRESN": value,
        "LBSTRESU": "U/L",
        "LBSTNRLO": 6,
        "LBSTNRHI": 34,
        "LBDTC": on,
    } | values


def full_subject(study: Study | None = None, **attributes: Any) -> Subject:
    """A subject with something in every panel, treatment included; version 2 unblinded and blinded."""
    subject = treated_subject(study, **attributes)
    write(
        subject,
        ("EX", EXPOSURE),
        ("SV", {"VISITNUM": 1, "VISIT": "SCREENING 1", "SVSTDTC": "2013-04-11"}),
        ("SV", {"VISITNUM": 4.1, "VISIT": "UNSCHEDULED 4.1", "SVSTDTC": "2013-05-09"}),
        ("AE", IRRITATION),
        ("LB", result(30, "2013-05-09T09:00")),
        ("LB", result(102, "2013-06-05T09:00")),
        ("CM", ESTROGEN),
        ("MH", {"MHTERM": "DIZZINESS", "MHDECOD": "DIZZINESS", "MHSEV": "MODERATE", "MHDTC": "2013-04-11"}),
        ("DS", LEFT),
    )
    return subject


def reader(role: Role, subject: Subject, **attributes: Any) -> tuple[Client, User]:
    """A signed-in reader of the subject's study."""
    user = person(role, subject.study, **attributes)
    client = Client()
    client.force_login(user)
    return client, user


def page_url(subject: Subject, query: str = "") -> str:
    """Address of the subject's page."""
    return reverse("subject", args=[subject.study.code, subject.subject_id]) + query


def panel_url(subject: Subject, name: str, query: str = "") -> str:
    """Address of one panel."""
    return reverse(f"twin-{name}", args=[subject.study.code, subject.subject_id]) + query
