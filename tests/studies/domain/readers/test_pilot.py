"""The CDISC pilot study, read whole from both of its forms: figures measured independently on the XPT files."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from apps.studies.domain.arrival import days_of, known_rows
from apps.studies.domain.matching import match_rows, new_record_id
from apps.studies.domain.qualifying import first_qualifying_onset
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import open_source
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value, is_known, label
from tests.pilot.package import ABSENT, IS_HERE, pilot_package

pytestmark = pytest.mark.pilot

_REPOSITORY = Path(__file__).parents[4]
_FOLDER = Path(os.environ.get("CLINICAL_SHARED_DATA", _REPOSITORY.parent / "shared" / "data")) / "cdiscpilot01"


@pytest.fixture(scope="module")
def pilot() -> Package:
    if not IS_HERE:
        pytest.skip(ABSENT)
    return pilot_package()


@pytest.fixture(scope="module")
def xport_pilot() -> Package:
    if not _FOLDER.is_dir():
        pytest.skip("the XPT files of the pilot are not there; set CLINICAL_SHARED_DATA to the folder of cdiscpilot01")
    return read_package(open_source([_FOLDER]))


def all_rows(package: Package) -> Iterator[Row]:
    for subject in package.subject_ids:
        yield from package.rows_of(subject)


def of_domain(package: Package, domain: str) -> list[dict[str, Value]]:
    return [row.values for row in all_rows(package) if row.domain == domain]


def test_every_row_of_the_pilot_is_accepted(pilot: Package) -> None:
    assert sum(account.rows for account in pilot.accounts) == 294_211
    assert sum(account.records for account in pilot.accounts) == 227_647
    assert sum(account.qualifiers for account in pilot.accounts) == 66_564
    assert pilot.rejected == []
    assert len(pilot.subject_ids) == 306
    assert pilot.study_id == "CDISCPILOT01"


def test_records_by_domain_are_those_of_the_study(pilot: Package) -> None:
    counted = Counter(row.domain for row in all_rows(pilot)) + Counter(row.domain for row in pilot.study_rows())
    assert counted == {
        **{"DM": 306, "AE": 961, "CM": 7_510, "DS": 596, "EX": 591, "LB": 59_580, "MH": 1_817, "QS": 121_749},
        **{"RELREC": 211, "SC": 254, "SE": 752, "SV": 3_559, "VS": 29_643},
        **{"TA": 11, "TE": 7, "TI": 31, "TS": 48, "TV": 21},
    }


def test_parquet_and_xport_give_equal_rows(pilot: Package, xport_pilot: Package) -> None:
    assert xport_pilot.rejected == []
    assert pilot.subject_ids == xport_pilot.subject_ids
    for subject in pilot.subject_ids:
        pairs = zip(pilot.rows_of(subject), xport_pilot.rows_of(subject), strict=True)
        assert all(
            (a.domain, a.values, a.number, a.targets) == (b.domain, b.values, b.number, b.targets) for a, b in pairs
        )
    study = [[row.values for row in package.study_rows()] for package in (pilot, xport_pilot)]
    assert study[0] == study[1]


def test_na_is_kept_as_a_result(pilot: Package) -> None:
    assert sum(values.get("QSORRES") == "NA" for values in of_domain(pilot, "QS")) == 1_748


def test_qualifiers_are_in_their_parents(pilot: Package) -> None:
    emergent = Counter(values["AETRTEM"] for values in of_domain(pilot, "AE"))
    assert emergent == {"Y": 910, "N": 51}
    assert sum("LBTMSHI" in values for values in of_domain(pilot, "LB")) == 32_734 + 21_634 + 2_291


def test_events_and_medications_are_fewer_than_their_rows(pilot: Package) -> None:
    assert len({(values["USUBJID"], values["AESPID"]) for values in of_domain(pilot, "AE")}) == 882
    assert len({(values["USUBJID"], values["CMSPID"]) for values in of_domain(pilot, "CM")}) == 1_084


def test_relations_name_the_cause_of_discontinuation(pilot: Package) -> None:
    rows = pilot.rows_of("01-718-1371")
    targets = [rows[target].values for row in rows if row.domain == "RELREC" for target in row.targets]
    assert [(values.get("AESEQ"), values.get("DSSEQ")) for values in targets] == [(3, None), (6, None), (None, 1)]
    related = Counter(row.values["RDOMAIN"] for row in all_rows(pilot) if row.domain == "RELREC")
    assert related == {"AE": 116, "DS": 95}


def test_the_key_of_medications_is_reported_as_not_unique(xport_pilot: Package) -> None:
    note = next(note for note in xport_pilot.key_notes if note.domain == "CM")
    assert "7,341 of 7,510 rows share it" in note.text
    assert xport_pilot.key_of("CM") == ()
    assert xport_pilot.key_of("AE") == ()
    assert xport_pilot.key_of("VS") == ("STUDYID", "USUBJID", "VSTESTCD", "VISITNUM", "VSTPTNUM")


def test_windows_1252_text_is_read(xport_pilot: Package) -> None:
    title = next(row.values["TSVAL"] for row in xport_pilot.study_rows() if row.values.get("TSPARMCD") == "TITLE")
    assert "Alzheimer’s" in str(title)


def test_the_dictionary_knows_every_variable_of_the_pilot(pilot: Package) -> None:
    unknown = [
        (domain, name) for domain, names in pilot.columns.items() for name in names if not is_known(domain, name)
    ]
    assert unknown == []
    assert label("DM", "SAFETY") == "Safety population"


def test_102_subjects_need_a_narrative(pilot: Package) -> None:
    onsets = {subject: first_qualifying_onset(pilot.rows_of(subject)) for subject in pilot.subject_ids}
    assert sum(onset is not None for onset in onsets.values()) == 102
    assert onsets["01-710-1083"] == date(2013, 8, 2)
    assert onsets["01-704-1445"] == date(2014, 10, 31)
    assert onsets["01-705-1186"] is None


@pytest.mark.parametrize("subject", ["01-718-1371", "01-704-1445", "01-701-1211"])
def test_a_replay_ends_with_the_whole_subject(pilot: Package, subject: str) -> None:
    rows = pilot.rows_of(subject)
    days = days_of(rows)
    assert known_rows(rows, days[-1]) == [row.values for row in rows]
    assert known_rows(rows, date.fromordinal(days[0].toordinal() - 1)) == [None] * len(rows)


def test_a_death_is_unknown_the_day_before_it(pilot: Package) -> None:
    rows = pilot.rows_of("01-710-1083")
    known = [values for values in known_rows(rows, date(2013, 8, 1)) if values is not None]
    assert not any({"DTHFL", "DTHDTC", "AESDTH"} & values.keys() and values.get("AESDTH") != "N" for values in known)
    assert not any(values.get("AEOUT") == "FATAL" or values.get("DSDECOD") == "DEATH" for values in known)


def test_the_whole_pilot_matches_itself_from_its_other_form(pilot: Package, xport_pilot: Package) -> None:
    taken: set[str] = set()
    for subject in pilot.subject_ids[::10]:
        by_domain: dict[str, dict[str, dict[str, Value]]] = {}
        for row in pilot.rows_of(subject):
            record_id = new_record_id(row.domain, "PILOT", subject, row.values, taken, secret=b"key")
            taken.add(record_id)
            by_domain.setdefault(row.domain, {})[record_id] = row.values
        for domain, existing in by_domain.items():
            incoming = [row.values for row in xport_pilot.rows_of(subject) if row.domain == domain]
            matches = match_rows(domain, existing, incoming).matches
            assert [match.record_id for match in matches] == list(existing)
