"""Numbers of rows are open where they tell nothing: subjects in their order, and no row among them hidden."""

from collections.abc import Sequence

import pytest

from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import SourceFile
from tests.studies.domain.readers.samples import csv_bytes, source_file, subjects
from tests.studies.domain.readers.test_package import relrec, supp

pytestmark = pytest.mark.requirement("E6-411")
PRODUCT = BlindingRules()


def table(domain: str, **columns: Sequence[object]) -> SourceFile:
    height = len(columns["USUBJID"])
    start = {"STUDYID": ["S1"] * height, "DOMAIN": [domain] * height}
    return source_file(f"{domain.lower()}.csv", csv_bytes({**start, **columns}))


def package(*files: SourceFile) -> Package:
    return read_package([subjects("01", "02", "10"), *files])


@pytest.mark.parametrize(
    ("ids", "is_open"),
    [
        (("01", "02", "03"), True),
        (("01", "01", "01"), True),
        (("01", "03", "02"), False),
        (("S-9", "S-10", "S-11"), True),
        (("S-10", "S-11", "S-9"), True),
        (("S-10", "S-9", "S-11"), False),
        (("A-2", "B-1", "A-3"), False),
        (("1-A", "2", "10-B"), True),
        (("S²", "S³"), True),
    ],
)
def test_a_file_in_the_order_of_its_subjects_is_numbered_openly(ids: tuple[str, ...], is_open: bool) -> None:
    read = read_package([subjects(*dict.fromkeys(ids)), table("AE", USUBJID=ids, AETERM=["FALL"] * len(ids))])
    assert ("ae.csv" in read.numbered_openly(PRODUCT)) is is_open


def test_gaps_that_hidden_rows_leave_are_not_shown() -> None:
    ids, tests = ["01", "01", "02"], ["ALT", "CONC", "ALT"]
    results = table("LB", USUBJID=ids, LBTESTCD=tests, LBORRES=["1", "2", "3"])
    assert "lb.csv" in package(results).numbered_openly(PRODUCT)
    assert "lb.csv" not in package(results).numbered_openly(BlindingRules(tests=frozenset({"LB.CONC"})))
    named = table("LB", USUBJID=ids, LBTESTCD=tests, LBTEST=["Alanine", "Drug concentration", "Alanine"])
    assert "lb.csv" not in package(named).numbered_openly(PRODUCT)


def test_what_was_found_of_something_else_hides_the_numbers_where_it_speaks_of_dosing() -> None:
    def findings(result: str) -> SourceFile:
        about = {"FATESTCD": ["OCCUR"] * 2, "FATEST": ["Occurrence"] * 2, "FAOBJ": ["FALL"] * 2}
        return table("FA", USUBJID=["01", "02"], **about, FAORRES=["Y", result])

    assert "fa.csv" in package(findings("N")).numbered_openly(PRODUCT)
    assert "fa.csv" not in package(findings("after dose of 81 mg")).numbered_openly(PRODUCT)


def test_a_refused_row_that_is_hidden_leaves_a_gap_too() -> None:
    rows = {"USUBJID": ["01", "02"], "LBTESTCD": ["ALT", "CONC"], "LBSEQ": ["1", "x"]}
    read = package(table("LB", **rows))
    assert len(read.rejected) == 1
    assert "lb.csv" not in read.numbered_openly(BlindingRules(tests=frozenset({"LB.CONC"})))


def test_comments_on_treatment_close_the_numbers_of_the_file() -> None:
    def comments(second: str) -> SourceFile:
        return table("CO", USUBJID=["01", "02"], RDOMAIN=["AE", second], COVAL=["seen", "seen"], COSEQ=[1, 1])

    assert "co.csv" in package(comments("AE")).numbered_openly(PRODUCT)
    assert "co.csv" not in package(comments("EX")).numbered_openly(PRODUCT)


def test_a_domain_that_tells_treatment_and_what_is_no_record_are_never_numbered_openly() -> None:
    event = table("AE", USUBJID=["01"], AETERM=["FALL"], AESEQ=[1])
    dose = table("EX", USUBJID=["01"], EXTRT=["DRUG"], EXSTDTC=["2013-05-01"])
    kits, links = supp(("AESEQ", "1", "AETRTEM", "Y")), relrec(("AE", "01", "AESEQ", "1", "R1"))
    assert package(event, dose, kits, links).numbered_openly(PRODUCT) == {"dm.csv", "ae.csv"}


def test_subjects_come_by_their_ids_whatever_the_order_of_the_files() -> None:
    assert read_package([subjects("03", "01", "02")]).subject_ids == ["01", "02", "03"]
