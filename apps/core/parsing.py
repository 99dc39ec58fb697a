"""Reads the JSON of a request without trusting its shape; views that read it import this module, so it imports none."""

import re
from typing import Any

from rest_framework.parsers import JSONParser

from apps.core.domain.errors import BadRequestError
from apps.core.limits import is_clean

# JSON can spell half of a surrogate pair, which no text in UTF-8 can hold (RFC 8259, 8.2).
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class BoundedJSONParser(JSONParser):
    """JSON of people's data: not nested beyond need, of whole characters, with names that have no control character."""

    most_depth = 16
    most_values = 300_000

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The document; raises BadRequestError for one that no client means to send."""
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise self._too_deep() from None
        self._check(found)
        return found

    def _check(self, document: Any) -> None:
        # Level by level and not by recursion: no document decides how deep the stack grows.
        level, seen = [document], 0
        for _ in range(self.most_depth):
            seen += len(level)
            if seen > self.most_values:
                raise BadRequestError(f"The JSON holds more than {self.most_values:,} values. Send less at once.")
            _check_texts(level)
            level = [inner for value in level for inner in _inside(value)]
            if not level:
                return
        raise self._too_deep()

    def _too_deep(self) -> BadRequestError:
        return BadRequestError(f"The JSON is nested more than {self.most_depth} levels deep. Send it flat.")


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_texts(values: list[Any]) -> None:
    for value in values:
        # Values may run over several lines; a control character in a name is nobody's field.
        names = value if isinstance(value, dict) else ()
        if not is_clean(names) or (isinstance(value, str) and HALF_CHARACTER.search(value)):
            raise BadRequestError("The JSON holds half a character, or a control character in a name. Send it again.")
