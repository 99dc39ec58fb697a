"""What a blinding rule would reach: counted over what was read, with a few examples, and said when it was not all."""

import unicodedata

import pytest

from apps.studies.models import RuleKind, Study
from apps.studies.selectors import blinding
from apps.studies.selectors.blinding import reach_of
from tests.factories import SiteFactory, StudyFactory, SubjectFactory, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="TRIAL")
    site = SiteFactory(study=found, code="701")
    for number in range(4):
        subject = SubjectFactory(site=site, subject_id=f"S-{number}")
        write(subject, ("LB", {"LBTESTCD": "DRUGX", "LBORRES": str(number), "LBSTRESN": number, "LBDTC": "2013-05-01"}))
    return found


def test_a_rule_on_a_test_reaches_whole_records_and_shows_a_few_of_them(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blinding, "MOST_SHOWN", 2)
    reach = reach_of(study, RuleKind.TEST, "LB.DRUGX")
    assert (reach.places, reach.number, reach.subjects) == ((("LB", 4),), 4, 4)
    assert reach.examples == ("DRUGX, 0, 2013-05-01", "DRUGX, 1, 2013-05-01")
    assert not reach.is_cut_short


def test_a_finding_without_a_result_or_date_is_told_by_what_it_has(study: Study) -> None:
    subject = SubjectFactory(site=study.sites.get(), subject_id="S-9")
    write(subject, ("LB", {"LBTESTCD": "KIT", "LBTEST": "Kit number", "LBSEQ": 1}))
    assert reach_of(study, RuleKind.TEST, "LB.KIT").examples == ("KIT, Kit number",)


@pytest.mark.parametrize(("most", "is_cut_short", "number"), [(3, True, 3), (5, False, 4)])
def test_a_reach_that_was_not_read_to_the_end_says_so(
    study: Study, monkeypatch: pytest.MonkeyPatch, most: int, is_cut_short: bool, number: int
) -> None:
    monkeypatch.setattr(blinding, "MOST_READ", most)
    reach = reach_of(study, RuleKind.VARIABLE, "LB.LBORRES")
    assert (reach.is_cut_short, reach.number) == (is_cut_short, number)
    assert reach.places == (("LB.LBORRES", number),)
    assert set(reach.examples) <= {"0", "1", "2", "3"}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("marzanol", "Rash after MARZANOL, mild"),
        ("marzanol", "Rash after Marza\N{SOFT HYPHEN}nol"),
        ("marzanol", "Rash after \N{FULLWIDTH LATIN CAPITAL LETTER M}arzanol"),
        ("marzanol", "Rash after Mar\N{ZERO WIDTH JOINER}zanol"),
        ("marzanol high", "\N{MICRO SIGN}g of Marzanol\N{NO-BREAK SPACE} High"),
        ("märzanol", "Rash after MÄRZANOL"),
        ("märzanol", "Rash after Ma\N{COMBINING DIAERESIS}rzanol"),
        ("marzoff", "Rash after Marzo\N{LATIN SMALL LIGATURE FF}"),
        ('the "new" one', 'Rash after the "NEW" one'),
        ("a\\b-1", "Rash after A\\B-1"),
    ],
)
def test_a_word_reaches_a_text_in_whatever_letters_it_is_written(study: Study, word: str, text: str) -> None:
    subject = study.subjects.get(subject_id="S-1")
    write(subject, ("AE", {"AETERM": text}), ("AE", {"AETERM": "Headache after 5 \N{MICRO SIGN}g"}))
    reach = reach_of(study, RuleKind.WORD, word)
    assert (reach.places, reach.examples) == ((("AE.AETERM", 1),), (unicodedata.normalize("NFC", text),))


def test_units_alone_do_not_have_every_result_read(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blinding, "MOST_READ", 2)
    subject = study.subjects.get(subject_id="S-1")
    for number in range(3):
        value = {"LBTESTCD": "CREAT", "LBORRES": str(number), "LBORRESU": "\N{MICRO SIGN}mol/L", "LBDTC": "2013-05-02"}
        write(subject, ("LB", value))
    assert not reach_of(study, RuleKind.WORD, "marzanol").is_cut_short
