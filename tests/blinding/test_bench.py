"""The blinding bench: whatever a blinded person asks or sends, the answer is the same whoever is on the drug.

Evidence for E6-411. Two worlds differ in treatment alone; each attack is carried out in both, and the answers, their
numbers and all that can be read afterwards must be equal but for ids, hashes and times.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from pytest_django.fixtures import Settings

from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version
from apps.studies.models import Record
from tests.architecture.test_access_matrix import MATRIX
from tests.blinding.attacks import Attack, import_attacks, record_attacks
from tests.blinding.files import upload
from tests.blinding.worlds import (
    ATTACKED,
    BLINDED,
    DRUG,
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
    """The world with a narrative, and with what only files bring: a qualifier and a sponsor's domain."""
    dose = Record.objects.filter(subject=attacked_subject(world), domain="EX").order_by("pk")[0].values
    name = dose["EXTRT"]
    seen = {"STUDYID": "S1", "USUBJID": ATTACKED}
    event = {**seen, **dict(open_records())["AE"], "AESEQ": 1}
    kit = {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "1", "QNAM": "AEKITNO", "QVAL": f"kit {name}"}
    custom = {**seen, "XASEQ": 1, "XASPID": "X1", "XATERM": name}
    upload(world, "client", {"AE": [event], "SUPPAE": [{**seen, **kit, "QLABEL": "Kit"}], "XA": [custom]}, "csv")
    address = f"/api/v1/studies/{world.study.code}/narratives/"
    world.as_("author").post(address, {"subject_id": ATTACKED}, content_type="application/json")
    run_waiting()
    return world


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
