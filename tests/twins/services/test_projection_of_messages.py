"""A change that is part open, part hidden tells blinded readers only of the sections that changed for them."""

import pytest

from apps.studies.domain.audience import Audience
from apps.studies.models import Record, Subject
from apps.twins.selectors.history import sections_by_version
from apps.twins.selectors.records import last_changes, record_history
from tests.factories import StudyFactory, treated_subject, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    """A subject of which the arm and an event were changed in one change set."""
    found = treated_subject(StudyFactory())
    write(found, ("DM", {"ARM": "MARKER-OTHER"}), ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    return found


def test_a_replayed_message_names_only_sections_that_changed_for_the_reader(subject: Subject) -> None:
    assert sections_by_version(subject, Audience.BLINDED, 1, 2) == [(2, ["adverse_events"])]
    assert sections_by_version(subject, Audience.UNBLINDED, 1, 2) == [(2, ["adverse_events", "demographics"])]


def test_the_history_of_a_record_holds_no_entry_for_a_hidden_change(subject: Subject) -> None:
    demographics = Record.objects.get(subject=subject, domain="DM").record_id
    assert [entry.version for entry in record_history(subject, Audience.BLINDED, demographics, 2)] == [1]
    assert [entry.version for entry in record_history(subject, Audience.UNBLINDED, demographics, 2)] == [1, 2]


def test_a_record_is_not_marked_as_changed_for_a_hidden_change(subject: Subject) -> None:
    event = Record.objects.get(subject=subject, domain="AE").record_id
    assert last_changes(subject, Audience.BLINDED, 1, 2).keys() == {event}
    assert len(last_changes(subject, Audience.UNBLINDED, 1, 2)) == 2
