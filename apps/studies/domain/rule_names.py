"""How a rule of blinding names a variable or a test: domain, full stop, name."""

import re
from typing import Final

from apps.core.domain.errors import InvalidInputError
from apps.studies.domain.variables import is_known_domain

_NAME: Final = re.compile(r"([A-Z][A-Z0-9]{1,5})\.([A-Z0-9][A-Z0-9_]{0,39})")


def checked_name(name: str) -> str:
    """The name as it is kept, in capitals; raises InvalidInputError for one that is not like `LB.DRUGX`."""
    found = _NAME.fullmatch(name.strip().upper())
    if found is None or not is_known_domain(found[1]):
        raise InvalidInputError(f"Got {name[:60]!r}, expected a domain and a name such as FA.FAORRES or LB.DRUGX.")
    return found[0]
