"""Which domain and subject a row is of, however its file spells them, and what is kept that no guide lists."""

import pytest

from apps.studies.domain.blinding import PRODUCT_RULES, WHOLE
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import SourceFile
from tests.studies.domain.readers.samples import csv_bytes, source_file, subjects


def reasons(package: Package) -> list[tuple[str, int, str]]:
    return [(refused.file, refused.number, refused.variable) for refused in package.rejected]


def of_domain(domain: str, letters: str) -> SourceFile:
    """A file that names a domain, with a sequence under other letters."""
    table = {"STUDYID": ["S1"], "DOMAIN": [domain], "USUBJID": ["01"], f"{letters}SEQ": [1]}
    return source_file(f"{domain.lower()}.csv", csv_bytes(table))


def test_a_domain_that_no_guide_lists_is_the_sponsors_own_where_its_variables_say_so() -> None:
    package = read_package([of_domain("QQ", "QQ"), of_domain("XA", "XA"), subjects("01")])
    assert [row.domain for row in package.rows_of("01")] == ["DM", "QQ", "XA"]
    notes = {account.domain: account.notes for account in package.accounts}
    assert notes["QQ"] == (
        "QQ is no domain of SDTM; it is kept as the sponsor's own, and hidden from blinded readers.",
    )
    assert notes["XA"] == ()
    assert PRODUCT_RULES.hidden_in("QQ", {"QQTERM": "X"}) == WHOLE


@pytest.mark.parametrize(("domain", "letters"), [("QQ", "AE"), ("Q", "Q"), ("QQQ", "QQQ"), ("9A", "9A")])
def test_a_code_that_is_no_domain_is_refused_row_by_row(domain: str, letters: str) -> None:
    package = read_package([of_domain(domain, letters), subjects("01")])
    assert reasons(package) == [(f"{domain.lower()}.csv", 1, "DOMAIN")]
    assert f"Got the domain '{domain}'" in package.rejected[0].reason


@pytest.mark.parametrize("domain", ["BW", "CL", "MA", "TX"])
def test_a_domain_of_animals_is_left_out_in_one_sentence(domain: str) -> None:
    package = read_package([of_domain(domain, domain), subjects("01")])
    assert [account.notes for account in package.accounts if account.kind == "not read"] == [
        ("It is SEND, of animals; SDTM of persons is read.",)
    ]


def test_blanks_and_small_letters_make_no_other_study_domain_or_subject() -> None:
    table = {"STUDYID": [" S1"], "DOMAIN": ["ae"], "USUBJID": [" 01 "], "AESEQ": [1], "AETERM": ["RASH"]}
    supp = {"STUDYID": ["S1"], "RDOMAIN": ["ae"], "USUBJID": ["01"], "IDVAR": ["aeseq"], "IDVARVAL": [" 1"]}
    files = [
        source_file("ae.csv", csv_bytes(table)),
        source_file("suppae.csv", csv_bytes({**supp, "QNAM": ["aetrtem"], "QVAL": ["Y"]})),
    ]
    (row,) = read_package([*files, subjects("01")]).rows_of("01")[1:]
    assert (row.domain, row.values["AETRTEM"], row.values["STUDYID"]) == ("AE", "Y", "S1")


def test_what_was_observed_of_a_pool_is_a_record_of_the_study() -> None:
    table = {"STUDYID": ["S1"], "DOMAIN": ["LB"], "USUBJID": [""], "POOLID": ["P1"], "LBSEQ": [1], "LBORRES": ["5"]}
    package = read_package([source_file("lb.csv", csv_bytes(table)), subjects("01")])
    assert [(row.domain, row.values["POOLID"]) for row in package.study_rows()] == [("LB", "P1")]
    assert [account.rejected for account in package.accounts] == [0, 0]
