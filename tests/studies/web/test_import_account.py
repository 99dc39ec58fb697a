"""The account of an import adds up for any files, and names what it may not count."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.import_accounts import FileEntry
from apps.studies.web.import_account import OUTCOMES, account_of

COUNTS = st.dictionaries(st.sampled_from(OUTCOMES), st.integers(0, 10_000))


def entry(counts: dict[str, int], *, left: int = 0, **values: Any) -> FileEntry:
    rows = sum(counts.values()) + left
    named = {"name": "ae.xpt", "domain": "AE", "kind": "records", "sha256": "ab" * 32, **values}
    return FileEntry(rows=rows, **counts, **named)


@given(st.lists(COUNTS, max_size=5), st.integers(0, 50))
def test_what_became_of_rows_and_what_was_not_reached_is_every_row(files, left):
    entries = [entry(counts, left=left if not number else 0) for number, counts in enumerate(files)]
    account = account_of(entries)
    assert sum(cell.number for cell in account.totals) + account.left == account.open_rows
    assert account.sum_in_words.endswith(f"= {account.open_rows:,}")


def test_outcomes_that_no_file_has_are_left_out_and_named():
    account = account_of([entry({"new": 1})])
    assert [outcome.key for outcome in account.outcomes] == ["new", "changed", "unchanged", "rejected"]
    assert [outcome.key for outcome in account.empty_outcomes] == ["qualifiers", "held_back", "ambiguous"]


def test_qualifiers_are_named_after_their_parents_and_files_without_data_are_left_aside():
    account = account_of([
        entry({"qualifiers": 3}, name="suppae.xpt", domain="SUPPAE", kind="qualifiers"),
        entry({}, name="readme.txt", domain="", kind="ignored"),
    ])  # fmt: skip
    assert account.files[0].label == "Adverse events qualifiers"
    assert account.sum_in_words == "3 qualifiers = 3"
    assert [line.name for line in account.ignored] == ["readme.txt"]
