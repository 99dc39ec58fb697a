"""The OpenAPI document as a page for people: every operation, what it takes, what it answers, in words and links."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator

Schema = Mapping[str, Any]

# In a bare schema of JSON the words of the format say more than the type.
_WORDS: Final = {
    "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
    "object": "object", "null": "null", "date-time": "instant with zone", "date": "date", "uuid": "id",
    "uri": "address", "binary": "file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One parameter or one member of an object: `shape` names the shape it has, where that has a name."""

    name: str
    place: str
    kind: str
    shape: str
    is_required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status with what it means and the shape of its body."""

    status: str
    meaning: str
    shape: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address."""

    name: str
    method: str
    path: str
    note: str
    takes: tuple[Member, ...]
    body: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A named object of the document."""

    name: str
    note: str
    members: tuple[Member, ...]


class ApiReference(TemplateView):
    """Every operation and every shape of the API."""

    template_name = "api/docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The document, read once by each process."""
        found = document()
        return {
            "description": found["info"]["description"],
            "operations": list(operations_of(found)),
            "shapes": list(shapes_of(found)),
        }


@cache
def document() -> Schema:
    """The OpenAPI document as it is served."""
    # The library types neither.
    found: Schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


def operations_of(found: Schema) -> Iterator[Operation]:
    """Operations in the order of the document."""
    for path, methods in found["paths"].items():
        for method, said in methods.items():
            yield Operation(
                name=said["operationId"],
                method=method.upper(),
                path=path,
                note=said.get("description", ""),
                takes=tuple(_parameter(each) for each in said.get("parameters", ())),
                body=_shape_of_body(said.get("requestBody", {})),
                answers=tuple(_answer(status, each) for status, each in said["responses"].items()),
            )


def shapes_of(found: Schema) -> Iterator[Shape]:
    """Named objects in the order of the document."""
    for name, said in found["components"]["schemas"].items():
        required = said.get("required", ())
        members = said.get("properties", {}).items()
        yield Shape(
            name,
            said.get("description", ""),
            tuple(_member(member, "", each, is_required=member in required) for member, each in members),
        )


def kind_of(schema: Schema) -> str:
    """What a value is, in words: `list of text`, `whole number or null`, `one of draft, signed`."""
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    for union in ("oneOf", "anyOf", "allOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(kind_of(each) for each in schema[union]))
    if "$ref" in schema:
        return shape_in(schema)
    types = schema.get("type", "object")
    words = [_kind(each, schema) for each in ([types] if isinstance(types, str) else types)]
    return " or ".join(words)


def shape_in(schema: Schema) -> str:
    """The name of the shape that a schema refers to, itself or as what its list holds; empty where it has none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    inner = [
        schema.get("items", {}),
        *(each for union in ("oneOf", "anyOf", "allOf") for each in schema.get(union, ())),
    ]
    return next((found for each in inner if each and (found := shape_in(each))), "")


def _kind(type_name: str, schema: Schema) -> str:
    if type_name == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    # A format without words of its own, such as `double`, is told by its type.
    return _WORDS.get(schema.get("format", ""), _WORDS[type_name])


def _parameter(said: Schema) -> Member:
    return _member(
        said["name"], said["in"], said["schema"] | {"description": said.get("description", "")},
        is_required=said.get("required", False),
    )  # fmt: skip


def _member(name: str, place: str, schema: Schema, *, is_required: bool) -> Member:
    return Member(name, place, kind_of(schema), shape_in(schema), is_required, schema.get("description", ""))


def _shape_of_body(said: Schema) -> str:
    return next((shape_in(each["schema"]) for each in said.get("content", {}).values()), "")


def _answer(status: str, said: Schema) -> Answer:
    return Answer(status, said.get("description", ""), _shape_of_body(said))
