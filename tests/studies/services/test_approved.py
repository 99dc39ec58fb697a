"""A story of imports and writes with every account it leaves, as it was read and approved.

Checks, receipts, refused rows, records, revisions and change sets, for readers of everything and for blinded ones:
whatever a service counts, keeps, hides or says somewhere else than before is seen as a difference.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import User
from apps.studies.domain.upserts import Submitted
from apps.studies.models import (
    BlindingRule,
    ChangeSet,
    CheckedLine,
    ImportedSubject,
    ImportRun,
    Record,
    RecordRevision,
    RejectedRow,
    Study,
    Subject,
)
from apps.studies.selectors.access import principal_of
from apps.studies.services.import_runs import confirm_import
from apps.studies.services.writing import write_records
from tests.approved import assert_approved
from tests.factories import StudyFactory, client_account, context
from tests.studies.services.packages import Package, Row, ae, dm, ex, finished, imported

pytestmark = pytest.mark.django_db

APPROVED = Path(__file__).parent / "approved"
_RECORD = re.compile(r"\b([A-Z]{2,6})/([0-9a-z_-]{8,})")
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def supp(number: int, sequence: int, name: str, value: str, label: str = "Label") -> Row:
    return {
        "USUBJID": f"01-701-{number}", "RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": str(sequence),
        "QNAM": name, "QLABEL": label, "QVAL": value, "QORIG": "CRF",
    }  # fmt: skip


def rel(number: int, relation: str, domain: str, variable: str, value: str) -> Row:
    return {"USUBJID": f"01-701-{number}", "RDOMAIN": domain, "IDVAR": variable, "IDVARVAL": value, "RELID": relation}


def ds(number: int, **values: Any) -> Row:
    return {"USUBJID": f"01-701-{number}", "DSSEQ": 1, "DSTERM": "LEFT", "DSCAT": "DISPOSITION EVENT", **values}


def lb(number: int, sequence: int, value: float, **values: Any) -> Row:
    named = {"LBSEQ": sequence, "LBTESTCD": "ALT", "LBTEST": "Alanine Aminotransferase", "LBDTC": "2013-05-01"}
    return {"USUBJID": f"01-701-{number}", **named, "LBSTRESN": value, **values}


FIRST: Package = {
    "DM": [dm(1001, ARM="MARKER-ARM"), dm(1002), dm(1003), dm(1004, SITEID="702")],
    "AE": [
        ae(1001, "E1", "SEIZURE", AESER="Y", AESHOSP="Y"),
        ae(1001, "E2", "RASH"),
        ae(1002, "E1", "SYNCOPE", AESTDTC="2013-02-30"),
        ae(1003, "E1", "GOUT"),
        ae(1004, "E1", "FALL on MARKER-DRUG"),
    ],
    "EX": [ex(1001, 54), ex(1002, 81)],
    "SUPPAE": [supp(1001, 1, "AETRTEM", "Y", "Treatment emergent"), supp(1001, 9, "AETRTEM", "Y")],
    "RELREC": [rel(1001, "R1", "AE", "AESEQ", "2"), rel(1001, "R1", "DS", "DSSEQ", "1")],
    "DS": [ds(1001, DSDECOD="ADVERSE EVENT", DSSTDTC="2013-08-08")],
    "LB": [lb(1001, 1, 34), lb(1001, 2, 34), lb(1002, 1, 20)],
}
LATER: Package = {
    "DM": [dm(1001, ARM="MARKER-ARM", DTHFL="Y", DTHDTC="2013-09-01"), dm(1002), dm(1003, SEX="M"), dm(1005)],
    "AE": [
        ae(1001, "E1", "SEIZURE", AESER="N", AESHOSP="Y", AEOUT="FATAL"),
        ae(1002, "E1", "SYNCOPE"),
        ae(1003, "E1", "GOUT", AESTDTC="2013-06-03"),
        ae(1003, "E7", "STROKE", AESEV="SEVERE"),
        ae(1005, "E1", "HEADACHE"),
        {**ae(1003, "E8", "COUGH"), "USUBJID": ""},
    ],
    "EX": [ex(1001, 81), ex(1002, 81)],
    "DS": [ds(1001, DSDECOD="DEATH", DSSTDTC="2013-09-01"), ds(1003, DSDECOD="PHYSICIAN DECISION")],
    "LB": [lb(1001, 7, 36), lb(1001, 8, 37), lb(1002, 1, 20)],
}


def told(value: object) -> str:
    """A value as text of one form: ids of records and digests stand for themselves, whatever key made them."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return _DIGEST.sub("<digest>", _RECORD.sub(r"\1/<id>", text))


