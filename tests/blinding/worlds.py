"""Two studies that differ in nothing but treatment: what one answers a blinded person, the other must answer too.

In both, one subject is on the drug and one on placebo; which of them is which is what an attacker wants to know.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.services.jobs import run_job, waiting_jobs
from apps.studies.models import Site, Study, Subject
from apps.twins.selectors import twins
from apps.twins.services.evolving import hot_twins
from tests.factories import SiteFactory, StudyFactory, SubjectFactory, person

ATTACKED, OTHER = "01-701-1001", "01-701-1002"
DRUG = {"ARM": "Marzanol High Dose", "ARMCD": "MARHI", "TRT": "MARZANOL", "DOSE": 81, "ETCD": "MARHI"}
PLACEBO = {"ARM": "Placebo", "ARMCD": "PBO", "TRT": "PLACEBO", "DOSE": 0, "ETCD": "PBO"}
BLINDED = {
    "manager": Role.DATA_MANAGER,
    "author": Role.SAFETY_AUTHOR,
    "physician": Role.SAFETY_PHYSICIAN,
    "monitor": Role.MEDICAL_MONITOR,
    "auditor": Role.AUDITOR,
    "cra": Role.CRA,
}
Treatment = Mapping[str, Any]
Scenario = Callable[["World"], Iterable[tuple[str, str]]]
Records = list[tuple[str, dict[str, Any]]]

# What may differ between two answers that say the same.
_MADE_ANEW = (
    (re.compile(r'csrfmiddlewaretoken"\s+value="[^"]+"|"X-CSRFToken": "[^"]+"|nonce="[^"]+"'), "TOKEN"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?"), "INSTANT"),
    (re.compile(r"\d{1,2} \w{3,9}\.? \d{4}, \d{1,2}(?::\d\d){0,2}(?: [ap]\.m\.)?"), "MOMENT"),
    (re.compile(r"\b\d+(?:\.\d+)?\xa0?s\b"), "SECONDS"),
    # Ids of rows: PostgreSQL counts on where a world was undone.
    (re.compile(r'<option value="\d+">(?=\w+ of it<|WORLD<)'), "<option>"),
    (re.compile(r"/trailentry/\d+/"), "/trailentry/ID/"),
    (re.compile(r"^(?:Expires|Last-Modified|Content-Length): .*$", re.MULTILINE), "HEADER"),
)
_NAMED_ANEW = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\b[0-9a-f]{64}\b|\b[0-9a-f]{10,16}(?=…)|\b[A-Z]{2,6}(?:/|%2F|-)[a-z2-7]{12}\b"
)


@dataclass(slots=True)
class World:
    """One study with its people; ids and hashes in its answers are called by the order in which they were seen."""

    study: Study
    people: Mapping[str, User]
    _names: dict[str, str] = field(default_factory=dict)
    _clients: dict[str, Client] = field(default_factory=dict)

    def as_(self, actor: str) -> Client:
        """The browser or program of one person."""
        if actor not in self._clients:
            client = Client(raise_request_exception=False)
            client.force_login(self.people[actor], backend="django.contrib.auth.backends.ModelBackend")
            self._clients[actor] = client
        return self._clients[actor]

    def get(self, actor: str, path: str, **headers: str) -> str:
        """What an address answers, spelled so that the two worlds can be compared."""
        return self.spelled(self.as_(actor).get(path.format(code=self.study.code), headers=headers))

    def send(self, actor: str, *records: tuple[str, dict[str, Any]], **fields: Any) -> str:
        """What the API answers to records of the attacked subject."""
        subject = fields.pop("subject", ATTACKED)
        headers = fields.pop("headers", {})
        body = [{"domain": domain, "subject_id": subject, "values": values, **fields} for domain, values in records]
        answer = self.as_(actor).post(
            f"/api/v1/studies/{self.study.code}/records/",
            {"reason": "Entered at the site", "records": body},
            content_type="application/json",
            headers=headers,
        )
        return self.spelled(answer)

    def spelled(self, answer: HttpResponseBase) -> str:
        """Status, headers and body, with what is made anew for each answer left out."""
        content = getattr(answer, "content", b"").decode()
        headers = "".join(f"{name}: {value}\n" for name, value in sorted(answer.headers.items()))
        text = f"{answer.status_code}\n{headers}\n{content}"
        for made_anew, name in _MADE_ANEW:
            text = made_anew.sub(name, text)
        return _NAMED_ANEW.sub(lambda found: self._name(found[0]), text)

    def _name(self, given: str) -> str:
        """By the order in which it was first seen; a shortened hash is called like the whole one."""
        given = given.replace("%2F", "/")
        if len(given) < 36 and "/" not in given and given[0].islower():
            given = next((known for known in self._names if known.startswith(given)), given)
        return self._names.setdefault(given, f"<{given[:2] if '/' in given else 'name'} {len(self._names)}>")


def told_apart(scenario: Scenario) -> dict[str, list[str]]:
    """Where the answers of a world in which the attacked subject is on the drug differ from those of the other.

    Each world is made, lived in and undone, so that both have the same names and the same ids.
    """
    ours, theirs = (_lived_in(scenario, *treatments) for treatments in ((DRUG, PLACEBO), (PLACEBO, DRUG)))
    assert ours.keys() == theirs.keys()
    return {name: lines[:6] for name in ours if (lines := differing_lines(ours[name], theirs[name]))}


def _lived_in(scenario: Scenario, attacked: Treatment, other: Treatment) -> dict[str, str]:
    twins.forget_read_twins()
    hot_twins.forget()
    cache.clear()
    with transaction.atomic():
        found = dict(scenario(world_of(attacked, other)))
        transaction.set_rollback(True)
    return found


def world_of(attacked: Treatment, other: Treatment) -> World:
    """A study in which one subject has one treatment and another the other."""
    study: Study = StudyFactory(code="WORLD", protocol_id="S1")
    site: Site = SiteFactory(study=study, code="701")
    people = {name: person(role, study, **_named(name, site, role)) for name, role in BLINDED.items()}
    client = person(Role.INTEGRATOR, study, username="client", printed_name="client of it", is_service_account=True)
    world = World(study, {**people, "client": client})
    for subject_id, treatment in ((ATTACKED, attacked), (OTHER, other)):
        SubjectFactory(site=site, subject_id=subject_id)
        # What is open comes first and is the same in both worlds, whoever is on the drug.
        world.send("client", *open_records(), subject=subject_id)
        for record in hidden_records(treatment):
            said = world.send("client", record, subject=subject_id)
            assert said.startswith("200"), said
        # What is hidden may come in one request with what is not.
        said = world.send("client", *together(treatment), subject=subject_id)
        assert said.startswith("200"), said
    run_waiting()
    return world


def _named(name: str, site: Site, role: Role) -> dict[str, Any]:
    return {"username": name, "printed_name": f"{name} of it", "site": site if role is Role.CRA else None}


def open_records() -> Records:
    """What everybody may see; the same for every subject."""
    person_values = {
        "SUBJID": "1001", "SITEID": "701", "AGE": 69, "AGEU": "YEARS", "SEX": "F", "RFSTDTC": "2013-04-26",
        "RFXSTDTC": "2013-04-26", "RFXENDTC": "2013-08-01", "DMDTC": "2013-04-11",
    }  # fmt: skip
    event = {
        "AESPID": "E01", "AETERM": "SEIZURE", "AEDECOD": "SEIZURE", "AESEV": "SEVERE", "AESER": "Y", "AESHOSP": "Y",
        "AEREL": "NONE", "AEOUT": "RECOVERED/RESOLVED", "AEDTC": "2013-06-05", "AESTDTC": "2013-06-02",
    }  # fmt: skip
    left = {"DSSPID": "D1", "DSCAT": "DISPOSITION EVENT", "DSDECOD": "PHYSICIAN DECISION", "DSSTDTC": "2013-08-02"}
    return [("DM", person_values), ("AE", event), ("DS", left)]


def hidden_records(treatment: Treatment) -> Records:
    """Every kind of place in which treatment stands; on the drug there are more of them."""
    name, dose = treatment["TRT"], treatment["DOSE"]
    records: Records = [
        ("DM", {"ARM": treatment["ARM"], "ARMCD": treatment["ARMCD"], "ACTARM": treatment["ARM"]}),
        ("EX", {"EXTRT": name, "EXDOSE": dose, "EXSTDTC": "2013-04-26", "VISITNUM": 3}),
        ("SE", {"ETCD": treatment["ETCD"], "ELEMENT": treatment["ARM"], "TAETORD": 2, "SESTDTC": "2013-04-26"}),
        ("DS", {"DSSPID": "D1", "DSTERM": f"Left after {dose} mg of {name}"}),
        ("AE", {"AESPID": "E01", "AEACNOTH": f"{name} reduced from {dose}"}),
        ("CO", {"RDOMAIN": "AE", "IDVAR": "AESPID", "IDVARVAL": "E01", "COVAL": f"On {name}, dose kept"}),
        ("SV", {"VISITNUM": 4, "VISIT": "WEEK 4", "SVSTDTC": "2013-05-24", "EPOCH": f"{name} TITRATION"}),
        ("FA", {"FATESTCD": "DOSADJ", "FATEST": "Dose adjusted", "FAOBJ": "Study drug", "FAORRES": str(dose)}),
        ("DV", {"DVSPID": "V1", "DVTERM": f"Took {dose} mg twice", "DVSTDTC": "2013-06-01"}),
    ]
    if dose:
        records += [
            ("EX", {"EXTRT": name, "EXDOSE": 54, "EXSTDTC": "2013-05-24", "VISITNUM": 4}),
            ("CO", {"RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1", "COVAL": "Increased"}),
            ("RELREC", {"RELID": "R1", "RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1"}),
            ("LB", {"LBTESTCD": "MARZ", "LBTEST": "Marzanol concentration", "LBORRES": "12", "LBDTC": "2013-05-24"}),
        ]
    return records


def together(treatment: Treatment) -> Records:
    """What one sample told: a result that everybody sees, and a concentration, which only who is on the drug has."""
    sample = {"LBORRES": "31", "LBORRESU": "U/L", "LBDTC": "2013-06-05", "LBREFID": "SAMPLE1"}
    seen = ("LB", {**sample, "LBTESTCD": "ALT", "LBTEST": "Alanine Aminotransferase"})
    hidden = ("LB", {**sample, "LBTESTCD": "MARZ", "LBTEST": "Marzanol concentration"})
    return [seen, hidden] if treatment["DOSE"] else [seen]


def run_waiting() -> None:
    """Do what waits, as the worker does."""
    while waiting := waiting_jobs():
        for job_id in waiting:
            run_job(job_id)


def attacked_subject(world: World) -> Subject:
    """The subject whose treatment is sought."""
    return Subject.objects.get(study=world.study, subject_id=ATTACKED)


def differing_lines(one: str, other: str) -> list[str]:
    """Where two answers say different things; nothing may be here."""
    marked = difflib.ndiff(one.splitlines(), other.splitlines()) if one != other else ()
    return [_around_difference(line) for line in marked if line[:2] in {"- ", "+ "}]


def _around_difference(line: str) -> str:
    return line if len(line) < 400 else f"{line[:200]} … {line[-200:]}"
