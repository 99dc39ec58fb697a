"""Twins made up for a test, row by row."""

from collections.abc import Mapping

from apps.narratives.domain.facts.extract import extract_facts
from apps.narratives.domain.facts.fact_set import FactSet
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.variables import Value
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin

SUBJECT = "01-999-0001"

# What a study of these rows has received, whether this subject has a record of it or not.
RECEIVED = frozenset({"AE", "CM", "DM", "DS", "LB", "MH"})

Rows = dict[str, tuple[str, dict[str, Value]]]


def seizure_rows() -> Rows:
    """A subject with a serious, unrelated seizure who stopped for site irritation."""
    return {
        "DM/1": (
            "DM",
            {
                "USUBJID": SUBJECT,
                "AGE": 69,
                "AGEU": "YEARS",
                "SEX": "F",
                "RACE": "WHITE",
                "RFSTDTC": "2013-04-26",
                "RFENDTC": "2013-08-08",
                "RFXSTDTC": "2013-04-26",
                "RFXENDTC": "2013-08-01",
            },
        ),
        "MH/1": ("MH", {"MHCAT": "PRIMARY DIAGNOSIS", "MHTERM": "ALZHEIMER'S DISEASE", "MHSTDTC": "2013-02-04"}),
        "MH/2": (
            "MH",
            {"MHCAT": "HISTORICAL DIAGNOSIS", "MHTERM": "X", "MHDECOD": "HIATUS HERNIA", "MHSTDTC": "1993"},
        ),
        "MH/3": (
            "MH",
            {"MHCAT": "SIGNIFICANT PRE-EXISTING CONDITION", "MHTERM": "VERBATIM_0233", "MHDECOD": "DIZZINESS"},
        ),
        "AE/1": (
            "AE",
            _event("E11", "PARTIAL SEIZURES WITH SECONDARY GENERALISATION", "SEVERE", "NONE", "RECOVERED/RESOLVED")
            | {"AESER": "Y", "AESHOSP": "Y", "AESTDTC": "2013-06-02", "AEENDTC": "2013-06-05", "AEDTC": "2013-06-20"},
        ),
        "AE/2": (
            "AE",
            _event("E08", "APPLICATION SITE IRRITATION", "MILD", "PROBABLE", "NOT RECOVERED/NOT RESOLVED")
            | {"AESTDTC": "2013-05-24", "AEDTC": "2013-05-24", "AESEQ": 3},
        ),
        "AE/3": (
            "AE",
            _event("E08", "APPLICATION SITE IRRITATION", "MODERATE", "PROBABLE", "NOT RECOVERED/NOT RESOLVED")
            | {"AESTDTC": "2013-05-24", "AEDTC": "2013-08-08", "AESEQ": 6},
        ),
        "AE/4": (
            "AE",
            _event("E13", "HALLUCINATION, VISUAL", "MODERATE", "POSSIBLE", "RECOVERED/RESOLVED")
            | {"AESTDTC": "2013-06-02", "AEENDTC": "2013-06-03", "AEDTC": "2013-06-20"},
        ),
        "CM/1": (
            "CM",
            {
                "CMSPID": "1",
                "CMTRT": "ASA",
                "CMDOSE": 325,
                "CMDOSU": "mg",
                "CMDOSFRQ": "BID",
                "CMROUTE": "ORAL",
                "CMSTDTC": "2011",
            },
        ),
        "CM/2": (
            "CM",
            {
                "CMSPID": "2",
                "CMTRT": "HYDROCORTISONE, TOPICAL",
                "CMDOSE": 1,
                "CMDOSU": "TABLET",
                "CMDOSFRQ": "QD",
                "CMROUTE": "TOPICAL",
                "CMSTDTC": "2013-05-24",
                "CMENDTC": "2013-06-20",
            },
        ),
        "LB/1": ("LB", result("BILI", "Bilirubin", 124.83, "umol/L", 3, 21, "HIGH") | {"LBDTC": "2013-05-24T10:05"}),
        "LB/2": ("LB", result("ALB", "Albumin", 30, "g/L", 35, 46, "LOW") | {"LBDTC": "2013-05-24T10:05"}),
        "LB/3": ("LB", result("SODIUM", "Sodium", 136, "mmol/L", 132, 147, "NORMAL") | {"LBDTC": "2013-05-24"}),
        "DS/1": (
            "DS",
            {"DSCAT": "DISPOSITION EVENT", "DSDECOD": "ADVERSE EVENT", "DSSTDTC": "2013-08-08", "DSDTC": "2013-08-08"},
        ),
        **relation("R1", "AE/2", "AE/3", "DS/1"),
    }


