"""What a blinded person may not send is refused by its name, before anything that is stored is looked at."""

from typing import Any

import pytest

from apps.core.domain.errors import InvalidInputError
from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.file_names import domain_of_file, open_file_name
from apps.studies.domain.rule_names import checked_name
from apps.studies.domain.writability import NOT_WRITABLE, not_writable

RULES = BlindingRules(variables=frozenset({"VS.VSPOS"}), tests=frozenset({"LB.SECRET"}), words=frozenset({"marzanol"}))


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize(
    ("domain", "values", "variable"),
    [
        ("EX", {"EXDOSE": 54}, "domain"),
        ("QQ", {}, "domain"),
        ("DM", {"SEX": "F", "ARM": "x"}, "ARM"),
        ("DM", {"ARM": None}, "ARM"),
        ("AE", {"AEKITNO": "1"}, "AEKITNO"),
        ("VS", {"VSPOS": "SITTING"}, "VSPOS"),
        ("LB", {"LBTESTCD": "SECRET"}, "LBTESTCD"),
        ("CO", {"RDOMAIN": "EX"}, "RDOMAIN"),
        ("RELREC", {"RDOMAIN": "DM", "IDVAR": "ARM"}, "IDVAR"),
        ("RELREC", {"RDOMAIN": "SE", "IDVAR": "SESEQ"}, "RDOMAIN"),
    ],
)
def test_what_may_tell_a_treatment_is_not_writable(domain: str, values: dict[str, Any], variable: str) -> None:
    assert not_writable(RULES, domain, values) == (variable, NOT_WRITABLE)


@pytest.mark.parametrize(
    ("domain", "values"),
    [
        ("DM", {"SEX": "F", "RFXSTDTC": "2013-01-01"}),
        ("AE", {"AETERM": "marzanol"}),
        ("CO", {"RDOMAIN": "AE", "IDVAR": "AESEQ", "COVAL": "dose halved"}),
        ("CO", {"COREF": "Page 1", "RDOMAIN": None}),
        ("RELREC", {"RDOMAIN": "AE"}),
        ("LB", {"LBTESTCD": "ALT"}),
    ],
)
def test_open_variables_are_writable_whatever_they_say(domain: str, values: dict[str, Any]) -> None:
    assert not_writable(RULES, domain, values) is None


@pytest.mark.parametrize(
    ("name", "domain", "shown"),
    [
        ("ae.xpt", "AE", "ae.xpt"),
        ("suppae.csv", "SUPPAE", "suppae.csv"),
        ("LBCH2.parquet", "LB", "LBCH2.parquet"),
        ("ae_placebo_arm_list.csv", "AE", "AE file"),
        ("placebo.csv", "DM", "DM file"),
        ("ae.placebo", "AE", "AE file"),
        ("ae", "AE", "ae"),
        ("readme.txt", "", "other file"),
    ],
)
def test_a_file_name_that_may_say_more_than_its_domain_is_not_shown(name: str, domain: str, shown: str) -> None:
    assert open_file_name(name, domain) == shown


def test_qualifiers_are_of_their_domain() -> None:
    assert domain_of_file("SUPPAE") == "AE"
    assert domain_of_file("AE") == "AE"
    assert domain_of_file("SUPP") == "SUPP"


@pytest.mark.parametrize(("name", "kept"), [(" lb.drugx ", "LB.DRUGX"), ("FA.FAORRES", "FA.FAORRES")])
def test_a_rule_names_a_domain_and_a_variable_or_test(name: str, kept: str) -> None:
    assert checked_name(name) == kept


@pytest.mark.parametrize("name", ["", "LB", "LB.", "QQ.QQTEST", "LB.DRUG X", "L.B", "LB.DRÜG"])
def test_a_rule_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="expected a domain and a name"):
        checked_name(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("placebo arm/ae.xpt", "ae.xpt"),
        ("unblinded drugx.zip/ae.xpt", "ae.xpt"),
        ("cut.zip/high dose/low/suppae.csv", "suppae.csv"),
        ("/data/marzanol/ae.csv", "ae.csv"),
        ("../drugx/ae1.csv", "ae1.csv"),
        ("placebo.zip/ae_drugx.xpt", "AE file"),
        ("drugx\\ae.xpt", "AE file"),
    ],
)
def test_a_folder_or_an_archive_is_never_named(name: str, shown: str) -> None:
    assert open_file_name(name, "AE") == shown