def spread(name: str, account: dict[str, Any]) -> Iterator[str]:
    """An account, one line for each entry of its lists; their order may hang on the ids of records, which are keyed."""
    for key in sorted(account):
        value = account[key]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from sorted(f"{name}.{key}: {told(entry)}" for entry in value)
        else:
            yield f"{name}.{key} = {told(value)}"


def account_of(run: ImportRun) -> Iterator[str]:
    yield f"# import {run.number}: {run.state} {run.error} dry={run.is_dry_run} reason={run.reason}"
    for name in ("preview", "open_preview", "receipt", "open_receipt"):
        yield from spread(name, getattr(run, name))
    fields = ("file", "row", "subject_id", "variable", "reason", "is_ambiguous", "is_open")
    for row in RejectedRow.objects.filter(run=run).order_by("file", "row", "pk").values_list(*fields):
        yield f"refused: {told(row)}"
    kept = CheckedLine.objects.filter(run=run)
    for line in kept.values_list("kind", "weight", "subject_id", "domain", "details", "is_whole", "is_open"):
        yield f"line: {told(line)}"
    moved = ImportedSubject.objects.filter(run=run).order_by("subject_id")
    yield f"subjects: {told(list(moved.values_list('subject_id', flat=True)))}"


def ledger_of(study: Study) -> Iterator[str]:
    yield f"# ledger of {study.code}"
    shown = ("subject_id", "site__code", "version", "blinded_version", "data_cut")
    for row in Subject.objects.filter(study=study).order_by("subject_id").values_list(*shown):
        yield f"subject: {told(row)}"
    sets = ChangeSet.objects.filter(study=study).order_by("subject__subject_id", "number")
    names = (
        "subject__subject_id", "number", "blinded_number", "is_open", "is_reason_open", "actor__is_service_account",
        "reason", "source", "change_count", "blinded_change_count",
    )  # fmt: skip
    yield from (f"change set: {told(row)}" for row in sets.values_list(*names))
    records = Record.objects.filter(study=study).values_list(
        "subject__subject_id", "domain", "values", "hidden", "is_withdrawn", "target"
    )
    yield from sorted(f"record: {told(row)}" for row in records)
    revisions = RecordRevision.objects.filter(change_set__study=study).values_list(
        "change_set__subject__subject_id", "change_set__number", "domain", "operation", "open_operation", "values",
        "hidden", "source_file__name", "source_row",
    )  # fmt: skip
    yield from sorted(f"revision: {told(row)}" for row in revisions)
    words = BlindingRule.objects.filter(study=study).values_list("kind", "name", "origin")
    yield from sorted(f"rule: {told(row)}" for row in words)


@pytest.fixture
def other_study(importer: User) -> Study:
    """Another study with a subject of the same name: nothing of this story may touch it."""
    other: Study = StudyFactory(code="OTHER", protocol_id="S2")
    package: Package = {"DM": [dm(1001)], "AE": [ae(1001, "E1", "OTHER"), ae(1001, "E2", "BAD", AESTDTC="2013-99")]}
    imported(client_account(other), other, package, study_id="S2")
    return other


def test_two_cuts_leave_the_approved_accounts(importer: User, study: Study, other_study: Study) -> None:
    before = list(ledger_of(other_study))
    refused = RejectedRow.objects.filter(run__study=other_study).count()
    first = imported(importer, study, FIRST)
    checked = imported(importer, study, LATER, check_only=True)
    lines = [*account_of(first), "", *account_of(checked), ""]
    done = finished(
        confirm_import(principal=principal_of(importer), user=importer, run=checked, reason="Cut of September")
    )
    lines += [*account_of(done), "", *ledger_of(study), ""]
    assert_approved("\n".join(lines), APPROVED / "imports.txt")
    assert list(ledger_of(other_study)) == before
    assert RejectedRow.objects.filter(run__study=other_study).count() == refused == 1
    assert RejectedRow.objects.filter(run=first).count() == 2


def test_an_import_by_a_blinded_person_leaves_the_approved_accounts(
    importer: User, manager: User, study: Study
) -> None:
    imported(importer, study, FIRST)
    package: Package = {name: rows for name, rows in LATER.items() if name != "EX"}
    package = {**package, "DM": [{key: value for key, value in row.items() if key != "ARM"} for row in LATER["DM"]]}
    run = imported(manager, study, package)
    assert_approved("\n".join([*account_of(run), "", *ledger_of(study), ""]), APPROVED / "blinded_import.txt")


