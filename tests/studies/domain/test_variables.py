"""The variable dictionary: numbers, dates, labels, and what blinded readers may see."""

import pytest

from apps.studies.domain.domain_codes import DOMAINS, DomainClass, domain_entry, is_custom_domain
from apps.studies.domain.variables import (
    BlindingClass,
    PrivacyClass,
    blinding_class,
    domain_is_hidden,
    domain_label,
    is_date,
    is_known,
    is_known_domain,
    is_numeric,
    is_of_study,
    is_sequence,
    label,
    privacy_class,
    sections_of,
)


@pytest.mark.parametrize(
    ("domain", "variable"),
    [
        ("AE", "AESEQ"),
        ("AE", "AEBDSYCD"),
        ("AE", "AESOCCD"),
        ("CM", "CMDOSE"),
        ("DM", "AGE"),
        ("DM", "DMDY"),
        ("LB", "LBSTRESN"),
        ("LB", "LBSTNRHI"),
        ("SV", "VISITNUM"),
        ("TA", "TAETORD"),
        ("TS", "TSSEQ"),
        ("VS", "VSTPTNUM"),
        ("XA", "XASEQ"),
    ],
)
def test_variables_that_sdtm_defines_as_numbers_are_numeric(domain: str, variable: str) -> None:
    assert is_numeric(domain, variable)


@pytest.mark.parametrize(
    ("domain", "variable"),
    [
        ("LB", "LBORRES"),
        ("LB", "LBORNRHI"),
        ("LB", "LBSTRESC"),
        ("DM", "SUBJID"),
        ("RELREC", "IDVARVAL"),
        ("AE", "CMSEQ"),
    ],
)
def test_other_variables_are_text(domain: str, variable: str) -> None:
    assert not is_numeric(domain, variable)


def test_dates_are_known_by_their_ending() -> None:
    assert is_date("AESTDTC")
    assert is_date("RFXENDTC")
    assert not is_date("DTC")
    assert not is_date("AESTDY")


def test_a_sequence_number_is_one_of_its_own_domain_only() -> None:
    assert is_sequence("AE", "AESEQ")
    assert not is_sequence("RELREC", "AESEQ")


@pytest.mark.parametrize("domain", ["AE", "LB", "RELREC", "GF", "XQ", "Z9", "YA"])
def test_domains_of_sdtm_and_of_sponsors_are_known(domain: str) -> None:
    assert is_known_domain(domain)


@pytest.mark.parametrize("domain", ["", "QQ", "X", "XYZ", "ae", "X-", "SUPPAE"])
def test_other_codes_are_not_domains(domain: str) -> None:
    assert not is_known_domain(domain)
    assert domain_label(domain) == domain
    assert sections_of(domain) == "other"


def test_every_domain_of_the_table_has_a_label_of_its_own() -> None:
    labels = [entry.label for entry in DOMAINS.values()]
    assert len(set(labels)) == len(labels)


def test_a_sponsor_domain_is_placed_in_its_own_class() -> None:
    entry = domain_entry("XA")
    assert entry is not None
    assert entry.observation_class is DomainClass.CUSTOM


def test_trial_design_is_told_from_subject_data() -> None:
    assert is_of_study("TS")
    assert not is_of_study("SE")
    assert not is_of_study("XA")


@pytest.mark.parametrize(
    ("domain", "section"),
    [
        ("DM", "demographics"),
        ("SV", "visits"),
        ("EX", "exposure"),
        ("AE", "adverse_events"),
        ("CM", "medications"),
        ("LB", "laboratory"),
        ("VS", "vital_signs"),
        ("QS", "questionnaires"),
        ("MH", "history"),
        ("DS", "disposition"),
        ("RELREC", "relations"),
        ("PE", "other"),
    ],
)
def test_a_record_belongs_to_the_section_of_its_domain(domain: str, section: str) -> None:
    assert sections_of(domain) == section


