"""The one door: gap-free numbers, two hash chains that show any edit, and nothing a blinded reader could count."""

from unittest import mock

import pytest

from apps.accounts.domain.roles import Role
from apps.core.domain.errors import InvalidInputError, NotAllowedError
from apps.core.domain.integrity import Part
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.upserts import Submitted
from apps.studies.models import ChangeSet, Record, RecordRevision, Study, StudyState, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.integrity import LedgerCheck
from apps.studies.services import ledger
from apps.studies.services.ledger import record_changes, record_study_changes
from apps.studies.services.writing import write_records
from tests.factories import StudyFactory, client_account, context, person, treated_subject, write
from tests.history import plain, rewritable
from tests.studies.services.chains import chain_breaks, said

pytestmark = pytest.mark.django_db

EXPOSURE = {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def told(subject: Subject) -> Subject:
    """A subject with a history of open, hidden and mixed changes."""
    write(subject, ("EX", EXPOSURE), reason="Dose of MARKER-DRUG entered")
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    write(subject, ("DM", {"AGE": 70, "ARM": "MARKER-OTHER"}))
    return subject


def latest(subject: Subject) -> ChangeSet:
    return ChangeSet.objects.filter(subject=subject).order_by("-number")[0]


def a_change(operation: Operation = Operation.UPDATE, **values: str) -> RecordChange:
    record = Record.objects.get(domain="AE")
    return RecordChange(operation, record.record_id, "AE", {**record.values, **values}, record.values)


def test_change_sets_of_a_subject_are_numbered_without_a_gap(told: Subject) -> None:
    assert list(told.change_sets.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert told.version == 4


def test_the_numbers_of_blinded_readers_move_only_when_what_they_see_changes(told: Subject) -> None:
    sets = told.change_sets.order_by("number").values_list("blinded_number", "is_open", "blinded_change_count")
    assert list(sets) == [(1, True, 2), (1, False, 0), (2, True, 1), (3, True, 1)]
    assert told.blinded_version == 3


def test_a_change_that_blinded_readers_do_not_see_leaves_their_hash_alone(subject: Subject) -> None:
    before = Subject.objects.get(pk=subject.pk)
    write(subject, ("DM", {"ARM": "MARKER-OTHER"}))
    after = Subject.objects.get(pk=subject.pk)
    assert after.head_sha256 != before.head_sha256
    assert after.blinded_head_sha256 == before.blinded_head_sha256


@pytest.mark.requirement("P11-10a")
def test_a_history_of_before_verifies_by_its_own_rule_and_goes_on_by_that_of_now(subject: Subject) -> None:
    """The first rule bound the number of every change set into the blinded chain."""
    with mock.patch.object(ledger, "CHAIN_RULE", 1):
        write(subject, ("EX", EXPOSURE))
        write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "NONE"}))
    rules = list(subject.change_sets.order_by("number").values_list("chain_rule", flat=True))
    assert (rules, chain_breaks(subject)) == ([2, 1, 1, 2], [])


@pytest.mark.requirement("P11-10a")
def test_a_link_that_says_another_rule_than_it_was_made_by_is_broken(told: Subject) -> None:
    with rewritable("studies_changeset"):
        plain(ChangeSet).filter(subject=told, number=4).update(chain_rule=1)
    assert chain_breaks(told) == [4]


@pytest.mark.requirement("P11-10a")
def test_both_chains_are_what_the_stored_content_gives(told: Subject) -> None:
    assert chain_breaks(told) == []
    last = latest(told)
    told.refresh_from_db()
    assert (told.head_sha256, told.blinded_head_sha256) == (last.sha256, last.blinded_sha256)
    previous = list(told.change_sets.order_by("number").values_list("previous_sha256", "sha256"))
    assert [before for before, _ in previous[1:]] == [after for _, after in previous[:-1]]


@pytest.mark.requirement("P11-10a")
def test_one_flipped_byte_of_a_value_breaks_the_link_that_holds_it(told: Subject) -> None:
    revision = RecordRevision.objects.get(change_set__subject=told, change_set__number=1, domain="AE")
    with rewritable("studies_recordrevision"):
        plain(RecordRevision).filter(pk=revision.pk).update(values={**revision.values, "AETERM": "SEIZURF"})
    assert chain_breaks(told) == [1]


