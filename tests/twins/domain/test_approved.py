"""Derived facts and the lines of lists as they were read and approved: ids, values, units and sources."""

from dataclasses import asdict
from pathlib import Path

from apps.twins.domain.summary import columns_of, summarise
from tests.approved import assert_approved
from tests.narratives.building import death_rows, seizure_rows, twin_of
from tests.narratives.synthetic import synthetic_twin

APPROVED = Path(__file__).parent / "approved"
DOSED = {
    "EX/1": ("EX", {"EXTRT": "X", "EXDOSE": 54, "EXDOSU": "mg", "EXSTDTC": "2013-04-26", "EXENDTC": "2013-05-31"}),
    "EX/2": ("EX", {"EXTRT": "X", "EXDOSE": 81, "EXDOSU": "mg", "EXSTDTC": "2013-06-01", "EXENDTC": "2013-08-01"}),
}
VISITS = {
    "SV/1": ("SV", {"VISIT": "BASELINE", "SVSTDTC": "2013-04-26", "VISITNUM": 3}),
    "SV/2": ("SV", {"VISIT": "WEEK 12", "SVSTDTC": "2013-07-20", "VISITNUM": 9}),
    "SV/3": ("SV", {"VISIT": "UNSCHEDULED 9.1"}),
}
LIVER = {
    f"LB/{number + 10}": (
        "LB",
        {"LBTESTCD": test, "LBSTRESN": value, "LBSTNRHI": 10, "LBDTC": f"2013-05-{number + 10}", "LBSPEC": specimen},
    )
    for number, (test, value, specimen) in enumerate(
        [("ALT", 31, "SERUM"), ("AST", 45, "SERUM"), ("BILI", 22, "SERUM"), ("BILI", 90, "URINE"), ("ALP", 19, "SERUM")]
    )
}


def test_the_derived_facts_of_subjects_are_the_approved_ones() -> None:
    told = []
    for name, twin in (
        ("seizure", twin_of({**seizure_rows(), **DOSED, **VISITS, **LIVER})),
        ("death", twin_of(death_rows())),
        ("seed 7", synthetic_twin(7)),
        ("seed 12", synthetic_twin(12)),
    ):
        told += [f"# {name}", *(repr(fact) for fact in twin.facts.values()), ""]
    assert_approved("\n".join(told), APPROVED / "facts.txt")


def test_the_lines_of_subjects_are_the_approved_ones() -> None:
    twins = [twin_of({**seizure_rows(), **DOSED, **VISITS, **LIVER}), twin_of(death_rows())]
    twins += [synthetic_twin(seed) for seed in range(30)]
    told = [f"{name} = {value!r}" for twin in twins for name, value in (*asdict(summarise(twin)).items(), ("", ""))]
    assert_approved("\n".join(told), APPROVED / "lines.txt")
    assert columns_of(summarise(twins[0]))["serious_count"] == len(summarise(twins[0]).serious_terms)
