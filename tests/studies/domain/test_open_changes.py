"""A change as blinded readers see it: what becomes hidden is withdrawn, what becomes open is new."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import OPEN, WHOLE, Hidden, spelled
from apps.studies.domain.changes import (
    CHAIN_RULE,
    ChainHead,
    Operation,
    Origin,
    RecordChange,
    data_cut_of,
    next_link,
    open_change,
    seen_revision,
    stamp,
)

SOME: Hidden = frozenset({"COVAL"})
BEFORE, AFTER = {"COREF": "1", "COVAL": "a"}, {"COREF": "1", "COVAL": "b"}


def change(
    operation: Operation,
    hidden: Hidden | None,
    before: dict[str, Any] | None = None,
    was: Hidden | None = None,
    values: dict[str, Any] | None = None,
) -> RecordChange:
    values = AFTER if values is None else values
    return RecordChange(operation, "CO/1", "CO", values, before, hidden=hidden, hidden_before=was)


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (change(Operation.INSERT, OPEN), ("insert", AFTER)),
        (change(Operation.INSERT, SOME), ("insert", {"COREF": "1"})),
        (change(Operation.INSERT, WHOLE), None),
        (change(Operation.UPDATE, OPEN, BEFORE, OPEN), ("update", AFTER)),
        (change(Operation.UPDATE, SOME, BEFORE, SOME), None),
        (change(Operation.UPDATE, SOME, BEFORE, OPEN), ("update", {"COREF": "1"})),
        (change(Operation.UPDATE, OPEN, BEFORE, SOME), ("update", AFTER)),
        (change(Operation.UPDATE, WHOLE, BEFORE, OPEN), ("withdraw", {})),
        (change(Operation.UPDATE, WHOLE, BEFORE, WHOLE), None),
        (change(Operation.UPDATE, OPEN, BEFORE, WHOLE), ("insert", AFTER)),
        (change(Operation.UPDATE, OPEN), ("update", AFTER)),
        (change(Operation.WITHDRAW, OPEN), ("withdraw", AFTER)),
        (change(Operation.WITHDRAW, WHOLE), None),
        (change(Operation.REINSTATE, OPEN, BEFORE, OPEN), ("reinstate", AFTER)),
        (change(Operation.REINSTATE, OPEN, BEFORE, WHOLE), ("insert", AFTER)),
        (change(Operation.REINSTATE, WHOLE, BEFORE, OPEN), None),
    ],
)
def test_what_a_change_is_for_blinded_readers(given: RecordChange, seen: tuple[str, dict[str, Any]] | None) -> None:
    found = open_change(given)
    assert (None if found is None else (found.operation.value, found.values)) == seen


@pytest.mark.parametrize("operation", ["", "insert", "update", "withdraw"])
def test_a_stored_revision_is_seen_as_it_was_when_it_was_written(operation: str) -> None:
    assert seen_revision(Audience.UNBLINDED, "update", operation, AFTER, "COVAL") == (Operation.UPDATE, AFTER)
    seen = seen_revision(Audience.BLINDED, "update", operation, AFTER, spelled(SOME))
    assert seen == ((Operation(operation), {"COREF": "1"}) if operation else None)


def test_a_stored_withdrawal_from_blinded_readers_shows_no_value() -> None:
    assert seen_revision(Audience.BLINDED, "update", "withdraw", AFTER, "*") == (Operation.WITHDRAW, {})


def test_until_a_study_was_asked_the_rules_of_the_product_hold() -> None:
    arm = RecordChange(Operation.UPDATE, "DM/1", "DM", {"SEX": "F", "ARM": "A"}, {"SEX": "F", "ARM": "B"})
    assert arm.concealed == {"ARM"}
    assert arm.concealed_before == {"ARM"}
    assert open_change(arm) is None


def test_a_hidden_day_does_not_move_the_cut_of_the_data() -> None:
    seen = {"AEDTC": "2013-05-01"}
    later = {"AEDTC": "2013-07-01"}
    changes = [
        RecordChange(Operation.INSERT, "AE/1", "AE", seen, hidden=OPEN),
        RecordChange(Operation.INSERT, "AE/2", "AE", later, hidden=WHOLE),
        RecordChange(Operation.INSERT, "AE/3", "AE", later, hidden=frozenset({"AEDTC"})),
    ]
    cut = data_cut_of(changes, None)
    assert cut is not None
    assert cut.isoformat() == "2013-05-01"


def test_what_is_seen_of_a_change_keeps_its_record_its_target_and_its_origin_and_hides_nothing_more() -> None:
    origin = Origin(7, 3)
    given = RecordChange(Operation.UPDATE, "CO/1", "CO", AFTER, BEFORE | {"COREF": "0"}, "AE/1", origin, SOME, SOME)
    seen = {"COREF": "1"}, {"COREF": "0"}
    assert open_change(given) == RecordChange(Operation.UPDATE, "CO/1", "CO", *seen, "AE/1", origin, OPEN, OPEN)


def test_without_a_day_of_collection_there_is_no_cut_of_the_data() -> None:
    assert data_cut_of([], None) is None


def test_the_blinded_hash_is_the_same_however_much_is_hidden() -> None:
    opened = [RecordChange(Operation.INSERT, "AE/1", "AE", {"AETERM": "Rash"}, hidden=OPEN)]
    dose = RecordChange(Operation.INSERT, "EX/1", "EX", {"EXDOSE": 54}, hidden=WHOLE)

    def blinded(number: int, changes: list[RecordChange]) -> ChainHead:
        at = datetime(2030, 1, 1, tzinfo=UTC)
        stamped = stamp(
            number=number,
            subject_id="01",
            actor="A",
            reason="R",
            source="api",
            known_at=at,
        )
        head = ChainHead(number - 1, f"{number}", 3, "before")
        return next_link(head, changes, stamped, is_reason_open=True, rule=CHAIN_RULE).head

    few, many = blinded(4, opened), blinded(9, [*opened, dose])
    assert few.sha256 != many.sha256
    assert (few.blinded_number, few.blinded_sha256) == (many.blinded_number, many.blinded_sha256)


def test_what_a_hash_binds_stays_what_it_was() -> None:
    """Chains that were stored are made again by their rule: a name or a spelling that moved would break every one."""
    at = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    stamped = stamp(number=1, subject_id="01", actor="A", reason="R", source="api", known_at=at)
    assert stamped == {
        "number": "1",
        "subject": "01",
        "actor": "A",
        "reason": "R",
        "source": "api",
        "known_at": "2030-01-02T03:04:05+00:00",
    }
    change = RecordChange(Operation.INSERT, "AE/1", "AE", {"AETERM": "Rash"}, hidden=OPEN)
    link = next_link(ChainHead(0, "", 0, ""), [change], stamped, is_reason_open=True, rule=CHAIN_RULE)
    assert link.head.sha256 == "0f3b45ae85ea92283f6940c7238d15c467994659587366f12b8358fe67bbccf2"
    assert link.head.blinded_sha256 == "0f3b45ae85ea92283f6940c7238d15c467994659587366f12b8358fe67bbccf2"
