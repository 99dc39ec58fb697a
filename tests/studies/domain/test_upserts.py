"""One submitted record: names checked, identity filled, values merged."""

import pytest

from apps.studies.domain.upserts import FieldError, Submitted, check_names, fill_identity, merge, split_values


def submitted(domain: str = "AE", **values: object) -> Submitted:
    return Submitted(0, domain, "S1", values)


@pytest.mark.parametrize("name", ["aeterm", "AETERMTOOLONG", "AE TERM", "9AE"])
def test_a_name_that_no_variable_can_have_is_refused(name: str) -> None:
    with pytest.raises(FieldError, match="capital letters"):
        check_names(submitted(**{name: "x"}), {})


def test_a_variable_that_the_record_already_has_is_known() -> None:
    check_names(submitted(AEXYZ="x"), {"AEXYZ": "y"})
    with pytest.raises(FieldError, match="spelling"):
        check_names(submitted(AEXYZ="x"), {})


def test_null_and_empty_text_clear() -> None:
    given, cleared = split_values(submitted(AETERM="RASH", AEREL=None, AEOUT=""))
    assert given == {"AETERM": "RASH"}
    assert cleared == {"AEREL", "AEOUT"}
    assert merge({"AEREL": "NONE", "AESEV": "MILD"}, given, cleared) == {"AETERM": "RASH", "AESEV": "MILD"}


def test_identity_is_filled_and_may_not_be_contradicted() -> None:
    filled = fill_identity({}, domain="AE", study_id="T", subject_id="S1")
    assert filled == {"STUDYID": "T", "USUBJID": "S1", "DOMAIN": "AE"}
    assert "DOMAIN" not in fill_identity({}, domain="RELREC", study_id="T", subject_id="S1")
    with pytest.raises(FieldError, match="expected 'S1'"):
        fill_identity({"USUBJID": "S2"}, domain="AE", study_id="T", subject_id="S1")


def test_in_a_study_that_no_import_has_bound_a_studyid_is_the_clients_or_absent() -> None:
    filled = fill_identity({"AETERM": "RASH"}, domain="AE", study_id="", subject_id="S1")
    assert filled == {"AETERM": "RASH", "USUBJID": "S1", "DOMAIN": "AE"}
    assert fill_identity({"STUDYID": "T"}, domain="AE", study_id="", subject_id="S1")["STUDYID"] == "T"
    with pytest.raises(FieldError, match="expected 'T'"):
        fill_identity({"STUDYID": "U"}, domain="AE", study_id="T", subject_id="S1")
