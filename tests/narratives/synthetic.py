"""Subjects made up by a seeded generator: wide in what is recorded, missing, partial or odd."""

import random
from datetime import date, timedelta

from apps.studies.domain.clinical.seriousness import CRITERIA
from apps.studies.domain.variables import Value
from apps.twins.domain.twin import Twin
from tests.narratives.building import Rows, relation, result, twin_of

TERMS = (
    "SYNCOPE", "MYOCARDIAL INFARCTION", "APPLICATION SITE PRURITUS", "HALLUCINATION, VISUAL", "HIP FRACTURE",
    "PARTIAL SEIZURES WITH SECONDARY GENERALISATION", "DIARRHOEA", "URINARY TRACT INFECTION", "PALPITATIONS",
    "BLOOD GLUCOSE INCREASED", "ATRIOVENTRICULAR BLOCK SECOND DEGREE", "CONFUSIONAL STATE", "EPISTAXIS",
    "VITAMIN B12 DEFICIENCY", "COLON CANCER", "PARKINSON'S DISEASE", "OEDEMA PERIPHERAL", "PAIN IN EXTREMITY",
)  # fmt: skip
HISTORY = ("HYPERTENSION", "GLAUCOMA", "CATARACT OPERATION", "HYSTERECTOMY", "FALL", "ARTHRITIS", "DIABETES MELLITUS")
DRUGS = ("ASA", "VITAMIN E", "HYDROCORTISONE, TOPICAL", "TYLENOL W/CODEINE NO. 3", "NEOSPORIN /USA/", "PREMARIN")
TESTS = (
    ("ALT", "Alanine Aminotransferase", "U/L", 6, 34), ("BILI", "Bilirubin", "umol/L", 3, 21),
    ("SODIUM", "Sodium", "mmol/L", 132, 147), ("WBC", "Leukocytes", "10^9/L", 3.8, 10.7),
    ("MCV", "Ery. Mean Corpuscular Volume", "fL", 80, 100),
)  # fmt: skip
DECISIONS = (
    "COMPLETED", "ADVERSE EVENT", "ADVERSE EVENT", "DEATH", "WITHDRAWAL BY SUBJECT", "PHYSICIAN DECISION",
    "LOST TO FOLLOW-UP", "LACK OF EFFICACY", "PROTOCOL DEVIATION", "STUDY TERMINATED BY SPONSOR", "SITE CLOSED",
)  # fmt: skip


def synthetic_twin(seed: int) -> Twin:
    """The twin of a made-up subject; equal seeds give equal subjects."""
    return twin_of(synthetic_rows(seed), subject_id=subject_of(seed))


def subject_of(seed: int) -> str:
    """Subject id of a seed."""
    return f"02-{seed % 900 + 100}-{seed % 9000 + 1000}"


def synthetic_rows(seed: int) -> Rows:
    """The records of a made-up subject."""
    chance = random.Random(seed)
    first = date(2013, 1, 1) + timedelta(days=chance.randrange(400))
    last = first + timedelta(days=chance.randrange(1, 180))
    rows: Rows = {"DM/1": ("DM", _demographics(chance, seed, first, last))}
    rows["MH/0"] = ("MH", _sparse({"MHCAT": "PRIMARY DIAGNOSIS", "MHTERM": "ALZHEIMER'S DISEASE",
                                   "MHSTDTC": _maybe_date(chance, first - timedelta(days=700))}))  # fmt: skip
    if chance.random() < 0.1:
        del rows["MH/0"]
    for number in range(chance.randrange(5)):
        category = chance.choice(["HISTORICAL DIAGNOSIS", "SIGNIFICANT PRE-EXISTING CONDITION"])
        began = _maybe_date(chance, first - timedelta(days=chance.randrange(300, 9000)))
        rows[f"MH/{number + 1}"] = (
            "MH",
            _sparse({"MHCAT": category, "MHDECOD": chance.choice(HISTORY), "MHSTDTC": began}),
        )
    events = chance.randrange(0, 5)
    for number in range(events):
        rows.update(_event(chance, number, first, last))
    for number in range(chance.randrange(5)):
        rows[f"CM/{number}"] = ("CM", _medication(chance, number, first))
    for number in range(chance.randrange(7)):
        rows[f"LB/{number}"] = ("LB", _result(chance, first))
    if chance.random() < 0.85:
        decision = chance.choice(DECISIONS)
        rows["DS/1"] = ("DS", _sparse({"DSCAT": "DISPOSITION EVENT", "DSDECOD": decision,
                                       "DSSTDTC": chance.choice([last.isoformat(), None])}))  # fmt: skip
        if decision == "ADVERSE EVENT" and events and chance.random() < 0.8:
            rows.update(relation("R1", "AE/0-0", "DS/1"))
    return rows


