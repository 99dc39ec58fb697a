"""Gives --SEQ to new records, so that the numbers of what blinded readers see never count what they do not."""

from collections.abc import Iterable

from apps.studies.domain.blinding import WHOLE, BlindingRules
from apps.studies.domain.ranges import MOST_COUNTED
from apps.studies.domain.upserts import FieldError
from apps.studies.domain.variables import domain_is_hidden
from apps.studies.selectors.records import CurrentRecords, RecordValues

# SDTMIG gives these domains no --SEQ.
UNNUMBERED = frozenset({"DM", "SV", "RELREC"})
# Hidden records of a domain that is otherwise seen are numbered from here on.
# Far beyond the open records of any subject, whose numbers go on without regard to these.
FIRST_HIDDEN = 100_001


class Sequences:
    """Numbers of one subject's records; without rules the writer is blinded, and all that they know and write is open.

    An open record is numbered after the open ones alone: a number left out would tell of a hidden record.
    """

    def __init__(self, rules: BlindingRules | None, current: CurrentRecords) -> None:
        self._rules = rules
        self._current = current

    def numbered(self, domain: str, values: RecordValues) -> RecordValues:
        """The values with the next number of their domain; one that was sent stays, FieldError where it is taken."""
        name = f"{domain}SEQ"
        if domain in UNNUMBERED:
            return values
        if name not in values:
            is_hidden = self._is_hidden(domain, values)
            return {**values, name: _next(domain, self._beside(domain, is_hidden=is_hidden), is_hidden=is_hidden)}
        if values[name] in {row.get(name) for row in self._current.of(domain).values()}:
            raise FieldError(name, f"{values[name]} is taken by another record of this subject. Leave it out.")
        return values

    def _beside(self, domain: str, *, is_hidden: bool) -> list[RecordValues]:
        """Records as hidden as this one: as they are stored, or, of the same request, as they will be."""
        stored = self._current.hidden
        return [
            row
            for record_id, row in self._current.of(domain).items()
            if (stored.get(record_id) == WHOLE or self._is_hidden(domain, row)) is is_hidden
        ]

    def _is_hidden(self, domain: str, values: RecordValues) -> bool:
        return self._rules is not None and self._rules.hidden_in(domain, values) == WHOLE


def _next(domain: str, beside: Iterable[RecordValues], *, is_hidden: bool) -> int:
    """One more than the highest; a number that no cut can have may have been stored before numbers were judged."""
    used = (value for row in beside if isinstance(value := row.get(f"{domain}SEQ"), int | float))
    first = FIRST_HIDDEN if is_hidden and not domain_is_hidden(domain) else 1
    return int(max([first - 1, *(number for number in used if number < MOST_COUNTED)])) + 1