@pytest.mark.parametrize(
    ("domain", "variable", "text"),
    [
        ("AE", "AESTDTC", "Onset date"),
        ("AE", "AETRTEM", "Treatment-emergent"),
        ("LB", "LBSTRESN", "Numeric result"),
        ("LB", "LBTMSHI", "Multiple of upper limit of normal"),
        ("DM", "RFXSTDTC", "First dose date"),
        ("MH", "MHDECOD", "Standard term"),
        ("LB", "WHATEVER", "WHATEVER"),
        ("QQ", "QQTERM", "QQTERM"),
    ],
)
def test_labels_are_plain_english_and_fall_back_to_the_name(domain: str, variable: str, text: str) -> None:
    assert label(domain, variable) == text


@pytest.mark.parametrize("variable", ["ARM", "ARMCD", "ACTARM", "ACTARMCD", "ARMNRS", "ACTARMUD"])
def test_the_arm_is_treatment_wherever_it_stands(variable: str) -> None:
    assert blinding_class("DM", variable) is BlindingClass.TREATMENT
    assert blinding_class("TV", variable) is BlindingClass.TREATMENT


@pytest.mark.parametrize("domain", ["EX", "EC", "DA", "PC", "PP", "SE", "TA", "TE", "TI", "TS", "XA", "QQ"])
def test_domains_that_reveal_treatment_are_hidden_whole(domain: str) -> None:
    assert blinding_class(domain, "VISIT") is BlindingClass.TREATMENT
    assert domain_is_hidden(domain)


def test_a_variable_the_dictionary_does_not_know_is_hidden() -> None:
    assert not is_known("AE", "RANDCODE")
    assert blinding_class("AE", "RANDCODE") is BlindingClass.TREATMENT
    assert blinding_class("LB", "LBUNBLND") is BlindingClass.TREATMENT


@pytest.mark.parametrize("domain", ["AE", "LB", "SV", "DS"])
@pytest.mark.parametrize("variable", ["TAETORD", "ETCD", "ELEMENT", "ARM", "ACTARMCD"])
def test_which_arm_or_where_in_it_is_hidden_in_any_domain(domain: str, variable: str) -> None:
    assert blinding_class(domain, variable) is BlindingClass.TREATMENT


@pytest.mark.parametrize(("domain", "variable"), [("AE", "TSVAL"), ("LB", "COVAL"), ("CM", "EXTRT"), ("AE", "DTHFL")])
def test_a_name_of_another_domain_means_nothing_here(domain: str, variable: str) -> None:
    assert not is_known(domain, variable)
    assert blinding_class(domain, variable) is BlindingClass.TREATMENT


@pytest.mark.parametrize(
    ("domain", "variable", "expected"),
    [
        ("AE", "USUBJID", PrivacyClass.SUBJECT_ID),
        ("RELREC", "RELID", PrivacyClass.SUBJECT_ID),
        ("DM", "SITEID", PrivacyClass.SITE),
        ("DM", "AGE", PrivacyClass.DEMOGRAPHIC),
        ("AE", "AESTDTC", PrivacyClass.DATE),
        ("AE", "AETERM", PrivacyClass.FREE_TEXT),
        ("CO", "COVAL", PrivacyClass.FREE_TEXT),
        ("AE", "NOTKNOWN", PrivacyClass.FREE_TEXT),
        ("AE", "AESEV", PrivacyClass.PLAIN),
        ("LB", "LBSTRESN", PrivacyClass.PLAIN),
    ],
)
def test_a_variable_has_a_privacy_class(domain: str, variable: str, expected: PrivacyClass) -> None:
    assert privacy_class(domain, variable) is expected


@pytest.mark.parametrize("code", ["XA", "YB", "Z1"])
def test_a_domain_of_a_sponsors_own_begins_with_x_y_or_z(code: str) -> None:
    assert is_custom_domain(code)


@pytest.mark.parametrize("code", ["Xa", "xA", "xa", "X", "XAB", "AX", "X_", "XÄ", "X²", ""])
def test_other_codes_are_no_sponsors(code: str) -> None:
    assert not is_custom_domain(code)
    assert domain_entry(code) is None
