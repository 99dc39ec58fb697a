"""One wrong value costs itself and not its row, and a death that could not come in is said before all else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.domain.errors import InvalidInputError
from apps.studies.domain.audience import Audience
from apps.studies.domain.highlights import Matter
from apps.studies.models import CheckedLine, ImportRun, Record, RejectedRow, RuleKind, Study
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.import_lists import lines_for
from apps.studies.selectors.imports import receipt_for
from apps.studies.services.blinding import add_rule
from apps.studies.services.import_runs import start_upload
from tests.factories import StudyFactory, client_account, person
from tests.studies.services.packages import Package, ae, dm, finished, imported

pytestmark = pytest.mark.django_db
DM = [dm(1001), dm(1002)]


def events(*rows: object) -> Package:
    return {"DM": DM, "AE": list(rows)}  # type: ignore[arg-type]


def event(study: Study) -> dict[str, object]:
    return dict(Record.objects.get(study=study, domain="AE").values)


def lines(run: ImportRun, user: User, audience: Audience) -> list[tuple[str, str, object]]:
    found = lines_for(run, principal_of(user), audience).filter(kind=Matter.NOT_IN.value)
    return [(line.subject_id, line.domain, line.details["text"]) for line in found]


def test_a_row_comes_in_without_the_value_that_cannot_be_kept(importer: User, study: Study) -> None:
    run = imported(importer, study, events(ae(1001, "E1", "GOUT", AEENDTC="2013-06-UN")))
    assert ("AEENDTC" in event(study), event(study)["AETERM"]) == (False, "GOUT")
    assert (run.receipt["records"], run.receipt["rejected"], run.receipt["new"]) == (3, 0, 3)
    cell = RejectedRow.objects.get(run=run)
    assert (cell.is_cell, cell.file, cell.row, cell.variable) == (True, "ae.csv", 1, "AEENDTC")


def test_what_the_portal_has_stays_where_a_later_file_is_wrong(importer: User, study: Study) -> None:
    imported(importer, study, events(ae(1001, "E1", "GOUT", AEENDTC="2013-06-09", AEOUT="FATAL")))
    imported(importer, study, events(ae(1001, "E1", "GOUT", AEENDTC="9 June", AEOUT="")))
    assert event(study)["AEENDTC"] == "2013-06-09"
    assert "AEOUT" not in event(study), "empty clears, unreadable does not"


def test_a_refused_value_of_another_row_keeps_nothing_of_this_one(importer: User, study: Study) -> None:
    first = ae(1001, "E1", "GOUT", AEENDTC="2013-06-09")
    imported(importer, study, events(first))
    imported(importer, study, events({**first, "AEENDTC": ""}, ae(1002, "E1", "RASH", AEENDTC="never")))
    values = Record.objects.get(study=study, domain="AE", subject__subject_id="01-701-1001").values
    assert "AEENDTC" not in values


@pytest.mark.parametrize(
    "values", [{"AESER": "Y"}, {"AEOUT": "FATAL"}, {"AESDTH": "Y"}, {"AESHOSP": "Y"}, {"AESER": "N", "AEOUT": "FATAL"}]
)
@pytest.mark.parametrize("check_only", [True, False])
def test_a_serious_event_that_is_not_in_leads(
    importer: User, study: Study, values: dict[str, str], *, check_only: bool
) -> None:
    run = imported(importer, study, events(ae(1001, "E1", "GOUT", AESEQ="x", **values)), check_only=check_only)
    assert lines(run, importer, Audience.UNBLINDED) == [("01-701-1001", "AE", "GOUT")]
    first = CheckedLine.objects.filter(run=run).order_by("weight", "pk").first()
    assert first is not None
    assert first.kind == Matter.NOT_IN.value


def test_a_death_of_any_domain_leads_and_other_rows_do_not(importer: User, study: Study) -> None:
    ds = {"USUBJID": "01-701-1001", "DSSEQ": "x", "DSDECOD": "DEATH", "DSTERM": "DEATH", "DSCAT": "DISPOSITION EVENT"}
    other = {**ds, "USUBJID": "01-701-1002", "DSDECOD": "COMPLETED", "DSTERM": "COMPLETED"}
    quiet = ae(1002, "E1", "GOUT", AESEQ="x", AESER="N")
    run = imported(importer, study, {"DM": DM, "AE": [quiet], "DS": [ds, other]}, check_only=True)
    assert [(subject, domain) for subject, domain, _ in lines(run, importer, Audience.UNBLINDED)] == [
        ("01-701-1001", "DS")
    ]


@pytest.mark.requirement("E6-411")
def test_blinded_readers_are_told_of_it_as_they_may_know_it(importer: User, study: Study) -> None:
    monitor = person(Role.UNBLINDED_MONITOR, study)
    for name in ("AE.AETERM", "AE.AEDECOD"):
        add_rule(
            principal=principal_of(monitor),
            user=monitor,
            study=study,
            kind=RuleKind.VARIABLE.value,
            name=name,
            reason="It names the drug",
        )
    reader = person(Role.MEDICAL_MONITOR, study)
    run = imported(importer, study, events(ae(1001, "E1", "GOUT", AESEQ="x", AESER="Y")), check_only=True)
    assert lines(run, importer, Audience.UNBLINDED) == [("01-701-1001", "AE", "GOUT")]
    assert lines(run, reader, Audience.BLINDED) == [("01-701-1001", "AE", "")]


def test_what_was_assumed_of_a_file_is_in_its_receipt(importer: User, study: Study) -> None:
    content = b"STUDYID;DOMAIN;USUBJID;SUBJID;SITEID;SEX\nS1;DM;01-701-1001;1001;701;F\n"
    others = b"CODE,MEANING\n1,x\n"
    run = finished(
        start_upload(
            principal=principal_of(importer),
            user=importer,
            study=study,
            uploads=[SimpleUploadedFile("dm.csv", content), SimpleUploadedFile("codes.csv", others)],
        )
    )
    files = receipt_for(run, Audience.UNBLINDED).files
    assert [(entry.name, entry.kind, entry.notes) for entry in files] == [
        ("codes.csv", "not read", ("It has no column DOMAIN, expected an SDTM domain, SUPP-- or RELREC dataset.",)),
        ("dm.csv", "records", ("Its fields stand between semicolons.",)),
    ]


@pytest.mark.parametrize(("encoding", "said"), [("", "name its encoding"), ("cp932", "")])
def test_text_of_unknown_encoding_waits_until_a_person_names_it(
    importer: User, study: Study, encoding: str, said: str
) -> None:
    table = "STUDYID,DOMAIN,USUBJID,SUBJID,SITEID,RACE\nS1,DM,01-701-1001,1001,701,頭痛\n"
    run = finished(
        start_upload(
            principal=principal_of(importer),
            user=importer,
            study=study,
            uploads=[SimpleUploadedFile("dm.csv", table.encode("cp932"))],
            encoding=encoding,
        )
    )
    assert said in run.error
    kept = Record.objects.filter(study=study, values__RACE="頭痛").exists()
    assert (run.state, kept) == (("done", True) if encoding else ("refused", False))


def test_an_encoding_that_nobody_knows_is_refused(importer: User, study: Study) -> None:
    with pytest.raises(InvalidInputError, match="expected one of cp1252"):
        start_upload(
            principal=principal_of(importer),
            user=importer,
            study=study,
            uploads=[SimpleUploadedFile("dm.csv", b"x")],
            encoding="utf-7",
        )
    assert not ImportRun.objects.exists()


def test_a_study_that_no_file_names_stays_unbound(importer: User) -> None:
    other = StudyFactory(code="NEW", protocol_id="")
    person_of = client_account(other)
    for content, bound in (
        (b"DOMAIN,USUBJID,SITEID\nDM,01,701\n", ""),
        (b"STUDYID,DOMAIN,USUBJID,SITEID\nS9,DM,01,701\n", "S9"),
    ):
        run = finished(
            start_upload(
                principal=principal_of(person_of),
                user=person_of,
                study=other,
                uploads=[SimpleUploadedFile("dm.csv", content)],
            )
        )
        other.refresh_from_db()
        assert (run.state, other.protocol_id) == ("done", bound)
