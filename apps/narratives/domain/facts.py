"""A fact is one value with its provenance: everything a narrative may say exists as a fact first."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FactValue = str | int | float


class Kind(StrEnum):
    """What sort of value a fact holds, and with it how text may write it."""

    IDENTIFIER = "identifier"
    TERM = "term"
    VERBATIM = "verbatim"
    CODE = "code"
    DATE = "date"
    STUDY_DAY = "study_day"
    DURATION = "duration"
    AGE = "age"
    RESULT = "result"
    MULTIPLE = "multiple"
    LIMIT = "limit"
    DOSE = "dose"


class Absence(StrEnum):
    """Why there is no value: said in the text, never left silent and never inferred."""

    NOT_RECORDED = "not_recorded"
    NOT_IN_DATA = "not_in_data"
    WITHHELD = "withheld"
    UNDETERMINED = "undetermined"


class Attribution(StrEnum):
    """Who says so."""

    INVESTIGATOR = "investigator"
    SPONSOR = "sponsor"
    LABORATORY = "laboratory"
    SITE = "site"


class Role(StrEnum):
    """What a value means for the thing it is about; a date of onset is not a date of death."""

    SUBJECT_ID = "subject_id"
    AGE = "age"
    SEX = "sex"
    RACE = "race"
    DISEASE = "disease"
    DISEASE_SINCE = "disease_since"
    FIRST_DOSE = "first_dose"
    LAST_DOSE = "last_dose"
    LAST_DOSE_DAY = "last_dose_day"
    EXPOSURE_DAYS = "exposure_days"
    DOSE = "dose"
    GROUP = "treatment_group"
    DIED = "died"
    DEATH_DATE = "death_date"
    DEATH_DAY = "death_day"
    POST_MORTEM = "post_mortem"
    SPONSOR_OPINION = "sponsor_opinion"
    RECHALLENGE = "rechallenge"
    QUALIFYING = "qualifying_event"
    WINDOW = "window"
    HISTORY = "history"
    MEDICATION = "medication"
    MEASURES = "measures"
    LABORATORY = "laboratory"
    REFERENCE_END = "reference_end"
    LAST_DOSE_AFTER_FATAL_EVENT = "last_dose_after_fatal_event"
    DEATH_AFTER_FATAL_EVENT = "death_after_fatal_event"
    REFERENCE_END_AFTER_DEATH = "reference_end_after_death"
    TERM = "term"
    VERBATIM = "verbatim"
    ONSET = "onset"
    ONSET_DAY = "onset_day"
    END = "end"
    END_DAY = "end_day"
    DURATION = "duration"
    OUTCOME = "outcome"
    SEVERITY = "severity"
    RECORDED_SEVERITY = "recorded_severity"
    RECORDED_ON = "recorded_on"
    CAUSALITY = "causality"
    ACTION = "action"
    SERIOUS_FLAG = "serious_flag"
    CRITERION = "criterion"
    DOSE_TIMING = "dose_timing"
    ONSET_AFTER_LAST_DOSE = "onset_after_last_dose"
    ONSET_BEFORE_FIRST_DOSE = "onset_before_first_dose"
    AMOUNT = "amount"
    FREQUENCY = "frequency"
    ROUTE = "route"
    START = "start"
    STOP = "stop"
    RESULT = "result"
    COLLECTED = "collected"
    COLLECTED_DAY = "collected_day"
    DIRECTION = "direction"
    MULTIPLE = "multiple"
    LOWER = "lower"
    UPPER = "upper"
    NO_DISPOSITION = "no_disposition"
    DISPOSITION = "disposition"
    DISPOSED_ON = "disposed_on"
    DISPOSED_DAY = "disposed_day"
    CAUSE = "cause"


@dataclass(frozen=True, slots=True)
class Fact:
    """One value, what it means, where it comes from and which required elements it covers.

    `id` stays the same when the value changes; `value` is None exactly when `absence` says why.
    """

    id: str
    about: str
    role: Role
    name: str
    kind: Kind
    value: FactValue | None
    unit: str | None = None
    precision: str | None = None
    sources: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    attribution: Attribution = Attribution.SITE
    absence: Absence | None = None
    elements: tuple[str, ...] = ()

    @property
    def is_absent(self) -> bool:
        """Whether the fact states that there is no value."""
        return self.absence is not None

    @property
    def text(self) -> str:
        """The value as text; empty where it is absent."""
        return "" if self.value is None else str(self.value)

    def as_json(self) -> dict[str, Any]:
        """The fact as JSON-ready data; `from_json` reads it back."""
        return {
            "id": self.id,
            "about": self.about,
            "role": self.role.value,
            "name": self.name,
            "kind": self.kind.value,
            "value": self.value,
            "unit": self.unit,
            "precision": self.precision,
            "sources": list(self.sources),
            "derived_from": list(self.derived_from),
            "attribution": self.attribution.value,
            "absence": None if self.absence is None else self.absence.value,
            "elements": list(self.elements),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Fact":
        """Read what `as_json` wrote; KeyError or ValueError for anything else."""
        return Fact(
            id=data["id"],
            about=data["about"],
            role=Role(data["role"]),
            name=data["name"],
            kind=Kind(data["kind"]),
            value=data["value"],
            unit=data["unit"],
            precision=data["precision"],
            sources=tuple(data["sources"]),
            derived_from=tuple(data["derived_from"]),
            attribution=Attribution(data["attribution"]),
            absence=None if data["absence"] is None else Absence(data["absence"]),
            elements=tuple(data["elements"]),
        )
