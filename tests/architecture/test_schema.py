"""The OpenAPI document is valid, says everything, and its browsable form needs no other host."""

import re
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The document as it is served."""
    GENERATOR_STATS.reset()
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def test_the_document_is_made_without_a_warning_and_is_valid(
    schema: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    validate_schema(schema)
    assert not GENERATOR_STATS


def test_every_route_of_the_contract_is_described(schema: dict[str, Any]) -> None:
    found = {path.removeprefix("/api/v1"): set(methods) for path, methods in schema["paths"].items()}
    subject = "/studies/{code}/subjects/{subject_id}/twin"
    assert found == {
        "/studies/": {"get"},
        "/studies/{code}/subjects/": {"get"},
        f"{subject}/": {"get"},
        f"{subject}/versions/": {"get"},
        f"{subject}/diff/": {"get"},
        f"{subject}/changes/": {"get"},
        "/studies/{code}/records/": {"post"},
        "/studies/{code}/imports/": {"post"},
        "/studies/{code}/imports/{run_id}/": {"get"},
        "/studies/{code}/jobs/": {"get"},
        "/studies/{code}/jobs/{job_id}/retry/": {"post"},
        "/studies/{code}/narratives/": {"get", "post"},
        "/narratives/{narrative_id}/": {"get"},
        "/narratives/{narrative_id}/refresh/": {"post"},
        "/narratives/{narrative_id}/submit/": {"post"},
    }


def test_every_operation_has_a_name_and_a_description(schema: dict[str, Any]) -> None:
    operations = [operation for methods in schema["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation.get("description") for operation in operations)


def test_clients_are_told_how_to_get_a_token(schema: dict[str, Any]) -> None:
    flows = schema["components"]["securitySchemes"]["client_credentials"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == "/o/token/"


@pytest.mark.django_db
def test_the_browsable_documents_load_nothing_from_another_host() -> None:
    page = Client().get("/api/v1/docs/").content.decode()
    assert "records_write" in page
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page)