@pytest.mark.requirement("P11-10a")
@pytest.mark.parametrize("column", ["reason", "actor_name", "source"])
def test_an_edited_stamp_breaks_the_chain(told: Subject, column: str) -> None:
    with rewritable("studies_changeset"):
        plain(ChangeSet).filter(subject=told, number=3).update(**{column: "somebody else"})
    assert chain_breaks(told) == [3]


def test_a_removed_change_set_breaks_the_chain(told: Subject) -> None:
    with rewritable("studies_recordrevision"):
        plain(RecordRevision).filter(change_set__subject=told, change_set__number=2).delete()
    assert chain_breaks(told) == [2]


@pytest.mark.requirement("E6-411")
def test_a_reason_given_by_one_who_knows_the_treatment_is_withheld_whatever_it_is_given_for(subject: Subject) -> None:
    """Were it told where nothing hidden is touched, that it is not would tell of something hidden."""
    for record in (("EX", EXPOSURE), ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}), ("DM", {"AGE": 71, "ARM": "B"})):
        write(subject, record, reason="Site corrected")
        assert not latest(subject).is_reason_open


def test_the_blinded_chain_does_not_hold_a_withheld_reason(subject: Subject) -> None:
    changes = [a_change(AEREL="POSSIBLE")]
    record_changes(subject=subject, changes=changes, context=said("Reduced to 54 mg"))
    assert chain_breaks(subject) == []
    dm = Record.objects.get(domain="DM")
    both = RecordChange(
        Operation.UPDATE, dm.record_id, "DM", {**dm.values, "AGE": 71, "ARM": "MARKER-OTHER"}, dm.values
    )
    record_changes(subject=subject, changes=[both], context=said("Moved to MARKER-OTHER"))
    with rewritable("studies_changeset"):
        plain(ChangeSet).filter(subject=subject, number=3).update(reason="Another reason")
    broken = latest(subject)
    link_now = chain_breaks(subject)
    assert link_now == [3], "the unblinded chain binds the reason"
    assert broken.blinded_sha256 == Subject.objects.get(pk=subject.pk).blinded_head_sha256


def test_a_record_that_comes_back_keeps_its_id(subject: Subject) -> None:
    record = Record.objects.get(subject=subject, domain="AE")
    record_changes(subject=subject, changes=[a_change(Operation.WITHDRAW)], context=said("Entered for another subject"))
    assert Record.objects.get(pk=record.pk).is_withdrawn
    record_changes(subject=subject, changes=[a_change(Operation.REINSTATE)], context=said("It was this subject"))
    back = Record.objects.get(subject=subject, domain="AE")
    assert (back.record_id, back.is_withdrawn, back.values) == (record.record_id, False, record.values)
    assert chain_breaks(subject) == []


def test_an_event_written_again_after_its_withdrawal_is_reinstated_under_its_old_id(subject: Subject) -> None:
    record = Record.objects.get(subject=subject, domain="AE")
    record_changes(subject=subject, changes=[a_change(Operation.WITHDRAW)], context=said("Entered in error"))
    write(subject, ("AE", {**record.values}))
    assert Record.objects.get(subject=subject, domain="AE").record_id == record.record_id
    assert latest(subject).revisions.get().operation == "reinstate"


def test_a_request_may_withdraw_a_record_and_enter_it_again(subject: Subject) -> None:
    record = Record.objects.get(subject=subject, domain="AE")
    writer = principal_of(client_account(subject.study))
    again = {**record.values, "AEREL": "POSSIBLE"}
    both = [
        Submitted(0, "AE", subject.subject_id, {}, is_withdrawal=True, key=record.record_id),
        Submitted(1, "AE", subject.subject_id, again),
    ]
    result = write_records(principal=writer, study=subject.study, records=both, context=said("Entered again"))
    assert (result.accepted, result.rejected) == (2, [])
    assert Record.objects.get(subject=subject, domain="AE").values == again
    assert chain_breaks(subject) == []


@pytest.mark.requirement("P11-10e")
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_no_change_without_a_reason(subject: Subject, reason: str) -> None:
    with pytest.raises(InvalidInputError, match="needs a reason"):
        record_changes(subject=subject, changes=[a_change(AEREL="POSSIBLE")], context=said(reason))
    with pytest.raises(InvalidInputError, match="needs a reason"):
        record_study_changes(study=subject.study, changes=[a_change()], context=said(reason))
    assert ChangeSet.objects.count() == 1


