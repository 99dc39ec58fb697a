"""What a blinded person may not write is taken out of their files, and named, before anything is compared with it."""

from collections.abc import Sequence

import pytest

from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import SourceFile
from apps.studies.domain.writability import NOT_WRITABLE
from tests.studies.domain.readers.samples import csv_bytes, events, source_file, subjects

RULES = BlindingRules(variables=frozenset({"AE.AEDOSE", "AE.AECODE"}))


def read(*files: SourceFile) -> Package:
    return read_package([*files, subjects("01")], writable=RULES)


def refused(package: Package) -> list[tuple[int, str, str]]:
    return [(row.number, row.variable, row.reason) for row in package.rejected]


def left_out(package: Package) -> list[tuple[str, str, str]]:
    return [(each.file, each.domain, each.variable) for each in package.left_out]


def qualifiers(*rows: Sequence[str]) -> SourceFile:
    """Qualifiers of event 1 of subject 01: RDOMAIN, QNAM, QVAL."""
    fixed = {"STUDYID": "S1", "USUBJID": "01", "IDVAR": "AESEQ", "IDVARVAL": "1", "QLABEL": "A label"}
    columns = {name: [row[position] for row in rows] for position, name in enumerate(("RDOMAIN", "QNAM", "QVAL"))}
    return source_file(
        "suppae.csv", csv_bytes({**{name: [text] * len(rows) for name, text in fixed.items()}, **columns})
    )


@pytest.mark.requirement("E6-411")
def test_a_hidden_column_is_left_out_and_named_and_its_rows_come_in_without_it() -> None:
    package = read(events(AESEQ=[1], AETERM=["HEADACHE"], AECODE=["A"]))
    assert left_out(package) == [("ae.csv", "AE", "AECODE")]
    assert package.telling_files == {"ae.csv"}
    assert "AECODE" not in package.rows_of("01")[1].values
    assert refused(package) == []


def test_a_hidden_column_without_a_value_is_not_named() -> None:
    package = read(events(AESEQ=[1], AETERM=["HEADACHE"], AECODE=[None]))
    assert (left_out(package), package.telling_files) == ([], set())


def test_a_value_of_a_hidden_column_that_cannot_be_read_is_left_out_without_a_word_about_it() -> None:
    package = read(events(AESEQ=[1, "x"], AETERM=["HEADACHE", "RASH"], AEDOSE=["unreadable", None]))
    assert [(number, variable) for number, variable, _ in refused(package)] == [(2, "AESEQ")]
    assert package.rejected[0].reason != NOT_WRITABLE
    assert (left_out(package), package.refused_cells) == ([("ae.csv", "AE", "AEDOSE")], [])


def test_a_hidden_variable_that_every_row_must_have_refuses_its_row_without_a_word_about_it() -> None:
    hiding = BlindingRules(variables=frozenset({"AE.AETERM"}))
    package = read_package([subjects("01"), events(AESEQ=[1, 2], AETERM=["RASH", "\x07"])], writable=hiding)
    assert refused(package) == [(2, "AETERM", NOT_WRITABLE)]


def test_rows_of_a_hidden_domain_are_refused_whole() -> None:
    columns = {"STUDYID": ["S1"], "DOMAIN": ["EX"], "USUBJID": ["01"], "EXSEQ": [1], "EXDOSE": [54]}
    package = read(source_file("ex.csv", csv_bytes(columns)))
    assert refused(package) == [(1, "DOMAIN", NOT_WRITABLE)]
    assert left_out(package) == []


@pytest.mark.requirement("E6-411")
def test_qualifiers_are_refused_by_their_parent_and_by_their_name_and_others_come_in() -> None:
    package = read(
        events(AESEQ=[1], AETERM=["HEADACHE"]),
        qualifiers(("AE", "AECODE", "A"), ("EX", "EXNOTE", "B"), ("AE", "AECODE", "C"), ("AE", "AETRTEM", "Y")),
    )
    assert refused(package) == [(1, "QNAM", NOT_WRITABLE), (2, "RDOMAIN", NOT_WRITABLE), (3, "QNAM", NOT_WRITABLE)]
    assert left_out(package) == [("suppae.csv", "AE", "AECODE")]
    assert package.rows_of("01")[1].values["AETRTEM"] == "Y"
