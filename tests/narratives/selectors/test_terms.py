"""Terms of a study that a report may name are those that blinded readers may see."""

import pytest

from apps.narratives.selectors.terms import study_terms, treatment_names
from tests.factories import StudyFactory, treated_subject, write

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E6-411")]


def test_a_hidden_term_is_none_of_the_study() -> None:
    study = StudyFactory()
    subject = treated_subject(study)
    write(subject, ("EX", {"EXTRT": "MARZANOL", "EXDOSE": 1, "EXSTDTC": "2013-05-01"}))
    write(subject, ("AE", {"AESPID": "E02", "AETERM": "Marzanol rash", "AEDECOD": "Rash"}))
    assert study_terms(study) == ("Rash", "SEIZURE")
    assert "marzanol" in treatment_names(study)
