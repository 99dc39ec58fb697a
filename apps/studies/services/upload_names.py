"""Names of uploaded files, judged before a file of that name is made."""

from collections.abc import Iterable

from apps.core.domain.errors import InvalidInputError

MOST_CHARACTERS = 100
# File systems count bytes, and most stop at 255.
MOST_BYTES = 200


def require_short_names(names: Iterable[str | None]) -> None:
    """Raise InvalidInputError for a name that is too long to be kept."""
    for name in names:
        given = name or ""
        if len(given) > MOST_CHARACTERS or len(given.encode("utf-8", "replace")) > MOST_BYTES:
            longest = f"expected at most {MOST_CHARACTERS} characters"
            raise InvalidInputError(f"The name of the file {given[:40]!r}… is too long, {longest}. Rename it.")