def _demographics(chance: random.Random, seed: int, first: date, last: date) -> dict[str, Value]:
    died = last + timedelta(days=chance.randrange(3)) if chance.random() < 0.15 else None
    return _sparse(
        {
            "USUBJID": subject_of(seed),
            "AGE": chance.choice([8, 18, 51, 69, 80, 89, None]),
            "AGEU": chance.choice(["YEARS", "YEARS", "YEARS", "MONTHS"]),
            "SEX": chance.choice(["F", "M", "F", "M", "U", None]),
            "RACE": chance.choice(["WHITE", "ASIAN", "BLACK OR AFRICAN AMERICAN", "OTHER", None]),
            "RFSTDTC": first.isoformat(),
            "RFXSTDTC": chance.choice([first.isoformat()] * 6 + [None]),
            "RFXENDTC": chance.choice([last.isoformat()] * 6 + [None]),
            "RFENDTC": (last + timedelta(days=chance.randrange(4))).isoformat(),
            "DTHFL": "Y" if died else None,
            "DTHDTC": died.isoformat() if died and chance.random() < 0.8 else None,
        }
    )


def _event(chance: random.Random, number: int, first: date, last: date) -> Rows:
    onset = first + timedelta(days=chance.randrange(-20, (last - first).days + 25))
    outcome = chance.choice(
        ["RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE", "FATAL", "UNKNOWN",
         "RECOVERING/RESOLVING", "LOST", None]
    )  # fmt: skip
    term = chance.choice(TERMS)
    values: dict[str, Value | None] = {
        "AESPID": f"E{number}",
        "AETERM": chance.choice([term, f"reported {term.lower()} <b>now</b>", "felt unwell"]),
        "AEDECOD": chance.choice([term] * 9 + [None]),
        "AEREL": chance.choice(
            ["NONE", "REMOTE", "POSSIBLE", "PROBABLE", "RELATED", "UNLIKELY RELATED", "DOUBTFUL", None]
        ),
        "AEOUT": outcome,
        "AESER": chance.choice(["Y", "N", "N", None]),
        "AEACN": chance.choice(
            ["DRUG WITHDRAWN", "DOSE NOT CHANGED", "DRUG INTERRUPTED", "NOT APPLICABLE", None, None]
        ),
        "AESTDTC": _maybe_date(chance, onset),
        "AEENDTC": _maybe_date(chance, onset + timedelta(days=chance.randrange(12))),
    }
    for criterion in CRITERIA:
        values[criterion] = "Y" if chance.random() < 0.12 else None
    rows: Rows = {}
    for step in range(chance.choice([1, 1, 1, 2])):
        graded = {"AESEV": chance.choice(["MILD", "MODERATE", "SEVERE", "GRADE 4", None]), "AESEQ": number * 10 + step}
        collected = (onset + timedelta(days=10 * step + 5)).isoformat()
        rows[f"AE/{number}-{step}"] = ("AE", _sparse({**values, **graded, "AEDTC": collected}))
    return rows


def _medication(chance: random.Random, number: int, first: date) -> dict[str, Value]:
    return _sparse(
        {
            "CMSPID": str(number),
            "CMTRT": chance.choice(DRUGS),
            "CMDOSE": chance.choice([1, 2, 0.625, 1250, None]),
            "CMDOSU": chance.choice(["mg", "TABLET", None]),
            "CMDOSFRQ": chance.choice(["QD", "BID", "PRN", "Q2W", None]),
            "CMROUTE": chance.choice(["ORAL", "TOPICAL", "DENTAL", None]),
            "CMSTDTC": _maybe_date(chance, first + timedelta(days=chance.randrange(-400, 60))),
            "CMENDTC": None if chance.random() < 0.6 else (first + timedelta(days=90)).isoformat(),
        }
    )


def _result(chance: random.Random, first: date) -> dict[str, Value]:
    code, name, unit, low, high = chance.choice(TESTS)
    value = round(chance.uniform(low * 0.7, high * 1.6), 2)
    flag = "HIGH" if value > high else "LOW" if value < low else "NORMAL"
    collected = first + timedelta(days=chance.randrange(120))
    return result(code, name, value, unit, low, high, flag) | {"LBDTC": f"{collected.isoformat()}T09:15"}


def _maybe_date(chance: random.Random, on: date) -> str | None:
    return chance.choice([on.isoformat()] * 7 + [on.isoformat()[:7], on.isoformat()[:4], None])


def _sparse(values: dict[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
