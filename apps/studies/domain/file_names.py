"""What a blinded reader may read of a source file: its name where that is only its domain, never anybody's words."""

import re
from pathlib import PurePath


def domain_of_file(domain: str) -> str:
    """The domain whose records a file holds or qualifies (`SUPPAE` qualifies AE)."""
    return domain.removeprefix("SUPP") or domain


def open_file_name(name: str, domain: str) -> str:
    """The name of a file of an open domain, as a blinded reader may see it.

    A name of the usual form (`ae.xpt`, `suppae.csv`, `lbch.xpt`) says nothing but the domain; any other may say more,
    and so may the folder or archive that it lies in.
    """
    own = PurePath(name)
    stem, suffix = own.stem.lower(), own.suffix.lower()
    usual = re.compile(rf"(?:supp)?{re.escape(domain_of_file(domain).lower())}[a-z]{{0,2}}[0-9]{{0,2}}")
    return own.name if domain and usual.fullmatch(stem) and suffix in _USUAL_SUFFIXES else f"{domain or 'other'} file"


_USUAL_SUFFIXES = frozenset({".xpt", ".csv", ".parquet", ".json", ".sas7bdat", ".gz", ""})
