"""The page of the API says what the OpenAPI document says: every operation, every answer, every shape, in words."""

import re

import pytest
from django.test import Client

from apps.core.reference import document, kind_of, operations_of, shape_in, shapes_of


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date-time"}, "instant with zone"),
        ({"type": "string", "format": "unheard-of"}, "text"),
        ({"type": ["integer", "null"]}, "whole number or null"),
        ({"type": "array", "items": {"type": "string", "format": "uuid"}}, "list of id"),
        ({"type": "array"}, "list of object"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Twin"}}, "list of Twin"),
        ({"enum": ["a", 1]}, "one of a, 1"),
        ({"oneOf": [{"type": "string"}, {"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"allOf": [{"$ref": "#/components/schemas/Twin"}]}, "Twin"),
        ({}, "object"),
    ],
)
def test_a_kind_is_told_in_words(schema: dict[str, object], words: str) -> None:
    assert kind_of(schema) == words


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ({"$ref": "#/components/schemas/Twin"}, "Twin"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Twin"}}, "Twin"),
        ({"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Twin"}]}, "Twin"),
        ({"type": "string"}, ""),
    ],
)
def test_a_shape_is_found_where_it_is_named(schema: dict[str, object], shape: str) -> None:
    assert shape_in(schema) == shape


@pytest.mark.django_db
def test_the_page_tells_every_operation_with_its_answers_and_every_shape() -> None:
    page = Client().get("/api/v1/docs/").content.decode()
    operations, shapes = list(operations_of(document())), list(shapes_of(document()))
    assert {operation.name for operation in operations} >= {"records_write", "twin_read", "narratives_submit"}
    assert len(shapes) > 10
    for operation in operations:
        section = page[page.index(f'<h2 id="{operation.name}"') :].partition("</section>")[0]
        assert f"{operation.method} {operation.path}" in section
        assert re.findall(r'<tr><th scope="row">(\d{3})</th>', section) == [
            answer.status for answer in operation.answers
        ]
        assert all(f"<code>{member.name}</code>" in section for member in operation.takes)
        assert not operation.body or f'Body: <a href="#shape-{operation.body}">' in section
    links = set(re.findall(r'href="#(shape-[^"]+)"', page))
    assert links <= {f"shape-{shape.name}" for shape in shapes}
    written = next(shape for shape in shapes if shape.name == "NarrativeStartRequest")
    assert [(member.name, member.is_required) for member in written.members] == [
        ("subject_id", True),
        ("reason", False),
    ]


@pytest.mark.django_db
def test_a_parameter_says_where_it_stands_and_whether_it_is_needed() -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", Client().get("/api/v1/docs/").content.decode()).split())
    assert "Idempotency-Key text optional, as header . Kept 24 hours." in page.replace("header.", "header .")
    assert "code text required, in the address" in page
    assert "page whole number optional, in the query" in page