def death_rows() -> Rows:
    """A man who died: the flag contradicts the criteria, and dates disagree with each other."""
    return {
        "DM/1": (
            "DM",
            {
                "USUBJID": SUBJECT,
                "AGE": 75,
                "AGEU": "YEARS",
                "SEX": "M",
                "RACE": "BLACK OR AFRICAN AMERICAN",
                "RFSTDTC": "2014-05-11",
                "RFENDTC": "2014-11-02",
                "RFXSTDTC": "2014-05-11",
                "RFXENDTC": "2014-11-01",
                "DTHDTC": "2014-11-01",
                "DTHFL": "Y",
            },
        ),
        "MH/1": ("MH", {"MHCAT": "PRIMARY DIAGNOSIS", "MHTERM": "ALZHEIMER'S DISEASE"}),
        "AE/1": (
            "AE",
            _event("E01", "COMPLETED SUICIDE", "SEVERE", "NONE", "FATAL")
            | {"AESDTH": "Y", "AESTDTC": "2014-10-31", "AEENDTC": "2014-10-31", "AEDTC": "2014-11-03"},
        ),
        "DS/1": ("DS", {"DSCAT": "DISPOSITION EVENT", "DSDECOD": "DEATH", "DSSTDTC": "2014-11-01"}),
    }


def facts_in(twin: Twin) -> FactSet:
    """The facts of a twin in a study that has received every domain that narratives ask."""
    return extract_facts(twin, RECEIVED)


def twin_of(rows: Mapping[str, tuple[str, Mapping[str, Value]]], subject_id: str = SUBJECT) -> Twin:
    """The twin of a subject with these records; the value `RELTARGET` of a RELREC row names its record."""
    changes = [
        RecordChange(
            Operation.INSERT,
            record_id,
            domain,
            {name: value for name, value in values.items() if name != "RELTARGET"},
            target=str(values["RELTARGET"]) if domain == "RELREC" else None,
        )
        for record_id, (domain, values) in rows.items()
    ]
    return DigitalTwinFactory().build(subject_id, changes)


def changed(rows: Rows, record_id: str, **values: Value | None) -> Rows:
    """The rows with one record changed; None clears a value."""
    domain, before = rows.get(record_id, (record_id.partition("/")[0], {}))
    merged = {**before, **values}
    return {**rows, record_id: (domain, {name: value for name, value in merged.items() if value is not None})}


def without(rows: Rows, *record_ids: str) -> Rows:
    """The rows without some records."""
    return {record_id: row for record_id, row in rows.items() if record_id not in record_ids}


def relation(relation_id: str, *record_ids: str) -> Rows:
    """RELREC rows that relate records."""
    return {
        f"RELREC/{relation_id}-{number}": ("RELREC", {"RELID": relation_id, "RELTARGET": record_id})
        for number, record_id in enumerate(record_ids)
    }


def result(test: str, name: str, value: float, unit: str, low: float, high: float, flag: str) -> dict[str, Value]:
    """Values of a laboratory result."""
    return {
        "LBTESTCD": test,
        "LBTEST": name,
        "LBSTRESN": value,
        "LBSTRESU": unit,
        "LBSTNRLO": low,
        "LBSTNRHI": high,
        "LBNRIND": flag,
    }


def _event(sponsor_id: str, term: str, severity: str, causality: str, outcome: str) -> dict[str, Value]:
    return {
        "AESPID": sponsor_id,
        "AETERM": term,
        "AEDECOD": term,
        "AESEV": severity,
        "AEREL": causality,
        "AEOUT": outcome,
        "AESER": "N",
    }
