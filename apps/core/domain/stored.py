"""Stored JSON read back as the type that wrote it: one codec for each, one error for what is of another shape."""

from collections.abc import Iterable
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from apps.core.domain.errors import InvalidInputError

Stored = TypeVar("Stored")
Shape = TypeVar("Shape")
_MOST_NAMED: Final = 3


class StoredDataError(InvalidInputError):
    """Stored JSON that lacks or garbles a field; names the fields and never their values, which are clinical."""

    title = "Stored data could not be read"
    kind = "unreadable-data"


class Codec(Generic[Stored]):
    """Writes a dataclass as JSON-ready data and reads it back; a field with a default may be missing in older data."""

    def __init__(self, kind: type[Stored], name: str) -> None:
        self._adapter: TypeAdapter[Stored] = TypeAdapter(kind)
        self._all: TypeAdapter[tuple[Stored, ...]] = TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]
        self._name = name

    def write(self, value: Stored) -> Any:
        """The value as JSON-ready data, its fields in the order of the type."""
        return self._adapter.dump_python(value, mode="json")

    def write_all(self, values: Iterable[Stored]) -> list[Any]:
        """Several values as a JSON-ready list."""
        return [self.write(value) for value in values]

    def read(self, data: object) -> Stored:
        """Read what `write` wrote; StoredDataError for anything else."""
        return self._checked(self._adapter, data)

    def read_all(self, data: object) -> tuple[Stored, ...]:
        """Read what `write_all` wrote; StoredDataError for anything else."""
        return self._checked(self._all, data)

    def _checked(self, adapter: TypeAdapter[Shape], data: object) -> Shape:
        try:
            return adapter.validate_python(data)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False, include_context=False)[:_MOST_NAMED]
            places = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the whole'}: {one['type']}" for one in found)
            # Without its cause: the library's error quotes the values that it refused.
            raise StoredDataError(f"Got {self._name} of another shape ({places}), expected what was stored.") from None
