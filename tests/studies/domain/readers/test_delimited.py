"""Delimited text as R, SAS and spreadsheets write it: what is missing, what is in between, what is no data."""

import pytest

from apps.studies.domain.readers.delimited import read_csv
from apps.studies.domain.readers.package import Package, read_package
from tests.studies.domain.readers.samples import source_file, subjects


def package(content: str, name: str = "qs.csv") -> Package:
    return read_package([subjects("01"), source_file(name, content.encode())])


def values(content: str, name: str = "qs.csv") -> list[dict[str, object]]:
    return [dict(row.values) for row in package(content, name).rows_of("01")[1:]]


HEAD = "STUDYID,DOMAIN,USUBJID,QSSEQ,QSTESTCD,QSORRES,QSSTRESN,QSDTC"


def quoted(line: str) -> str:
    return ",".join(f'"{cell}"' for cell in line.split(","))


def test_r_quotes_text_and_not_what_is_missing() -> None:
    content = f'{quoted(HEAD)}\n"S1","QS","01",1,"A","NA",NA,NA\n"S1","QS","01",2,"B",NA,2.5,"2013-01-01"\n'
    first, second = values(content)
    assert (first["QSORRES"], "QSSTRESN" in first, "QSDTC" in first) == ("NA", False, False)
    assert ("QSORRES" in second, second["QSSTRESN"], second["QSDTC"]) == (False, 2.5, "2013-01-01")


def test_in_a_file_that_quotes_nothing_na_is_missing_of_numbers_and_dates_alone() -> None:
    (row,) = values(f"{HEAD}\nS1,QS,01,1,A,NA,NA,NA\n")
    assert (row["QSORRES"], "QSSTRESN" in row, "QSDTC" in row) == ("NA", False, False)


@pytest.mark.parametrize("missing", [".", "NA", "NaN", "NULL", " . "])
def test_words_for_a_missing_number_are_blank(missing: str) -> None:
    (row,) = values(f"{HEAD}\nS1,QS,01,1,A,5,{missing},{missing}\n")
    assert not {"QSSTRESN", "QSDTC"} & row.keys()
    assert package(f"{HEAD}\nS1,QS,01,1,A,5,{missing},\n").refused_cells == []


def test_na_within_quotes_and_across_lines_stays() -> None:
    content = f'{quoted(HEAD)}\n"S1","QS","01",1,"A","one,NA,\nNA,""NA"",",NA,NA\n"S1","QS","01",2,"B","NA",NA,NA\n'
    first, second = values(content)
    assert first["QSORRES"] == 'one,NA,\nNA,"NA",'
    assert second["QSORRES"] == "NA"


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_fields_may_stand_between_other_signs_which_is_said(separator: str, name: str) -> None:
    content = f"{HEAD}\nS1,QS,01,1,A,5,6,2013-01-01\n".replace(",", separator)
    (row,) = values(content)
    assert (row["QSSEQ"], row["QSSTRESN"]) == (1, 6)
    assert package(content).accounts[1].notes == (f"Its fields stand between {name}.",)


def test_between_semicolons_a_comma_is_that_of_a_number() -> None:
    content = f"{HEAD}\nS1,QS,01,1,A,x,7.5,2013-01-01\n".replace(",", ";").replace("7.5", "7,5")
    assert values(content)[0]["QSSTRESN"] == 7.5
    (fault,) = package(content.replace("7,5", "1.007,5")).refused_cells
    assert fault.variable == "QSSTRESN"


def test_names_of_rows_are_left_out_and_said() -> None:
    named = f",{HEAD}\n1,S1,QS,01,1,A,5,6,\n2,S1,QS,01,2,B,5,6,\n"
    unnamed = f"{HEAD}\nr1,S1,QS,01,1,A,5,6,\nr2,S1,QS,01,2,B,5,6,\n"
    for content in (named, unnamed, named.replace(",STUDYID", "Unnamed: 0,STUDYID", 1)):
        assert [row["QSSEQ"] for row in values(content)] == [1, 2]
        assert package(content).accounts[1].notes == ("Its first column has no name and was left out.",)


def test_an_empty_tail_and_empty_columns_are_no_data() -> None:
    content = f"{HEAD},,\nS1,QS,01,1,A,5,6,,,\n" + ",,,,,,,,,\n" * 40
    assert len(values(content)) == 1
    assert package(content).rejected == []
    assert package(content).accounts[1].notes == (
        "40 empty rows at its end were left out.",
        "2 columns without a name or a value were left out.",
    )


def test_an_empty_row_between_others_is_refused_for_itself() -> None:
    refused = package(f"{HEAD}\n,,,,,,,\nS1,QS,01,1,A,5,6,\n").rejected
    assert [(row.number, row.variable) for row in refused] == [(1, "STUDYID")]


def test_a_ragged_row_at_the_end_is_a_fault_and_no_empty_tail() -> None:
    frame = read_csv("ae.csv", b"AETERM,AESEQ\nA,1\n,,\n,\n")
    assert (frame.height, list(frame.faults), frame.notes) == (2, [1], ("1 empty rows at its end were left out.",))


def test_a_column_without_a_name_that_has_values_is_left_out_and_said() -> None:
    content = f"{HEAD},,Site Name\nS1,QS,01,1,A,5,6,,x,Rome\n"
    (row,) = values(content)
    assert set(row) == {"STUDYID", "DOMAIN", "USUBJID", "QSSEQ", "QSTESTCD", "QSORRES", "QSSTRESN"}
    notes = [note for account in package(content).accounts for note in account.notes]
    assert notes == ["2 columns were left out, because their names are not such as USUBJID: '', 'SITE NAME'."]