def test_nothing_to_change_is_no_version(subject: Subject) -> None:
    assert record_changes(subject=subject, changes=[], context=said("Nothing")) is None
    assert record_study_changes(study=subject.study, changes=[], context=said("Nothing")) is None
    assert Subject.objects.get(pk=subject.pk).version == 1


@pytest.mark.parametrize("state", [StudyState.LOCKED, StudyState.ARCHIVED])
def test_a_study_that_is_not_active_takes_no_change(subject: Subject, state: StudyState) -> None:
    Study.objects.filter(pk=subject.study_id).update(state=state)
    with pytest.raises(NotAllowedError, match=f"{state} and takes no changes"):
        record_changes(subject=subject, changes=[a_change(AEREL="POSSIBLE")], context=said("Late correction"))
    with pytest.raises(NotAllowedError, match="takes no changes"):
        record_study_changes(study=subject.study, changes=[a_change()], context=said("Late correction"))
    assert RecordRevision.objects.count() == 2


def test_the_records_of_a_study_have_a_chain_of_their_own(subject: Subject) -> None:
    summary = RecordChange(Operation.INSERT, "TS/1", "TS", {"TSPARMCD": "TITLE", "TSVAL": "A trial"})
    record_study_changes(study=subject.study, changes=[summary], context=said("Trial design"))
    study = Study.objects.get(pk=subject.study_id)
    assert study.version == 1
    assert study.head_sha256 == ChangeSet.objects.get(study=study, subject=None).sha256
    assert Record.objects.get(domain="TS").subject is None
    assert Subject.objects.get(pk=subject.pk).version == 1
    check = LedgerCheck(study, None)
    assert len(list(check.steps())) == 1
    assert check.breaks == []


def test_a_record_that_is_no_relation_points_at_nothing_however_often_it_changes(subject: Subject) -> None:
    for outcome in ("FATAL", "UNKNOWN"):
        write(subject, ("AE", {"AESPID": "E01", "AEOUT": outcome}))
    assert set(Record.objects.filter(subject=subject).values_list("target", flat=True)) == {""}


@pytest.mark.requirement("P11-10a")
@pytest.mark.parametrize(
    "wrong",
    [{"is_open": False}, {"change_count": 77}, {"blinded_change_count": 77}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_a_change_set_says_of_its_changes_is_held_against_them(told: Subject, wrong: dict[str, object]) -> None:
    with rewritable("studies_changeset"):
        plain(ChangeSet).filter(subject=told, number=1).update(**wrong)
    assert ledger_words(told) == ["What it says of its changes is not what they are."]


@pytest.mark.requirement("E6-411")
def test_what_a_revision_is_for_blinded_readers_is_held_against_what_it_hides(told: Subject) -> None:
    last = RecordRevision.objects.filter(change_set__subject=told).order_by("pk").last()
    assert last is not None
    with rewritable("studies_recordrevision"):
        plain(RecordRevision).filter(pk=last.pk).update(open_operation="withdraw")
    assert ledger_words(told) == ["What it is for blinded readers is not what it hides."]


def ledger_words(subject: Subject) -> list[str]:
    check = LedgerCheck(subject.study, Subject.objects.get(pk=subject.pk))
    list(check.steps())
    return [found.words for found in check.breaks if found.part is Part.LEDGER]


def test_who_wrote_is_kept_with_the_change(subject: Subject) -> None:
    manager = person(Role.DATA_MANAGER, subject.study, printed_name="Priya Raman")
    record_changes(subject=subject, changes=[a_change(AEREL="POSSIBLE")], context=context(manager, "Query 12 answered"))
    kept = latest(subject)
    assert (kept.actor, kept.actor_name, kept.reason) == (manager, "Priya Raman", "Query 12 answered")
    assert kept.correlation_id


def test_the_data_cut_is_the_latest_day_of_collection(subject: Subject) -> None:
    write(subject, ("VS", {"VSTESTCD": "PULSE", "VSSTRESN": 70, "VSDTC": "2013-07-01"}))
    write(subject, ("VS", {"VSTESTCD": "TEMP", "VSSTRESN": 37, "VSDTC": "2013-05-01"}))
    assert str(subject.data_cut) == "2013-07-01"
