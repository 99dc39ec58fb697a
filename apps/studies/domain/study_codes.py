"""What the portal's own code of a study may be: a name that stands in addresses and in the names of grants."""

import re
from typing import Final

from apps.core.domain.errors import InvalidInputError

# Not a colon, which parts the name of a grant, nor anything that an address would have to quote.
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def require_study_code(code: str) -> str:
    """The code; raises InvalidInputError for one that a study cannot have."""
    if not _CODE.fullmatch(code):
        raise InvalidInputError(
            "Got a code that a study cannot have; expected 1 to 60 letters A to Z, digits, hyphens, underscores and "
            "dots, beginning with a letter or a digit."
        )
    return code
