"""Opens a study in the portal."""

from apps.studies.domain.study_codes import require_study_code
from apps.studies.models import Study


def open_study(*, code: str) -> Study:
    """The study of this code, opened when it is new; raises InvalidInputError for a code that no study may have."""
    # One that is there already keeps its name, whatever the rule was when it came.
    known = Study.objects.filter(code=code).first()
    return known or Study.objects.get_or_create(code=require_study_code(code))[0]
