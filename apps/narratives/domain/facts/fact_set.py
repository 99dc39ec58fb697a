"""The frozen, hashed snapshot of facts that one narrative is written from and checked against."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from apps.core.domain.canonical import sha256_hex
from apps.core.domain.stored import Codec, StoredDataError
from apps.narratives.domain.facts.fact import Fact, Role

FACTSET_FORMAT = 1


class EntityKind(StrEnum):
    """Why a thing is in the narrative."""

    SUBJECT = "subject"
    DISEASE = "disease"
    PAST_HISTORY = "past_history"
    PRESENT_CONDITION = "present_condition"
    INDEX_EVENT = "index_event"
    OTHER_EVENT = "other_event"
    MEDICATION = "medication"
    ENDED_MEDICATION = "ended_medication"
    LATER_MEDICATION = "later_medication"
    UNDATED_MEDICATION = "undated_medication"
    RESULT = "result"
    DISPOSITION = "disposition"


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that facts are about: the subject, an event, a medication, a result; in order of relevance and time."""

    id: str
    kind: EntityKind


class FactSetError(StoredDataError):
    """Stored facts that cannot be read back."""

    title = "The facts of the narrative could not be read"
    kind = "unreadable-facts"


@dataclass(frozen=True)
class FactSet:
    """All facts of one subject that its narrative must or may state; equal content has an equal `sha256`."""

    subject_id: str
    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Fact]:
        """Facts by id."""
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def _by_entity(self) -> Mapping[str, tuple[Fact, ...]]:
        grouped: dict[str, list[Fact]] = {}
        for fact in self.facts:
            grouped.setdefault(fact.about, []).append(fact)
        return {about: tuple(facts) for about, facts in grouped.items()}

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of the snapshot."""
        return sha256_hex(self.as_json())

    def __contains__(self, fact_id: object) -> bool:
        return fact_id in self.by_id

    def of_kind(self, kind: EntityKind) -> list[Entity]:
        """Entities of one kind in their order."""
        return [entity for entity in self.entities if entity.kind is kind]

    def about(self, entity_id: str) -> tuple[Fact, ...]:
        """Facts about one entity."""
        return self._by_entity.get(entity_id, ())

    def get(self, entity_id: str, role: Role) -> Fact | None:
        """The first fact about an entity in a role, or None."""
        return next((fact for fact in self.about(entity_id) if fact.role is role), None)

    def all(self, entity_id: str, role: Role) -> list[Fact]:
        """Every fact about an entity in a role."""
        return [fact for fact in self.about(entity_id) if fact.role is role]

    @property
    def subject(self) -> str:
        """Id of the entity that stands for the subject."""
        return subject_entity(self.subject_id)

    def required(self) -> Iterator[Fact]:
        """Facts that some sentence must state: those that belong to a required element."""
        return (fact for fact in self.facts if fact.elements)

    def as_json(self) -> dict[str, Any]:
        """The snapshot as JSON-ready data; `from_json` reads it back."""
        return {"format": FACTSET_FORMAT, **_CODEC.write(self)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "FactSet":
        """Read what `as_json` wrote; FactSetError for another format, StoredDataError for another shape."""
        # Signed facts are read back years later: another format is refused by name and never guessed at.
        if data.get("format") != FACTSET_FORMAT:
            raise FactSetError(f"Got fact set format {data.get('format')!r}, expected {FACTSET_FORMAT}.")
        found = _CODEC.read(data)
        return factset(found.subject_id, found.entities, found.facts)


_CODEC: Final = Codec(FactSet, "a fact set")


def subject_entity(subject_id: str) -> str:
    """Id of the entity that stands for a subject."""
    return f"SUBJECT/{subject_id}"


def factset(subject_id: str, entities: Iterable[Entity], facts: Iterable[Fact]) -> FactSet:
    """A fact set; raises FactSetError when two facts share an id or a fact is about nothing in the set."""
    found = FactSet(subject_id, tuple(entities), tuple(facts))
    if len(found.by_id) != len(found.facts):
        raise FactSetError(f"Got facts of {subject_id} that share an id, expected every id once.")
    strays = {fact.about for fact in found.facts} - {entity.id for entity in found.entities}
    if strays:
        raise FactSetError(f"Got facts about {sorted(strays)}, expected only entities of the set.")
    return found
