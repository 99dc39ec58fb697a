"""The OpenAPI document tells the truth: what it allows is answered as it says, what it forbids is refused.

Requests are made from the document alone: one for each boundary that it names, and others at random, the same in every
run. They are sent to the portal as people of every kind; what they change is undone.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation

from apps.core.models import Job, JobState
from tests.architecture.portal import Portal, small_portal

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("TRUTH_EXAMPLES", "8"))
# Integrator; blinded and unblinded readers; an author, who may draft; nobody's rights, all rights to none; nobody.
ACTORS = ("client", "monitor", "unblinded", "author", "stranger", "superuser", "anonymous")
ALLOWED, FORBIDDEN = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
# What is well formed may still be refused for what it says, never for how it is said.
ANSWERS_TO_ALLOWED = ["2xx", "304", "401", "403", "404", "409", "412", "422"]
TOKEN = "t" * 32


@dataclass(slots=True)
class Found:
    """What contradicted the document, each kind once, and how each operation was answered."""

    wrong: dict[tuple[str, str, int], str] = field(default_factory=dict)
    statuses: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


@pytest.fixture
def portal(settings: Any, tmp_path: Any) -> Portal:
    settings.IMPORT_FILES_DIR = tmp_path
    portal = small_portal()
    Job.objects.filter(pk=portal.run.job_id).update(state=JobState.FAILED, is_dead_letter=True)
    return portal


@pytest.fixture
def portal_app() -> Iterator[Any]:
    """The portal as a server runs it, within the transaction of a test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    portal = get_wsgi_application()

    def answered(environ: Any, start_response: Any) -> list[bytes]:
        answer = portal(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            # A server closes each answer, and with it the files of the request.
            answer.close()

    yield answered
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def document(db: None) -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    return found


@pytest.fixture
def api(document: dict[str, Any], portal_app: Any) -> Any:
    checks = {"positive_data_acceptance": {"expected-statuses": ANSWERS_TO_ALLOWED}}
    found = schemathesis.openapi.from_dict(closed(document), config=SchemathesisConfig.from_dict({"checks": checks}))
    found.app = portal_app
    return found


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with every answer but a problem held to the members that are described."""
    for component in document["components"]["schemas"].values():
        if "properties" in component and "detail" not in component["properties"]:
            component["additionalProperties"] = False
    return document


def signs_of(portal: Portal, actor: str) -> dict[str, Any]:
    """What proves who sends a request."""
    if actor == "anonymous":
        return {}
    client = Client()
    client.force_login(portal.people[actor], backend="django.contrib.auth.backends.ModelBackend")
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}
    return {"cookies": cookies, "headers": {"X-CSRFToken": TOKEN}}


def lead_somewhere(case: Any, portal: Portal) -> None:
    """Put what is really there into the parts that a request has right, so that it reaches more than 404."""
    if not case.meta.is_negative_at(ParameterLocation.PATH) and case.path_parameters:
        names = ("code", "subject_id", "narrative_id", "run_id", "job_id")
        real = portal.fill("{code}|{subject}|{narrative}|{run}|{job}").split("|")
        case.path_parameters.update({n: v for n, v in zip(names, real, strict=True) if n in case.path_parameters})
    if not case.meta.is_negative_at(ParameterLocation.HEADER) and "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = '"1"'
    if not case.meta.is_negative_at(ParameterLocation.BODY) and isinstance(case.body, dict):
        for part in (case.body, *case.body.get("records", ())):
            if "subject_id" in part:
                part["subject_id"] = portal.subject.subject_id


def send(case: Any, signs: dict[str, Any], found: Found) -> int:
    """Send a request, note what its answer contradicts, and undo it."""
    with transaction.atomic():
        answer = case.call(**signs)
        transaction.set_rollback(True)
    label, status = case.operation.label, answer.status_code
    found.statuses[label].add(status)
    try:
        # Whether the sign-in is asked for is seen by sending everything without one as well.
        case.validate_response(answer, excluded_checks=[schemathesis.checks.CHECKS.get_one("ignored_auth")])
    except FailureGroup as group:
        for failure in group.exceptions:
            shown = f"{failure}\n{case.as_curl_command()[:600]}\n{answer.text[:400]}"
            found.wrong.setdefault((label, type(failure).__name__, status), shown)
    return status


def boundary_cases(operation: Any) -> Iterator[Any]:
    """One request for each boundary that the document names of an operation, and one for each kind beyond it."""
    generation = operation.schema.config.generation
    return operation.schema.iter_coverage_cases(  # type: ignore[no-any-return]  # the library's own iterator
        operation, generation_modes=[ALLOWED, FORBIDDEN], generation_config=generation
    )


def random_cases(operation: Any, mode: Any) -> list[Any]:
    """Requests at random, the same in every run; none where nothing can be forbidden."""
    made: list[Any] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def make(case: Any) -> None:
        made.append(case)

    if mode is ALLOWED or operation.body or operation.query or operation.path_parameters:
        make()
    return made


def test_the_document_tells_the_truth(portal: Portal, api: Any) -> None:
    people = {actor: signs_of(portal, actor) for actor in ACTORS}
    others, found = cycle(ACTORS[1:]), Found()
    for operation in (result.ok() for result in api.get_all_operations()):
        for case in boundary_cases(operation):
            lead_somewhere(case, portal)
            for actor in ("client", next(others)):
                send(case, people[actor], found)
        for mode in (ALLOWED, FORBIDDEN):
            for case in random_cases(operation, mode):
                lead_somewhere(case, portal)
                for actor in ACTORS if mode is ALLOWED else ("client", next(others)):
                    send(case, people[actor], found)
    assert not found.wrong, "\n\n".join(f"{where}: {words}" for where, words in found.wrong.items())
    unmet = {label for label, statuses in found.statuses.items() if not statuses & {200, 202, 409}}
    assert not unmet, f"never answered as asked: {unmet}"


def test_nobody_is_answered_without_signing_in(portal: Portal, api: Any) -> None:
    found = Found()
    for operation in (result.ok() for result in api.get_all_operations()):
        for case in random_cases(operation, ALLOWED)[:2]:
            lead_somewhere(case, portal)
            assert send(case, {}, found) == 401, case.as_curl_command()


def test_every_operation_says_how_it_refuses(document: dict[str, Any]) -> None:
    common = {"400", "401", "404", "406", "408", "413", "414", "415", "500", "503"}
    for methods in document["paths"].values():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert answers.keys() >= common | ({"403"} if method == "post" else set()), operation["operationId"]
            refusals = {status: answer for status, answer in answers.items() if int(status) >= 400}
            assert all([*answer["content"]] == ["application/problem+json"] for answer in refusals.values())
            assert all(answer["description"] for answer in refusals.values())
