"""Texts of any length in any place come in or are refused by name; no column of the database decides it.

SQLite takes a text of any length everywhere and PostgreSQL does not, so that this runs on both.
"""

from typing import Any

import pytest

from apps.accounts.models import User
from apps.studies.models import ImportRun, ImportState, RejectedRow, Study
from apps.twins.models import TwinSummary
from tests.factories import StudyFactory, client_account
from tests.studies.services.packages import Package, ae, dm, imported

pytestmark = pytest.mark.django_db

LONG = "LONG " * 60
LONGER = "X" * 5_000


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(protocol_id="S1")
    return found


@pytest.fixture
def importer(study: Study) -> User:
    return client_account(study)


def ds(**values: Any) -> dict[str, Any]:
    return {"USUBJID": "01-701-1001", "DSSEQ": 1, "DSTERM": "X", "DSSTDTC": "2013-08-01", **values}


def done(run: ImportRun) -> bool:
    return bool(run.state == ImportState.DONE and not run.error)


LONG_TEXTS: list[Package] = [
    {"DM": [dm(1001)], "DS": [ds(DSTERM=LONG)]},
    {"DM": [dm(1001)], "DS": [ds(DSDECOD=LONG)]},
    {"DM": [dm(1001)], "SV": [{"USUBJID": "01-701-1001", "VISITNUM": 1, "VISIT": LONG, "SVSTDTC": "2013-05-01"}]},
    {"DM": [dm(1001)], "AE": [ae(1001, "E1", LONG, AESER="Y")]},
    {"DM": [dm(1001)], "AE": [ae(1001, "E1", "RASH", **{"A" * 300: "1"})]},
    {"DM": [dm(1001)], "AE": [ae(1001, "E1", "RASH", **{"AE" + "B" * 60 + "DTC": "no date"})]},
    {"DM": [dm(1001)], "AE": [ae(1001, "E1", "RASH", USUBJID=LONGER, AESER="Y", AEOUT="FATAL")]},
    {"DM": [dm(1001), dm(1002, USUBJID="01" * 101)]},
    {"DM": [dm(1001, SITEID=LONG)]},
    {"DM": [dm(1001, COUNTRY=LONG)]},
    {"DM": [dm(1001, SEX=LONG, RACE=LONG, ARM=LONG, AGEU=LONG)]},
    {"DM": [dm(1001)], "CM": [{"USUBJID": "01-701-1001", "CMSEQ": 1, "CMTRT": LONG, "CMDOSU": LONG, "CMROUTE": LONG}]},
    {
        "DM": [dm(1001)],
        "AE": [ae(1001, "E1", "RASH")],
        "SUPPAE": [
            {
                "RDOMAIN": "AE",
                "USUBJID": "01-701-1001",
                "IDVAR": "AESEQ",
                "IDVARVAL": "1",
                "QNAM": "Q" * 300,
                "QLABEL": LONG,
                "QVAL": LONG,
            }
        ],
    },
    {"DM": [dm(1001)], "MH": [{"USUBJID": "01-701-1001", "MHSEQ": 1, "MHTERM": LONG, "MHCAT": LONG}]},
]


@pytest.mark.parametrize("is_dry_run", [True, False])
@pytest.mark.parametrize("package", LONG_TEXTS)
def test_an_import_of_long_texts_ends_in_words(
    importer: User, study: Study, package: Package, is_dry_run: bool
) -> None:
    run = imported(importer, study, package, is_dry_run=is_dry_run)
    assert run.state == (ImportState.CHECKED if is_dry_run else ImportState.DONE), run.error
    for refused in RejectedRow.objects.filter(run=run):
        assert refused.reason


def test_a_subject_whose_reason_is_long_has_its_line(importer: User, study: Study) -> None:
    assert done(imported(importer, study, {"DM": [dm(1001)], "DS": [ds(DSTERM=LONG, DSCAT="DISPOSITION EVENT")]}))
    assert TwinSummary.objects.get().leaving_reason


def test_relations_of_many_rows_are_kept_on_every_database(importer: User, study: Study) -> None:
    events = [ae(1001, f"E{number}", f"RASH {number}", AEGRPID="G1") for number in range(1, 60)]
    relations = [
        {"RDOMAIN": "AE", "USUBJID": "01-701-1001", "IDVAR": "AEGRPID", "IDVARVAL": "G1", "RELID": "R1"},
        {"RDOMAIN": "DS", "USUBJID": "01-701-1001", "IDVAR": "DSSEQ", "IDVARVAL": "1", "RELID": "R1"},
    ]
    package: Package = {"DM": [dm(1001)], "AE": events, "DS": [ds()], "RELREC": relations}
    run = imported(importer, study, package)
    assert done(run), run.error
    assert run.receipt["rejected"] == 0
