"""What people really send comes out as it must: every case that lies beside the shared data."""

import os
from pathlib import Path

import pytest

from apps.studies.models import Study
from tests.cases.case import Case, failures, imported

pytestmark = pytest.mark.django_db

_DATA = Path(os.environ.get("CLINICAL_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
FOLDERS = sorted(path.parent for path in (_DATA.parent / "cases").glob("*/expected.json"))
ABSENT = "the cases are not here; set CLINICAL_SHARED_DATA to the folder beside them"


@pytest.mark.skipif(not FOLDERS, reason=ABSENT)
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_sent_comes_out_as_it_must(folder: Path) -> None:
    case = Case(folder)
    run = imported(case, Study.objects.create(code="T"))
    found = failures(case, run)
    assert not found, "\n".join([case.expected["expected"], *found])
