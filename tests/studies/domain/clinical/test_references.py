"""A reference says which record and variable it names, and is read back as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.clinical.references import RecordId, Reference

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="."), min_size=1)


@given(record=st.text(min_size=1), variable=NAMES)
def test_a_reference_is_read_back_as_it_was_written(record: str, variable: str) -> None:
    reference = Reference.of(record, variable)
    assert Reference.parse(str(reference)) == reference


@given(record=NAMES)
def test_a_whole_record_has_no_variable(record: str) -> None:
    assert Reference.parse(record) == Reference.of(record)
    assert str(Reference.of(record)) == record


@pytest.mark.parametrize(
    ("text", "record", "variable", "domain"),
    [
        ("AE/7f3k.AEENDTC", "AE/7f3k", "AEENDTC", "AE"),
        ("SUBJECT/01.701.1015.age", "SUBJECT/01.701.1015", "age", "SUBJECT"),
        ("LB/9q", "LB/9q", "", "LB"),
        ("DM", "DM", "", "DM"),
        (".AEOUT", ".AEOUT", "", ".AEOUT"),
        ("", "", "", ""),
    ],
)
def test_texts_are_cut_in_one_way(text: str, record: str, variable: str, domain: str) -> None:
    found = Reference.parse(text)
    assert (found.record, found.variable, found.domain) == (record, variable, domain)


def test_an_id_is_a_domain_and_a_name() -> None:
    assert (RecordId("AE/7f3k").domain, RecordId("AE/7f3k").name) == ("AE", "7f3k")
    assert RecordId("AE/7f3k") == "AE/7f3k"
