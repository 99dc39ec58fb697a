"""The words of the pages of a small study, by role, as they were read and approved."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.studies.models import Study
from tests.approved import assert_approved
from tests.factories import DEMOGRAPHICS, SEIZURE, SiteFactory, SubjectFactory, person, write
from tests.history import made_known_at
from tests.operations.web.reading import text_of
from tests.operations.web.test_home import liver, narrative_version, signed_by
from tests.operations.web.test_study import left
from tests.studies.web.importing import checked, csv_file, demographics

APPROVED = Path(__file__).parent / "approved"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
PAGES = (
    "/",
    "/?since=month&show=all",
    "/studies/TRIAL/",
    "/studies/TRIAL/subjects/",
    "/studies/TRIAL/subjects/?sort=-serious",
    "/studies/TRIAL/subjects/?quick=serious",
    "/studies/TRIAL/subjects/?quick=liver",
    "/studies/TRIAL/subjects/?q=syncope",
    "/studies/TRIAL/subjects/?site=702",
    "/studies/TRIAL/subjects/?status=discontinued",
)
ROLES = {
    Role.SAFETY_PHYSICIAN: "Dr Amara Okafor",
    Role.SAFETY_AUTHOR: "Jonas Lindqvist",
    Role.DATA_MANAGER: "Priya Raman",
    Role.AUDITOR: "Marek Nowak",
    Role.UNBLINDED_MONITOR: "Ines Duarte",
}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people(study: Study) -> dict[Role, User]:
    return {role: person(role, study, printed_name=name, username=role.value) for role, name in ROLES.items()}


@pytest.fixture
def _populated(study: Study, site: object, people: dict[Role, User], integrator: User) -> None:
    """Subjects of every status, narratives of every state, an import that waits."""
    other = SiteFactory(study=study, code="702", country="DEU")
    elsewhere = {**DEMOGRAPHICS, "SITEID": "702"}
    syncope = {**SEIZURE, "AESPID": "E02", "AEDECOD": "SYNCOPE", "AETERM": "SYNCOPE"}
    records = {
        "01-701-1": [("DM", DEMOGRAPHICS), ("AE", {**SEIZURE, "AESER": "N"})],
        "01-701-2": [("DM", {**DEMOGRAPHICS, "DTHFL": "Y", "DTHDTC": "2013-08-02"}), ("AE", syncope)],
        "01-701-3": [("DM", DEMOGRAPHICS), ("AE", {**syncope, "AEOUT": "FATAL", "AESER": "N"})],
        "01-702-4": [("DM", elsewhere), left("COMPLETED", "2013-09-01"), liver("ALT", 4.0)],
        "01-702-5": [("DM", elsewhere), left("SCREEN FAILURE", "2013-04-20")],
        "01-702-6": [("DM", elsewhere), left("ADVERSE EVENT", "2013-07-20"), liver("ALT", 9), liver("BILI", 3, 2)],
    }
    subjects = {}
    for subject_id, rows in records.items():
        subjects[subject_id] = SubjectFactory(site=site if "-701-" in subject_id else other, subject_id=subject_id)
        write(subjects[subject_id], *rows, user=integrator)
    made_known_at(subjects["01-701-1"], LONG_AGO)
    write(subjects["01-701-1"], ("AE", {**SEIZURE, "AEREL": "POSSIBLE"}), user=integrator)
    SubjectFactory(site=other, subject_id="01-702-7")
    author, physician = people[Role.SAFETY_AUTHOR], people[Role.SAFETY_PHYSICIAN]
    for subject_id, state in {"01-701-1": "blocked", "01-701-2": "in_review", "01-701-3": "verified"}.items():
        narrative_version(subjects[subject_id], author, state)
    signed_by(narrative_version(subjects["01-702-6"], author, "in_review"), physician)
    checked(people[Role.DATA_MANAGER], study, [csv_file(study, "DM", [demographics(8, ARM="")])])


@pytest.mark.usefixtures("_populated")
@pytest.mark.parametrize("role", ROLES)
def test_what_each_role_reads_is_what_was_approved(people: dict[Role, User], signed_in, role: Role) -> None:
    client = signed_in(people[role])
    told = []
    for page in PAGES:
        answer = client.get(page)
        told += [f"# {page}: {answer.status_code}", text_of(answer).replace(". ", ".\n"), ""]
    assert_approved("\n".join(told), APPROVED / f"{role.value}.txt")
