"""Accounts of imports as they are stored: of every version so far, and refused in words where they are none."""

import pytest

from apps.core.domain.stored import StoredDataError
from apps.studies.domain.import_accounts import (
    PREVIEWS,
    RECEIPTS,
    ColumnChange,
    ColumnLeftOut,
    FileEntry,
    Foretold,
    KeyNote,
    Preview,
    Receipt,
    RowDrop,
    SubjectsFound,
    Sums,
    sums_of,
)

FILE = {"name": "ae.xpt", "domain": "AE", "kind": "records"}
NOTE = {"domain": "CM", "text": "The key is not unique."}
LEFT_OUT = {"file": "dm.csv", "domain": "DM", "variable": "ARM", "reason": "not writable by your role"}


def test_nothing_stored_is_an_empty_account() -> None:
    assert PREVIEWS.read({}) == Preview()
    assert RECEIPTS.read({}) == Receipt()
    assert Receipt().vanished is None, "not asked yet, which is not nobody"


def test_a_check_is_read_as_it_was_written() -> None:
    stored = {
        "files": [{**FILE, "sha256": "ab", "size": 9, "rows": 3, "new": 1, "unchanged": 2, "is_telling": False}],
        "totals": {"new": 1, "rows": 3},
        "left_out": [LEFT_OUT],
        "subjects": {"moving": 2, "new": 1, "vanished": ["S-1"]},
        "consequences": [{"subject": "S-2", "text": "Version 1 goes stale"}],
        "withdrawn_by_domain": {"AE": 2},
        "row_drops": [{"domain": "LB", "before": 9, "now": 8}],
        "columns": [{"domain": "AE", "gained": ["AEHLT"], "lost": []}],
        "missing_files": {"LB": ["lbch"]},
        "key_notes": [NOTE],
        "is_listed": True,
    }
    assert PREVIEWS.read(stored) == Preview(
        files=(FileEntry("ae.xpt", "AE", "records", "ab", 9, rows=3, new=1, unchanged=2),),
        totals=Sums(new=1, rows=3),
        left_out=(ColumnLeftOut(**LEFT_OUT),),
        subjects=SubjectsFound(2, 1, ("S-1",)),
        consequences=(Foretold("S-2", "Version 1 goes stale"),),
        withdrawn_by_domain={"AE": 2},
        row_drops=(RowDrop("LB", 9, 8),),
        columns=(ColumnChange("AE", ("AEHLT",), ()),),
        missing_files={"LB": ("lbch",)},
        key_notes=(KeyNote("CM", "The key is not unique."),),
        is_listed=True,
    )


def test_a_receipt_is_read_as_it_was_written_and_one_of_long_ago_with_what_it_has() -> None:
    stored = {"files": [FILE], "subjects": ["S-1"], "vanished": [], "columns": {"AE": ["AETERM"]}, "sha256": "cd"}
    found = RECEIPTS.read({**stored, "withdrawn": 4, "moved": 1, "left_out": [LEFT_OUT], "key_notes": [NOTE]})
    assert found == Receipt(
        files=(FileEntry("ae.xpt", "AE", "records"),),
        left_out=(ColumnLeftOut(**LEFT_OUT),),
        columns={"AE": ("AETERM",)},
        key_notes=(KeyNote("CM", "The key is not unique."),),
        subjects=("S-1",),
        vanished=(),
        withdrawn=4,
        moved=1,
        sha256="cd",
    )
    assert RECEIPTS.read({"files": [FILE], "new": 3}).files[0].new == 0


def test_sums_are_over_every_file_and_withdrawn_ones_over_every_domain() -> None:
    counts = {name: 10**place for place, name in enumerate(Sums.__dataclass_fields__) if name != "withdrawn"}
    files = [FileEntry(name, "AE", "records", **counts) for name in ("ae1.xpt", "ae2.xpt", "ae3.xpt")]
    found = sums_of(files, {"AE": 2, "LB": 5})
    assert found == {**{name: 3 * number for name, number in counts.items()}, "withdrawn": 7}


@pytest.mark.parametrize("stored", [[], {"files": [{"name": "S-1 took 54 mg"}]}, {"withdrawn": "S-1 took 54 mg"}])
def test_what_is_no_account_is_refused_without_its_values(stored: object) -> None:
    with pytest.raises(StoredDataError) as refused:
        RECEIPTS.read(stored)
    assert "54 mg" not in str(refused.value)
