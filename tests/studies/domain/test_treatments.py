"""The names of treatments that a package brings, and those of changes that are about to be written."""

from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.readers.package import read_package
from apps.studies.domain.treatments import with_words, words_in, words_said
from tests.studies.domain.readers.samples import csv_bytes, source_file

DM = source_file(
    "dm.csv",
    csv_bytes(
        {"STUDYID": ["S1"], "DOMAIN": ["DM"], "USUBJID": ["01"], "ARM": ["Zolpaxin high"], "ACTARMCD": ["ZOLHI"]}
    ),
)
EX = source_file(
    "ex.csv", csv_bytes({"STUDYID": ["S1"], "DOMAIN": ["EX"], "USUBJID": ["01"], "EXSEQ": [1], "EXTRT": ["ZOLPAXIN"]})
)


def test_arms_and_study_drugs_of_a_package_are_names_of_treatments() -> None:
    words = words_in(read_package([DM, EX]))
    assert {"zolpaxin", "zolhi"} <= {word for phrase in words for word in phrase.split()}


def test_they_are_added_to_the_words_that_a_study_has() -> None:
    rules = with_words(BlindingRules(words=frozenset({"marker"})), read_package([DM, EX]))
    assert rules.words == {"marker"} | words_in(read_package([DM, EX]))
    assert "zolhi" in rules.words


def test_only_variables_that_name_treatments_are_read_from_changes() -> None:
    dosed = RecordChange(Operation.INSERT, "EX/1", "EX", {"EXTRT": "Zolpaxin", "EXDOSE": 5, "EXLOC": "ARM LEFT"})
    event = RecordChange(Operation.INSERT, "AE/1", "AE", {"AETERM": "HEADACHE", "ARM": "NOT HERE"})
    said = words_said([dosed, event])
    assert "zolpaxin" in said
    assert not any(word in phrase for phrase in said for word in ("left", "headache", "here"))
