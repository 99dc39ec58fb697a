"""Generated histories of one subject: every order of inserts, corrections and withdrawals a ledger can produce."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from apps.studies.domain.changes import Operation, RecordChange

DAYS = ["2013-04-20", "2013-04-26", "2013-05-01", "2013-05", "2013-06-02", "2013"]
SEVERITIES = ["MILD", "MODERATE", "SEVERE"]


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, dict[str, Any], str | None]:
    """Domain, values and target of one record."""
    domain = draw(st.sampled_from(["DM", "AE", "CM", "LB", "SV", "EX", "DS", "RELREC"]))
    return domain, draw(VALUES[domain]), draw(st.sampled_from(["AE/1", "AE/2", "DS/1"])) if domain == "RELREC" else None


def _of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


day = st.sampled_from(DAYS)
VALUES: Mapping[str, st.SearchStrategy[dict[str, Any]]] = {
    "DM": _of(RFSTDTC=day, RFXSTDTC=day, RFXENDTC=day, DTHDTC=day, DTHFL=st.just("Y")),
    "AE": _of(
        AESPID=st.sampled_from(["E1", "E2"]),
        AEDECOD=st.sampled_from(["RASH", "SYNCOPE"]),
        AESEV=st.sampled_from(SEVERITIES),
        AESER=st.sampled_from(["Y", "N"]),
        AESHOSP=st.sampled_from(["Y", "N"]),
        AESTDTC=day,
        AEENDTC=day,
        AEDTC=day,
        AEOUT=st.sampled_from(["RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED", "FATAL"]),
        VISITNUM=st.sampled_from([1, 2]),
    ),
    "CM": _of(
        CMSPID=st.sampled_from(["1", "2"]),
        CMTRT=st.just("ASA"),
        CMINDC=st.sampled_from(["RASH", "PAIN"]),
        CMSTDTC=day,
        CMENDTC=day,
        CMOCCUR=st.sampled_from(["Y", "N"]),
        VISITNUM=st.sampled_from([1, 2, 3]),
    ),
    "LB": _of(
        LBTESTCD=st.sampled_from(["ALT", "BILI", "ALP", "K"]),
        LBSTRESN=st.integers(1, 500),
        LBSTNRHI=st.sampled_from([20, 40]),
        LBDTC=day,
        VISITNUM=st.sampled_from([1, 2, 3]),
    ),
    "SV": _of(VISITNUM=st.sampled_from([1, 2, 3]), SVSTDTC=day),
    "EX": _of(EXDOSE=st.sampled_from([54, 81]), EXDOSU=st.just("mg"), EXSTDTC=day, EXENDTC=day),
    "DS": _of(DSDECOD=st.just("ADVERSE EVENT"), DSSTDTC=day),
    "RELREC": _of(RELID=st.sampled_from(["R1", "R2"])),
}


@st.composite
def histories(draw: st.DrawFn) -> list[RecordChange]:
    """A list of changes as a ledger would hold them: an insert first, then updates, at most one withdrawal each."""
    live: dict[str, tuple[str, dict[str, Any], str | None]] = {}
    changes: list[RecordChange] = []
    for _ in range(draw(st.integers(1, 25))):
        domain, values, target = draw(rows())
        record_id = f"{domain}/{1 if domain == 'DM' else draw(st.integers(1, 4))}"
        if record_id in live and draw(st.booleans()):
            before = live.pop(record_id)
            changes.append(RecordChange(Operation.WITHDRAW, record_id, domain, before[1]))
            continue
        operation = Operation.UPDATE if record_id in live else Operation.INSERT
        live[record_id] = (domain, values, target)
        changes.append(RecordChange(operation, record_id, domain, values, target=target))
    return changes
