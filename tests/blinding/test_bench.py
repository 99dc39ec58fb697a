"""The blinding bench: whatever a blinded person asks or sends, the answer is the same whoever is on the drug.

Evidence for E6-411. Two worlds differ in treatment alone; each attack is carried out in both, and the answers, their
numbers and all that can be read afterwards must be equal but for ids, hashes and times.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from pytest_django.fixtures import Settings

from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version
from apps.studies.models import Record
from apps.studies.services import ledger
from tests.architecture.test_access_matrix import MATRIX
from tests.blinding.attacks import Attack, import_attacks, record_attacks
from tests.blinding.files import upload
from tests.blinding.worlds import (
    ATTACKED,
    BLINDED,
    DRUG,
    OTHER,
    PLACEBO,
    World,
    attacked_subject,
    open_records,
    run_waiting,
    told_apart,
    world_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E6-411")]

QUERIES = [
    *(f"/studies/{{code}}/subjects/?q={quote(str(text))}" for text in (DRUG["TRT"], PLACEBO["TRT"], "1001", "81")),
    *(f"/studies/{{code}}/subjects/?sort={name}" for name in ("subject", "-changed", "status", "ARM", "values__ARM")),
    *(f"/api/v1/studies/{{code}}/subjects/?search={quote(str(text))}" for text in (DRUG["ARM"], "1001")),
    "/api/v1/studies/{code}/subjects/?ordering=records__values__ARM&ARM=Placebo",
]
TWIN = f"/api/v1/studies/{{code}}/subjects/{ATTACKED}/twin/"
READS = [f"{TWIN}?version={n}" for n in range(8)] + [
    *(f"{TWIN}diff/?from={n}" for n in range(8)),
    *(f"{TWIN}changes/?since={n}" for n in range(8)),
    f"{TWIN}?at=2100-01-01T00:00:00Z",
    f"/studies/{{code}}/subjects/{ATTACKED}/panels/value/?record=DM/aaaaaaaaaaaa&variable=ARM",
]
# Libraries' and platform's own tables, and what names a row of the trail by its number.
NOT_OF_A_STUDY = ("api/v1/docs", "health", "admin/r/", "admin/accounts/", "admin/core/")


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.IMPORT_FILES_DIR = tmp_path


def furnished(world: World) -> World:
    """The world with a narrative, and with what only files bring: a qualifier, rows between rows."""
    dose = Record.objects.filter(subject=attacked_subject(world), domain="EX").order_by("pk")[0].values
    name = dose["EXTRT"]
    seen = {"STUDYID": "S1", "USUBJID": ATTACKED}
    event = {**seen, **dict(open_records())["AE"], "AESEQ": 1}
    kit = {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "1", "QNAM": "AEKITNO", "QVAL": f"kit {name}"}
    custom = {**seen, "XASEQ": 1, "XASPID": "X1", "XATERM": name}
    supp = {**seen, **kit, "QLABEL": "Kit"}
    upload(world, "client", {"AE": [event], "SUPPAE": [supp], "XA": [custom], "LB": _laboratory_cut(world)}, "csv")
    address = f"/api/v1/studies/{world.study.code}/narratives/"
    world.as_("author").post(address, {"subject_id": ATTACKED}, content_type="application/json")
    run_waiting()
    return world


def _laboratory_cut(world: World) -> list[dict[str, object]]:
    """A cut in which concentrations, which only who is on the drug has, stand between what everybody sees."""
    doses = Record.objects.filter(study=world.study, values__EXTRT=DRUG["TRT"]).select_related("subject")
    on_drug = {dose.subject.subject_id for dose in doses if dose.subject is not None}
    start = {"STUDYID": "S1", "LBORRES": "29", "LBDTC": "2013-06-19", "LBREFID": "SAMPLE2"}
    return [
        {**start, "USUBJID": subject, "LBSEQ": number, "LBTESTCD": code, "LBTEST": test}
        for subject in (ATTACKED, OTHER)
        for number, (code, test) in enumerate((("MARZ", "Marzanol level"), ("AST", "Aspartate")), start=1)
        if code == "AST" or subject in on_drug
    ]


def carried_out(world: World, attacks: Iterable[tuple[str, Attack]]) -> Iterator[tuple[str, str]]:
    """What each attack is answered, and then what the attacker can read."""
    furnished(world)
    for name, attack in attacks:
        for number, answer in enumerate(attack(world)):
            yield f"{name} [{number}]", answer
    yield from everything_read(world, "manager")


def everything_read(world: World, role: str) -> Iterator[tuple[str, str]]:
    """What a reader is shown at every address of the portal."""
    for path in [*_addresses(), *QUERIES, *READS]:
        yield path, world.get(role, _filled(world, path))


def _addresses() -> list[str]:
    rows = [row for row in MATRIX if row.method == "GET" and not row.route.startswith(NOT_OF_A_STUDY)]
    return list(dict.fromkeys(row.path for row in rows if "{entry}" not in row.path and "999999" not in row.path))


def _filled(world: World, path: str) -> str:
    narrative = Narrative.objects.get(study=world.study)
    version, run = latest_version(narrative), world.study.imports.order_by("number")[0]
    assert version is not None
    return path.format(
        code=world.study.code,
        subject=ATTACKED,
        narrative=narrative.pk,
        review=version.review.pk,
        run=run.pk,
        number=run.number,
        record=Record.objects.get(subject=attacked_subject(world), domain="AE").record_id,
    )


@pytest.mark.parametrize("role", BLINDED)
def test_nothing_that_can_be_read_tells_who_is_on_the_drug(role: str) -> None:
    assert told_apart(lambda world: everything_read(furnished(world), role)) == {}


def test_no_record_that_is_sent_tells_it() -> None:
    assert told_apart(lambda world: carried_out(world, record_attacks())) == {}


@pytest.mark.parametrize("dry_run", [True, False], ids=["checked", "imported"])
def test_no_file_that_is_sent_tells_it(dry_run: bool) -> None:
    formats = ("csv", "parquet", "xpt") if dry_run else ("csv",)
    assert told_apart(lambda world: carried_out(world, import_attacks(formats, dry_run=dry_run))) == {}


def test_no_narrative_tells_it() -> None:
    def written(world: World) -> Iterator[tuple[str, str]]:
        narrative = Narrative.objects.get(study=furnished(world).study)
        address = f"/api/v1/narratives/{narrative.pk}/"
        for act in ("refresh", "submit"):
            yield act, world.spelled(world.as_("author").post(f"{address}{act}/"))
            run_waiting()
        for role in BLINDED:
            yield role, world.get(role, address)

    assert told_apart(written) == {}


def test_no_value_tells_by_where_it_came_from_who_has_concentrations() -> None:
    def read(world: World) -> Iterator[tuple[str, str]]:
        seen = Record.objects.filter(study=furnished(world).study, values__LBTESTCD="AST").select_related("subject")
        for record in seen.order_by("subject__subject_id"):
            assert record.subject is not None
            subject = f"/studies/{{code}}/subjects/{record.subject.subject_id}/"
            for role in BLINDED:
                yield f"{role} {record.record_id}", world.get(role, f"{subject}?value={record.record_id}.LBORRES")

    assert told_apart(read) == {}


def test_no_hash_tells_how_much_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows all else that a hash binds could try the numbers of what is hidden until it fits."""
    monkeypatch.setattr(ledger, "timezone", SimpleNamespace(now=lambda: datetime(2030, 6, 1, 12, tzinfo=UTC)))

    def hashes(world: World) -> Iterator[tuple[str, str]]:
        furnished(world)
        for role in BLINDED:
            for number in range(1, attacked_subject(world).blinded_version + 1):
                found = world.as_(role).get(f"{TWIN}?version={number}".format(code=world.study.code)).json()["sha256"]
                assert len(found) == 64
                yield f"{role} {number}", found

    assert told_apart(hashes) == {}


def test_what_was_hidden_stays_as_it_was_under_every_attack() -> None:
    world = furnished(world_of(DRUG, PLACEBO))
    before = _hidden(world)
    for _, attack in [*record_attacks(), *import_attacks(("csv",), dry_run=False)]:
        attack(world)
    after = _hidden(world)
    assert len(before) >= 8
    assert {key: after[key] for key in before} == before


def _hidden(world: World) -> dict[str, dict[str, object]]:
    """Treatment as an unblinded program reads it: hidden records, and the arms of the subject."""
    answer = world.as_("client").get(f"/api/v1/studies/{world.study.code}/subjects/{ATTACKED}/twin/")
    nodes = {node["id"]: node["values"] for node in answer.json()["nodes"]}
    hidden = {key: values for key, values in nodes.items() if key[:2] in {"EX", "SE", "XA", "FA"}}
    arms = {key: {n: v for n, v in values.items() if "ARM" in n} for key, values in nodes.items() if key[:2] == "DM"}
    comments = {key: values for key, values in nodes.items() if values.get("RDOMAIN") == "EX"}
    return {**hidden, **arms, **comments}
