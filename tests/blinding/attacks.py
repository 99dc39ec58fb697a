"""Every way in which a blinded data manager can send the portal a guess."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apps.core.domain.canonical import canonical_json
from tests.blinding.files import Rows, told_of
from tests.blinding.worlds import ATTACKED, DRUG, PLACEBO, World, open_records

Attack = Callable[[World], list[str]]


def plain_digest(domain: str, natural_key: list[tuple[str, Any]]) -> str:
    """The id of a record as an attacker works it out who knows the code but not the installation's secret."""
    content = canonical_json([domain, ATTACKED, natural_key, 0])
    digest = base64.b32encode(hashlib.blake2b(content, digest_size=10).digest()).decode().lower()
    return f"{domain}/{digest[:12]}"


HIDDEN_COMMENT = plain_digest("CO", [("RDOMAIN", "EX"), ("IDVAR", "EXSEQ"), ("IDVARVAL", "1")])
HIDDEN_DOSE = plain_digest("EX", [("EXSTDTC", "2013-04-26"), ("VISITNUM", 3)])


def _guesses() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Name, domain, values and further fields of one record; each for the drug and for placebo."""
    for guess in (DRUG, PLACEBO):
        name, dose = guess["TRT"], guess["DOSE"]
        relations = {
            "ARM": ("DM", "ARM", guess["ARM"]),
            "dose": ("EX", "EXDOSE", str(dose)),
            "name": ("EX", "EXTRT", name),
            "element": ("SE", "ETCD", guess["ETCD"]),
            "action": ("AE", "AEACNOTH", f"{name} reduced from {dose}"),
            "term": ("DS", "DSTERM", f"Left after {dose} mg of {name}"),
            "level": ("LB", "LBORRES", "12"),
            "adjustment": ("FA", "FAORRES", str(dose)),
            "comment": ("CO", "COVAL", f"On {name}, dose kept"),
        }
        for what, (domain, variable, value) in relations.items():
            values = {"RELID": "Z1", "RDOMAIN": domain, "IDVAR": variable, "IDVARVAL": value}
            yield f"relation by {what} {name}", "RELREC", values, {}
        yield f"arm {name}", "DM", {"ARM": guess["ARM"]}, {}
        yield f"arm code {name}", "DM", {"ACTARMCD": guess["ARMCD"]}, {}
        yield f"dose {name}", "EX", {"EXTRT": name, "EXDOSE": dose, "EXSTDTC": "2013-04-26", "VISITNUM": 3}, {}
        yield f"element {name}", "SE", {"ETCD": guess["ETCD"], "TAETORD": 2, "SESTDTC": "2013-04-26"}, {}
        yield f"custom {name}", "XA", {"XASPID": "X1", "XATERM": name}, {}
        yield f"planned order {name}", "AE", {"AESPID": "E01", "TAETORD": 2}, {}
        yield f"term {name}", "DS", {"DSSPID": "D1", "DSTERM": f"Left after {dose} mg of {name}"}, {}
        yield f"action {name}", "AE", {"AESPID": "E01", "AEACNOTH": f"{name} reduced from {dose}"}, {}
        yield f"epoch {name}", "SV", {"VISITNUM": 4, "EPOCH": f"{name} TITRATION"}, {}
        yield f"deviation {name}", "DV", {"DVSPID": "V1", "DVTERM": f"Took {dose} mg twice"}, {}
        yield f"withdrawn term {name}", "DS", {"DSTERM": f"Left after {dose} mg of {name}"}, {"operation": "withdraw"}
    adjusted = {"FATESTCD": "DOSADJ", "FATEST": "Dose adjusted", "FAOBJ": "Study drug", "FAORRES": "81"}
    yield "adjustment", "FA", adjusted, {}
    yield "concentration", "LB", {"LBTESTCD": "MARZ", "LBTEST": "Marzanol", "LBORRES": "12"}, {}
    yield "hidden comment made visible", "CO", {"RDOMAIN": None}, {"key": HIDDEN_COMMENT}
    yield "hidden comment overwritten", "CO", {"COVAL": "Mine"}, {"key": HIDDEN_COMMENT}
    yield "hidden comment withdrawn", "CO", {}, {"key": HIDDEN_COMMENT, "operation": "withdraw"}
    yield "hidden dose withdrawn", "EX", {}, {"key": HIDDEN_DOSE, "operation": "withdraw"}
    comment = {"RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1", "COVAL": "Increased"}
    yield "comment on a dose", "CO", comment, {}
    yield "comment withdrawn by its key", "CO", comment, {"operation": "withdraw"}
    for number in (1, 2, 3):
        taken = {"COREF": f"Page {number}", "COVAL": "Seen", "COSEQ": number}
        yield f"comment number {number}", "CO", taken, {}
    yield "comment without a number", "CO", {"COREF": "Page 9", "COVAL": "Seen"}, {}
    yield "result without a number", "LB", {"LBTESTCD": "ALT", "LBORRES": "20", "LBDTC": "2013-05-24"}, {}


def record_attacks() -> Iterator[tuple[str, Attack]]:
    """Guesses through the records API, alone, with preconditions and repeated under one key."""
    for name, domain, values, fields in _guesses():
        yield f"records: {name}", lambda world, d=domain, v=values, f=fields: [world.send("manager", (d, v), **f)]  # type: ignore[misc]
    arm = ("DM", {"ARM": DRUG["ARM"]})
    for header, value in {"If-Match": '"2"', "Idempotency-Key": "guess"}.items():
        yield f"records: with {header}", lambda w, h={header: value}: [w.send("manager", arm, headers=h)] * 2  # type: ignore[misc]
    yield "records: order of guesses", lambda w: [w.send("manager", arm, ("DM", {"ARM": PLACEBO["ARM"]}))]


def _files() -> Iterator[tuple[str, Mapping[str, Rows]]]:
    """Cuts that a blinded person puts together from what they see, and a guess."""
    whole = dict(open_records())
    seen = {"STUDYID": "S1", "USUBJID": ATTACKED}
    for guess in (DRUG, PLACEBO):
        name, dose = guess["TRT"], guess["DOSE"]
        yield f"arm {name}", {"DM": [{**seen, **whole["DM"], "ARM": guess["ARM"]}]}
        every_arm = {"ARMCD": guess["ARMCD"], "ACTARM": guess["ARM"], "ACTARMCD": guess["ARMCD"]}
        yield f"all arms {name}", {"DM": [{**seen, **whole["DM"], "ARM": guess["ARM"], **every_arm}]}
        dosed = {"EXSEQ": 1, "EXTRT": name, "EXDOSE": dose, "EXSTDTC": "2013-04-26", "VISITNUM": 3}
        yield f"dose {name}", {"EX": [{**seen, **dosed}]}
        element = {"SESEQ": 1, "ETCD": guess["ETCD"], "ELEMENT": guess["ARM"], "TAETORD": 2, "SESTDTC": "2013-04-26"}
        yield f"element {name}", {"SE": [{**seen, **element}]}
        term = {**whole["DS"], "DSSEQ": 1, "DSTERM": f"Left after {dose} mg of {name}"}
        yield f"term {name}", {"DS": [{**seen, **term}]}
        event = {**seen, **whole["AE"], "AESEQ": 1, "AEACNOTH": f"{name} reduced from {dose}"}
        yield f"action {name}", {"AE": [event]}
        qualifier = {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "1", "QLABEL": "Kit", "QVAL": f"kit of {name}"}
        yield f"qualifier {name}", {"AE": [event], "SUPPAE": [{**seen, **qualifier, "QNAM": "AEKITNO"}]}
        relation = {"RELID": "R1", "RDOMAIN": "EX", "IDVAR": "EXDOSE", "IDVARVAL": str(dose)}
        yield f"relation {name}", {"RELREC": [{**seen, **relation}]}
        yield f"custom {name}", {"XA": [{**seen, "XASEQ": 1, "XASPID": "X1", "XATERM": name}]}
    comment = {"COSEQ": 1, "RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1", "COVAL": "Increased"}
    yield "comment", {"CO": [{**seen, **comment}]}
    level = {"LBSEQ": 1, "LBTESTCD": "MARZ", "LBTEST": "Marzanol plasma concentration", "LBORRES": "12"}
    yield "concentration", {"LB": [{**seen, **level, "LBDTC": "2013-05-24"}]}


def import_attacks(formats: tuple[str, ...], *, dry_run: bool) -> Iterator[tuple[str, Attack]]:
    """Guesses as files of every format, checked only or taken in, with all that is told of the run."""
    kind = "check" if dry_run else "import"
    for name, cut in _files():
        for suffix in formats:
            yield f"{kind}: {name} as {suffix}", lambda w, c=cut, s=suffix: told_of(w, c, s, dry_run=dry_run)  # type: ignore[misc]