BATCHES: tuple[tuple[Submitted, ...], ...] = (
    (
        Submitted(0, "DM", "01-701-2001", {"SITEID": "701", "SEX": "F", "AGE": 61, "RFSTDTC": "2013-04-26"}),
        Submitted(1, "AE", "01-701-2001", {"AETERM": "SYNCOPE", "AESPID": "E1", "AESTDTC": "2013-05-02"}),
        Submitted(2, "AE", "01-701-2001", {"AETERM": "RASH", "AESPID": "E2", "AESTDTC": "2013-05-03"}),
        Submitted(3, "AE", "01-701-9999", {"AETERM": "NOBODY"}),
    ),
    (
        Submitted(0, "AE", "01-701-2001", {"AESPID": "E1", "AEREL": "POSSIBLE"}),
        Submitted(1, "AE", "01-701-2001", {"AESPID": "E2", "AEREL": None}),
        Submitted(2, "RELREC", "01-701-2001", {
            "RDOMAIN": "AE", "IDVAR": "AESPID", "IDVARVAL": "E1", "RELID": "R1",
        }),
        Submitted(3, "LB", "01-701-2001", {"LBTESTCD": "ALT", "LBSTRESN": 34, "LBDTC": "2013-05-01"}),
        Submitted(4, "LB", "01-701-2001", {"LBTESTCD": "ALT", "LBSTRESN": 34, "LBDTC": "2013-05-01"}),
    ),
    (
        Submitted(0, "AE", "01-701-2001", {"AESPID": "E1", "AESTDTC": "2013-02-30"}),
        Submitted(1, "AE", "01-701-2001", {"AESPID": "E2", "AESEV": "MILD"}),
    ),
    (Submitted(0, "AE", "01-701-2001", {"AESPID": "E3", "AETERM": "FALL", "AESEQ": 1}),),
    (Submitted(0, "AE", "01-701-2001", {"AESPID": "E1", "AESEQ": 44}),),
    (Submitted(0, "AE", "01-701-2001", {"AETERM": "FALL"}, key="AE/nosuchrecord"),),
    (Submitted(0, "RELREC", "01-701-2001", {"RDOMAIN": "AE", "IDVAR": "AESPID", "IDVARVAL": "E9", "RELID": "R2"}),),
    (Submitted(0, "AE", "01-701-2001", {"AESPID": "E2"}, is_withdrawal=True),),
    (Submitted(0, "AE", "01-701-2001", {"AESPID": "E9"}, is_withdrawal=True),),
    (Submitted(0, "AE", "01-701-2001", {"AETERM": "RASH", "AESPID": "E2", "AESTDTC": "2013-05-03"}),),
    (Submitted(0, "EX", "01-701-2001", {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}),),
    (Submitted(0, "DM", "01-701-2001", {"ARM": "MARKER-ARM"}),),
    (Submitted(0, "AE", "01-701-2001", {"AESPID": "E1", "NOT A NAME": "x"}),),
)  # fmt: skip


@pytest.mark.parametrize("who", ["integrator", "manager"])
def test_writes_one_by_one_leave_the_approved_outcomes(importer: User, manager: User, study: Study, who: str) -> None:
    user = importer if who == "integrator" else manager
    imported(importer, study, {"DM": [dm(1001)]})
    lines = []
    for number, batch in enumerate(BATCHES):
        outcome = write_records(
            principal=principal_of(user), study=study, records=batch, context=context(user, reason=f"Batch {number}")
        )
        lines.append(f"batch {number}: accepted {outcome.accepted}, unchanged {outcome.unchanged}, {outcome.versions}")
        lines += [f"    {refusal.index} {refusal.field}: {told(refusal.message)}" for refusal in outcome.rejected]
    lines += ["", *ledger_of(study), ""]
    assert_approved("\n".join(lines), APPROVED / f"writes_{who}.txt")


def test_the_subject_of_another_study_is_no_hindrance(importer: User, study: Study, other_study: Study) -> None:
    record = Submitted(0, "DM", "01-701-1001", {"SITEID": "701", "SEX": "F"})
    imported(importer, study, {"DM": [dm(3001)]})
    outcome = write_records(principal=principal_of(importer), study=study, records=[record], context=context(importer))
    assert (outcome.accepted, outcome.rejected) == (1, [])
    assert Subject.objects.filter(subject_id="01-701-1001").count() == 2
