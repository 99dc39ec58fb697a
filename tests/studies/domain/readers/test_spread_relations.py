"""RELREC of whole datasets: what agrees in --LNKID belongs together, subject by subject."""

import pytest

from apps.studies.domain.readers.package import Package, read_package
from tests.studies.domain.readers.samples import csv_bytes, source_file, subjects


def table(domain: str, subject_ids: list[str], links: list[object]) -> object:
    count = len(subject_ids)
    fixed = {"STUDYID": ["S1"] * count, "DOMAIN": [domain] * count, "USUBJID": subject_ids}
    columns = {**fixed, f"{domain}SEQ": list(range(1, count + 1)), f"{domain}LNKID": links}
    return source_file(f"{domain.lower()}.csv", csv_bytes(columns))


def relations(*sides: tuple[str, str, str]) -> object:
    columns = {
        "STUDYID": ["S1"] * len(sides),
        "RDOMAIN": [domain for _, domain, _ in sides],
        "USUBJID": [""] * len(sides),
        "IDVAR": [variable for _, _, variable in sides],
        "IDVARVAL": [""] * len(sides),
        "RELTYPE": ["ONE"] * len(sides),
        "RELID": [relation for relation, _, _ in sides],
    }
    return source_file("relrec.csv", csv_bytes(columns))


def package(*files: object) -> Package:
    return read_package([subjects("01", "02"), *files])  # type: ignore[list-item]


def related(read: Package, subject_id: str) -> list[set[tuple[str, object]]]:
    """Groups of related rows of a subject, each by domain and sequence."""
    rows = read.rows_of(subject_id)
    groups: dict[object, set[tuple[str, object]]] = {}
    for row in rows:
        if row.domain == "RELREC":
            found = {(rows[target].domain, rows[target].values[f"{rows[target].domain}SEQ"]) for target in row.targets}
            groups.setdefault(row.values["RELID"], set()).update(found)
    return sorted(groups.values(), key=sorted)


BOTH = relations(("R1", "AE", "AELNKID"), ("R1", "DS", "DSLNKID"))


def test_rows_with_the_same_value_are_related_within_their_subject() -> None:
    read = package(table("AE", ["01", "01", "02"], ["A", "B", "A"]), table("DS", ["01", "02"], ["B", "A"]), BOTH)
    assert related(read, "01") == [{("AE", 2), ("DS", 1)}]
    assert related(read, "02") == [{("AE", 3), ("DS", 2)}]


def test_one_may_belong_to_many() -> None:
    read = package(table("AE", ["01", "01"], ["A", "A"]), table("DS", ["01"], ["A"]), BOTH)
    assert related(read, "01") == [{("AE", 1), ("AE", 2), ("DS", 1)}]


@pytest.mark.parametrize("links", [["B"], [""]])
def test_what_agrees_with_nothing_is_related_to_nothing(links: list[object]) -> None:
    read = package(table("AE", ["01"], ["A"]), table("DS", ["01"], links), BOTH)
    assert related(read, "01") == []
    assert related(package(table("AE", ["01"], [""]), table("DS", ["01"], [""]), BOTH), "01") == []


def test_two_relations_do_not_mix() -> None:
    other = relations(
        ("R1", "AE", "AELNKID"), ("R1", "DS", "DSLNKID"), ("R2", "MH", "MHLNKID"), ("R2", "DS", "DSLNKID")
    )
    read = package(table("AE", ["01"], ["A"]), table("DS", ["01"], ["A"]), table("MH", ["01"], ["A"]), other)
    assert related(read, "01") == [{("AE", 1), ("DS", 1)}, {("DS", 1), ("MH", 1)}]


def test_the_rows_of_the_file_are_counted_once_and_belong_to_the_study() -> None:
    read = package(table("AE", ["01"], ["A"]), table("DS", ["01"], ["A"]), BOTH)
    account = next(account for account in read.accounts if account.name == "relrec.csv")
    assert (account.rows, account.records, account.rejected) == (2, 2, 0)
    assert [(row.values["IDVAR"], row.is_counted) for row in read.study_rows()] == [
        ("AELNKID", True),
        ("DSLNKID", True),
    ]
    spread = [row for row in read.rows_of("01") if row.domain == "RELREC"]
    assert [
        (row.is_counted, row.file, row.number, row.values["IDVARVAL"], row.values["USUBJID"]) for row in spread
    ] == [
        (False, "relrec.csv", 1, "A", "01"),
        (False, "relrec.csv", 2, "A", "01"),
    ]


def test_of_three_datasets_those_are_related_that_have_the_value() -> None:
    three = relations(("R1", "AE", "AELNKID"), ("R1", "DS", "DSLNKID"), ("R1", "MH", "MHLNKID"))
    read = package(table("AE", ["01"], ["A"]), table("DS", ["01"], ["A"]), table("MH", ["01"], ["B"]), three)
    assert related(read, "01") == [{("AE", 1), ("DS", 1)}]


def test_a_relation_that_names_a_row_is_of_that_row_alone() -> None:
    """Beside one of whole datasets, with the same variable and the same identifier."""
    columns = {
        "STUDYID": ["S1"] * 2,
        "RDOMAIN": ["AE", "DS"],
        "USUBJID": ["01", "01"],
        "IDVAR": ["AELNKID", "DSLNKID"],
        "IDVARVAL": ["A", "B"],
        "RELID": ["R2", "R2"],
    }
    named = source_file("relrec.csv", csv_bytes(columns))
    read = package(table("AE", ["01", "01"], ["A", "B"]), table("DS", ["01", "01"], ["A", "B"]), named)
    assert related(read, "01") == [{("AE", 1), ("DS", 2)}]
