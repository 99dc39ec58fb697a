"""The words of the panels of a subject, for who may know the treatment and who may not, as they were approved."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.studies.models import Subject
from tests.approved import assert_approved
from tests.factories import SEIZURE, write
from tests.twins.web.subjects import IRRITATION, PANELS, full_subject, page_url, panel_url, reader
from tests.twins.web.test_page import text

APPROVED = Path(__file__).parent / "approved"
# Ids of records are keyed, versions' hashes hang on them, and people of the tests have any name.
_UNSTABLE = re.compile(r"\b[A-Z]{2,5}/[0-9a-z]{8,}|\b[0-9a-f]{16,64}\b")


@pytest.fixture
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def subject(db: None, _now: None) -> Subject:
    found = full_subject()
    worse = {**IRRITATION, "AEDTC": "2013-07-01", "AESEV": "SEVERE", "AEACN": "DRUG INTERRUPTED"}
    write(found, ("AE", worse), ("AE", {**SEIZURE, "AEOUT": "FATAL", "AESER": "N"}), reason="Letter of the hospital")
    write(found, ("DM", {"DTHDTC": "2013-08-03"}), reason="Certificate")
    return found


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    told = _UNSTABLE.sub("<id>", text(answer))
    return f"# {answer.status_code}\n" + told.replace(". ", ".\n")


@pytest.mark.parametrize("role", [Role.CRA, Role.UNBLINDED_MONITOR])
def test_what_a_reader_is_told_of_a_subject_is_what_was_approved(subject: Subject, role: Role) -> None:
    client, _ = reader(role, subject)
    told = [f"## page\n{words(client, page_url(subject))}"]
    told += [f"## page of version 2\n{words(client, page_url(subject, '?version=2'))}"]
    for name in PANELS:
        told += [f"## {name}\n{words(client, panel_url(subject, name))}"]
        told += [f"## {name} of version 2\n{words(client, panel_url(subject, name, '?version=2'))}"]
    told += [f"## all tests\n{words(client, panel_url(subject, 'laboratory', '?lab=all'))}", ""]
    assert_approved("\n\n".join(told), APPROVED / f"{role.value}.txt")
