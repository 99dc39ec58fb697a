"""A fact is one value with its provenance: everything a narrative may say exists as a fact first."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.core.domain.stored import Codec
from apps.studies.domain.clinical.codelists import (
    ACTION,
    CAUSALITY,
    DISPOSITION,
    FREQUENCY,
    OUTCOME,
    ROUTE,
    SEVERITY,
    SEX,
    CodedTerm,
    Codelist,
)

FactValue = str | int | float

# What a safety narrative must cover, by the id that facts, sentences and the verifier share: E01 to E15 are those of
# ICH E3 12.3.2, the others are added by practice.
ELEMENTS: Final[Mapping[str, str]] = {
    "E01": "nature of the event",
    "E02": "intensity",
    "E03": "course leading up to the event, with timing relative to study drug",
    "E04": "relevant laboratory measures",
    "E05": "whether study drug was stopped, and when",
    "E06": "countermeasures",
    "E07": "post-mortem findings",
    "E08": "investigator's opinion on causality",
    "E09": "sponsor's opinion on causality",
    "E10": "subject identifier",
    "E11": "age and sex",
    "E12": "disease treated",
    "E13": "relevant illnesses",
    "E14": "relevant medication",
    "E15": "study drug, dose and length of administration",
    "E16": "outcome",
    "E17": "seriousness criteria",
    "E18": "action taken with study drug",
    "E19": "onset and end, study day, duration",
    "E20": "dechallenge and rechallenge",
    "E21": "last dose before onset",
    "E22": "treatment group",
    "E23": "discontinuation status",
}


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
    AGE_GROUP = "age_group"
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
    SCOPE = "scope"


# The codelist by which a value in a role is read, in whatever spelling it was recorded.
_CODELISTS: Final[Mapping[Role, Codelist]] = {
    Role.SEX: SEX,
    Role.OUTCOME: OUTCOME,
    Role.CAUSALITY: CAUSALITY,
    Role.SEVERITY: SEVERITY,
    Role.RECORDED_SEVERITY: SEVERITY,
    Role.ACTION: ACTION,
    Role.FREQUENCY: FREQUENCY,
    Role.ROUTE: ROUTE,
    Role.DISPOSITION: DISPOSITION,
}


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

    @property
    def term(self) -> CodedTerm | None:
        """The term of a codelist that the value means; None where its role has none or the list does not know it."""
        codelist = _CODELISTS.get(self.role)
        return None if codelist is None else codelist.find(self.value)

    @property
    def code(self) -> str:
        """The value as a CDISC term where it means one, else as it was recorded."""
        term = self.term
        return self.text if term is None else term.code


FACTS: Final = Codec(Fact, "a fact")
