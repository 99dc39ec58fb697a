"""Numbers of records: those that blinded readers see are numbered as if there were no others."""

from typing import Any

import pytest

from apps.accounts.domain.roles import Role
from apps.studies.models import Record, Subject
from apps.studies.services.sequences import FIRST_HIDDEN
from tests.factories import StudyFactory, person, treated_subject, write

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E6-411")]


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


def result(code: str, day: int) -> tuple[str, dict[str, Any]]:
    test = "Drug concentration" if code == "CONC" else "Alanine Aminotransferase"
    return "LB", {"LBTESTCD": code, "LBTEST": test, "LBORRES": "1", "LBDTC": f"2013-05-0{day}"}


def numbers(subject: Subject, code: str) -> list[int]:
    found = Record.objects.filter(subject=subject, values__LBTESTCD=code).order_by("values__LBDTC")
    return [record.values["LBSEQ"] for record in found]


def test_open_records_are_numbered_among_themselves_and_hidden_ones_from_far_away(subject: Subject) -> None:
    write(subject, result("CONC", 1), result("ALT", 1), result("CONC", 2), result("ALT", 2))
    write(subject, result("CONC", 3))
    write(subject, result("ALT", 3))
    assert numbers(subject, "ALT") == [1, 2, 3]
    assert numbers(subject, "CONC") == [FIRST_HIDDEN, FIRST_HIDDEN + 1, FIRST_HIDDEN + 2]


def test_a_blinded_writer_numbers_on_from_what_they_see(subject: Subject) -> None:
    write(subject, result("CONC", 1), result("ALT", 1))
    write(subject, result("ALT", 2), user=person(Role.DATA_MANAGER, subject.study))
    assert numbers(subject, "ALT") == [1, 2]


def test_in_a_domain_that_is_hidden_as_a_whole_numbers_begin_at_one(subject: Subject) -> None:
    for day in (1, 2):
        write(subject, ("EX", {"EXTRT": "DRUG", "EXDOSE": 54, "EXSTDTC": f"2013-05-0{day}"}))
    doses = Record.objects.filter(subject=subject, domain="EX").order_by("values__EXSTDTC")
    assert [dose.values["EXSEQ"] for dose in doses] == [1, 2]


def test_a_number_that_was_sent_stays_and_is_counted_on_from(subject: Subject) -> None:
    domain, values = result("ALT", 1)
    write(subject, (domain, {**values, "LBSEQ": 7}))
    write(subject, result("ALT", 2))
    assert numbers(subject, "ALT") == [7, 8]
    again = write(subject, (domain, {**values, "LBDTC": "2013-05-09", "LBSEQ": 8}))
    assert [refusal.field for refusal in again.rejected] == ["LBSEQ"]


def test_visits_and_relations_have_no_number(subject: Subject) -> None:
    event = Record.objects.get(subject=subject, domain="AE").values
    relation = {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": str(event["AESEQ"]), "RELID": "R1"}
    write(subject, ("SV", {"VISITNUM": 3, "VISIT": "WEEK 2", "SVSTDTC": "2013-05-10"}), ("RELREC", relation))
    for domain in ("SV", "RELREC", "DM"):
        (record,) = Record.objects.filter(subject=subject, domain=domain)
        assert f"{domain}SEQ" not in record.values
