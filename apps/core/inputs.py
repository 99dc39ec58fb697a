"""What a request may hold, read as strictly as the OpenAPI document says: nothing is turned into what it is not."""

import re
from collections.abc import Mapping
from datetime import MINYEAR, UTC, datetime
from typing import Any

from django.core.validators import RegexValidator
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.request import Request

from apps.core.domain.errors import BadRequestError
from apps.core.domain.numbers import whole_number as whole_number_of
from apps.core.limits import is_clean

MOST_TEXT_CHARACTERS = 200
MOST_SHOWN = 40
FIRST_INSTANT = datetime.min.replace(tzinfo=UTC)
LAST_INSTANT = datetime.max.replace(tzinfo=UTC)
# PostgreSQL stores no NUL in a text and SQLite does, so it is refused before either is asked.
HAS_NO_NUL = RegexValidator(r"\A[^\x00]*\Z", "Expected text without the character NUL.")
SAYS_SOMETHING = RegexValidator(r"\A[^\x00]*\S[^\x00]*\Z", "Expected text that is not blank, without NUL.")
# RFC 3339, 5.6: date, time and offset, none of them left out.
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


class ClosedSerializer(serializers.Serializer[Any]):
    """A body in which nothing else may stand: a misspelled field is refused, not overlooked."""

    def to_internal_value(self, data: Any) -> Any:
        """The fields; raises ValidationError for one that is not expected."""
        if isinstance(data, Mapping) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            # The name is the caller's own text: a short piece is enough to find it again.
            expected = ", ".join(self.fields)
            raise serializers.ValidationError({unknown[0][:MOST_SHOWN]: [f"Not expected; expected are {expected}."]})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A text, not a number or anything else that could be written as one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(HAS_NO_NUL if self.allow_blank else SAYS_SOMETHING)

    def to_internal_value(self, data: Any) -> str:
        """The text; raises ValidationError for anything else."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class WholeNumber(serializers.IntegerField):
    """A number of JSON without a fraction, not a text that looks like one."""

    def to_internal_value(self, data: Any) -> int:
        """The number; raises ValidationError for anything else."""
        # A bool is an int in Python and no number in JSON, where 3.0 is as whole as 3.
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class YesNo(serializers.BooleanField):
    """`true` or `false`, as a form spells it."""

    spelled = {"true": True, "false": False}

    def to_internal_value(self, data: Any) -> bool:
        """Whether it is true; raises ValidationError for any other word."""
        # The library takes `1`, `on` and `y` too, which the OpenAPI document does not know.
        found = self.spelled.get(str(data).lower())
        if found is None:
            self.fail("invalid", input=str(data)[:MOST_SHOWN])
        return found


def whole_number(request: Request, name: str, default: int | None = None, *, meaning: str = "a version") -> int:
    """A whole number of the query; raises BadRequestError for anything else."""
    given = request.query_params.get(name)
    if given is None and default is not None:
        return default
    number = None if given is None else whole_number_of(given)
    if number is None:
        shown = None if given is None else given[:MOST_SHOWN]
        raise BadRequestError(f"Got {name}={shown!r}, expected the number of {meaning} such as 12.")
    return number


def text(request: Request, name: str) -> str:
    """A text of the query, empty where it is absent; raises BadRequestError for one that nothing can be called."""
    given = request.query_params.get(name, "")
    if len(given) > MOST_TEXT_CHARACTERS:
        raise BadRequestError(f"Got {name} of {len(given):,} characters, expected at most {MOST_TEXT_CHARACTERS}.")
    if not is_clean([given]):
        raise BadRequestError(f"Got {name} with a control character. Type it again.")
    return given


def instant(request: Request, name: str) -> datetime:
    """An instant of the query with its zone (RFC 3339); raises BadRequestError for anything else."""
    given = request.query_params[name]
    # A plus sign that was not encoded arrives as a blank.
    spelled = given.replace(" ", "+")
    try:
        found = parse_datetime(spelled.upper()) if INSTANT.fullmatch(spelled) else None
    except ValueError:
        # The form is right and the day is none, such as 30 February.
        found = None
    if found is None:
        raise BadRequestError(
            f"Got {name}={given[:MOST_SHOWN]!r}, expected an instant with its zone such as 2013-08-09T08:40:00Z."
        )
    return _in_utc(found)


def _in_utc(found: datetime) -> datetime:
    """The same moment in UTC; one that the calendar of UTC has not is as far away as it can be."""
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return FIRST_INSTANT if found.year == MINYEAR else LAST_INSTANT
