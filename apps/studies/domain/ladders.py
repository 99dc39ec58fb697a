"""Key ladders: by which variables, strongest first, the product recognises a record of each domain in another cut.

A rung applies to a row only when its first variable is there. ``--SEQ`` is on no rung: it numbers the rows of one cut.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from apps.studies.domain.domain_codes import DomainClass, domain_entry

TARGET_IDS: Final = "TARGET_IDS"
"""Pseudo-variable of RELREC: the record ids its row points at, joined by a blank, put there by who resolved them."""

Rung = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rungs of one domain, and what an update of a few rows may change without becoming another record.

    With the same sponsor identifier ``tolerance`` variables of the rungs may differ, without it only ``soft`` ones.
    """

    rungs: tuple[Rung, ...]
    sponsor_ids: tuple[str, ...] = ()
    tolerance: int = 0
    soft: frozenset[str] = frozenset()

    @property
    def variables(self) -> tuple[str, ...]:
        """Every variable that is on some rung, in order of first use."""
        return tuple(dict.fromkeys(name for rung in self.rungs for name in rung))


_WHOLE: Final[dict[str, Ladder]] = {
    "DM": Ladder((("USUBJID",),)),
    "SV": Ladder((("VISITNUM", "SVSTDTC"), ("VISITNUM",), ("VISIT", "SVSTDTC"), ("SVSTDTC",))),
    "SE": Ladder((("TAETORD", "SESTDTC"), ("ETCD", "SESTDTC"), ("SESTDTC", "SEENDTC"), ("SESTDTC",), ("ETCD",))),
    "CO": Ladder((("RDOMAIN", "IDVAR", "IDVARVAL", "COREF"), ("COREF",), ("COVAL",))),
    "TA": Ladder((("ARMCD", "TAETORD"), ("ARMCD", "EPOCH", "ETCD"))),
    "TE": Ladder((("ETCD",),)),
    "TI": Ladder((("IETESTCD", "TIVERS"), ("IETESTCD",))),
    "TS": Ladder((("TSPARMCD", "TSVAL"), ("TSPARMCD",))),
    "TV": Ladder((("VISITNUM", "ARMCD"), ("VISITNUM",), ("VISIT", "ARMCD"))),
    "RELREC": Ladder((("RELID", TARGET_IDS), ("RELID", "RDOMAIN", "IDVAR", "IDVARVAL"))),
}

_SUFFIXES: Final[dict[str, tuple[str, ...]]] = {
    # A sponsor may write a row for each severity of an event, all under its AESPID.
    "AE": ("SPID SEV STDTC", "SPID STDTC", "SPID SEV", "SPID", "TERM STDTC", "TERM"),
    # A medication may be repeated at each visit under its CMSPID: the visit tells these rows apart.
    "CM": ("SPID VISITNUM STDTC", "SPID VISITNUM", "SPID", "TRT STDTC VISITNUM", "TRT STDTC", "TRT VISITNUM"),
    "DS": ("SPID DECOD", "CAT DECOD STDTC", "DECOD STDTC", "CAT DECOD", "DECOD", "CAT STDTC"),
    "MH": ("SPID TERM", "SPID", "TERM CAT STDTC", "TERM STDTC", "TERM CAT", "DECOD STDTC"),
    "EX": ("SPID STDTC", "STDTC VISITNUM TRT", "STDTC", "VISITNUM TRT", "VISITNUM"),
    "EC": ("SPID STDTC", "STDTC VISITNUM TRT", "STDTC", "VISITNUM TRT", "VISITNUM"),
}
_EVENTS: Final = ("SPID STDTC", "SPID", "TERM CAT STDTC", "TERM STDTC", "TERM")
_INTERVENTIONS: Final = ("SPID VISITNUM", "SPID", "TRT STDTC VISITNUM", "TRT STDTC", "TRT VISITNUM")
_FINDINGS: Final = (
    "TESTCD CAT SCAT OBJ SPEC METHOD POS LOC LAT EVAL DTC VISITNUM TPTNUM TPT",
    "REFID TESTCD CAT",
    "SPID TESTCD CAT",
    "TESTCD CAT DTC TPTNUM POS",
    "TESTCD CAT VISITNUM TPTNUM POS",
)
_BY_CLASS: Final[dict[DomainClass, tuple[str, ...]]] = {
    DomainClass.EVENTS: _EVENTS,
    DomainClass.INTERVENTIONS: _INTERVENTIONS,
    DomainClass.FINDINGS: _FINDINGS,
}
_ANY_CLASS: Final = (*_FINDINGS, *_EVENTS, *_INTERVENTIONS)
_UNPREFIXED: Final = frozenset({"VISITNUM"})
_EVENT_TOLERANCE: Final = 1
"""An update may correct the onset or the term of an event; a row with another onset and severity is one more row."""


@lru_cache(maxsize=256)
def ladder_of(domain: str) -> Ladder:
    """Key ladder of a domain: its own, else that of its observation class, else every class's in turn."""
    if domain in _WHOLE:
        return _WHOLE[domain]
    entry = domain_entry(domain)
    by_class = _ANY_CLASS if entry is None else _BY_CLASS.get(entry.observation_class, _ANY_CLASS)
    rungs = tuple(_named(domain, rung) for rung in _SUFFIXES.get(domain, by_class))
    is_event = entry is not None and entry.observation_class is DomainClass.EVENTS
    sponsor_ids = (f"{domain}SPID", f"{domain}REFID")
    return Ladder(rungs, sponsor_ids, _EVENT_TOLERANCE if is_event else 0, frozenset({f"{domain}SEV"}))


def _named(domain: str, rung: str) -> Rung:
    return tuple(part if part in _UNPREFIXED else f"{domain}{part}" for part in rung.split())
