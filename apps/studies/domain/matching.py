"""Which record an incoming row is: by a ladder of keys, never by --SEQ, and never by a guess.

Rows are paired by equality of all values, then rung by rung where a key is unique on both sides, then by best agreement
within a rung. What is left and still shares a rung with an unpaired record is a doubt, and a person decides it.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from apps.core.domain.canonical import canonical_json
from apps.studies.domain import variables
from apps.studies.domain.ladders import TARGET_IDS, Ladder, Rung, ladder_of
from apps.studies.domain.values import values_equal
from apps.studies.domain.variables import Value

Values = Mapping[str, Value]
T = TypeVar("T")

# With a lead of one, a single corrected value could turn the choice around.
_CLEAR_MARGIN: Final = 2
# Every row is held against every record of its group, so the work grows with the square of it.
_LARGEST_GROUP: Final = 32
# 60 bits: `taken` knows one subject, and among all of a study no two ids may be equal by chance.
_ID_CHARACTERS: Final = 12


class MatchKind(StrEnum):
    """What became of an incoming row."""

    MATCHED = "matched"
    NEW = "new"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Match:
    """Outcome for one incoming row: its record, none yet, or a doubt with the records it may be."""

    kind: MatchKind
    record_id: str | None = None
    reason: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchResult:
    """One ``Match`` per incoming row, in order, and the records that no row is or may be (withdrawn, if in a cut)."""

    matches: tuple[Match, ...]
    unmatched: tuple[str, ...]


def match_rows(
    domain: str,
    existing: Mapping[str, Values],
    incoming: Sequence[Values],
    *,
    complete: bool = True,
    key: Rung = (),
) -> MatchResult:
    """Match incoming rows of one subject and domain to its records, in about O(n).

    ``complete`` says that the rows are all the subject has (a cut); a few rows alone may not contradict the record they
    update on the variables of the ladder. ``key`` is one more rung, such as a unique key of Define-XML.
    """
    ladder = ladder_of(domain)
    own_rung = tuple(name for name in key if not variables.is_sequence(domain, name))
    # A key that is unique only with --SEQ tells rows of one cut apart, not records.
    rungs = (*ladder.rungs, own_rung) if own_rung and own_rung == key else ladder.rungs
    work = _Matching(domain, ladder, existing, incoming, complete)
    work.pair_equal_rows()
    for rung in rungs:
        work.pair_unique_keys(rung)
    # All that is certain first: each such pair takes a candidate away from a choice that is not.
    for rung in rungs:
        work.pair_by_agreement(rung)
    return work.result()


def new_record_id(
    domain: str, study: str, subject_id: str, values: Values, taken: Container[str], *, secret: bytes
) -> str:
    """Permanent id such as ``AE/7f3kq2m9xw4t``: the domain and a keyed digest of subject and natural key.

    The same package gives the same ids in one installation; without its secret nobody can work out which record an id
    belongs to, or whether one exists. Rows that share a natural key differ by an ordinal; no id in ``taken`` is given.
    """
    natural_key = _natural_key(domain, values)
    ordinal = 0
    while True:
        content = canonical_json([domain, study, subject_id, natural_key, ordinal])
        digest = hashlib.blake2b(content, key=secret, digest_size=10).digest()
        record_id = f"{domain}/{base64.b32encode(digest).decode('ascii').lower()[:_ID_CHARACTERS]}"
        if record_id not in taken:
            return record_id
        ordinal += 1


def _natural_key(domain: str, values: Values) -> list[tuple[str, Value]]:
    ladder = ladder_of(domain)
    on_a_rung = next((rung for rung in ladder.rungs if rung[0] in values), tuple(sorted(values)))
    return [(name, values[name]) for name in on_a_rung if name in values and not variables.is_sequence(domain, name)]


@dataclass(slots=True)
class _Matching:
    """The work of one call: which rows are still to be paired, and what they may be."""

    domain: str
    ladder: Ladder
    existing: Mapping[str, Values]
    incoming: Sequence[Values]
    complete: bool
    found: dict[int, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    doubts: dict[int, list[str]] = field(default_factory=dict)

    def pair_equal_rows(self) -> None:
        """Pair rows equal in every value, then those equal but for --SEQ, in the order of --SEQ."""
        self._pair_off(lambda row: frozenset(row.items()))
        self._pair_off(self._content)

    def pair_unique_keys(self, rung: Rung) -> None:
        """Pair what one rung identifies on both sides."""
        for records, rows in self._groups(rung):
            if len(records) == len(rows) == 1 and self._may_pair(records[0], rows[0]):
                self._pair(records[0], rows[0])

    def pair_by_agreement(self, rung: Rung) -> None:
        """Pair each other's clearly best partners within a rung and remember the rest as doubts."""
        for records, rows in self._groups(rung):
            possible = [(record, row) for row in rows for record in records if self._may_pair(record, row)]
            for record, row in self._mutual_best(records, rows, possible):
                self._pair(record, row)
            # In a whole cut a shared key under another sponsor id is a doubt; in an update it is simply another record.
            doubtful = records if self.complete and len(rung) > 1 else sorted({record for record, _ in possible})
            self.doubts.update({row: doubtful for row in rows if row not in self.found and row not in self.doubts})

    def result(self) -> MatchResult:
        """What was found, with the doubts that are still doubts."""
        matches = tuple(self._match_of(row) for row in range(len(self.incoming)))
        # What a doubtful row may be is not missing: to withdraw it would decide the doubt.
        doubtful = {record for match in matches for record in match.candidates}
        rest = (record for record in self.existing if record not in self.taken and record not in doubtful)
        return MatchResult(matches, tuple(rest))

    def _match_of(self, row: int) -> Match:
        if row in self.found:
            return Match(MatchKind.MATCHED, self.found[row])
        candidates = tuple(record for record in self.doubts.get(row, ()) if record not in self.taken)
        if not candidates:
            return Match(MatchKind.NEW)
        reason = "The row may be a record that shares its key but has another sponsor identifier."
        if len(candidates) > 1:
            reason = f"The row may be any of {len(candidates)} records that share its key but differ otherwise."
        return Match(MatchKind.AMBIGUOUS, None, reason, candidates)

    def _pair(self, record: str, row: int) -> None:
        self.found[row] = record
        self.taken.add(record)

    def _pair_off(self, content: Callable[[Values], Hashable]) -> None:
        for records, rows in self._grouped(content):
            by_sequence = sorted(records, key=lambda record: self._sequence(self.existing[record]))
            for record, row in zip(
                by_sequence, sorted(rows, key=lambda n: self._sequence(self.incoming[n])), strict=False
            ):
                self._pair(record, row)

    def _groups(self, rung: Rung) -> list[tuple[list[str], list[int]]]:
        return self._grouped(lambda row: tuple(row.get(name) for name in rung) if rung[0] in row else None)

    def _grouped(self, content: Callable[[Values], Hashable]) -> list[tuple[list[str], list[int]]]:
        """Unpaired records and rows with the same content, where both sides have some; None is no content."""
        rows: defaultdict[Hashable, list[int]] = defaultdict(list)
        for number, row in enumerate(self.incoming):
            if number not in self.found:
                rows[content(row)].append(number)
        records: defaultdict[Hashable, list[str]] = defaultdict(list)
        for record, values in self.existing.items() if rows else ():
            if record not in self.taken:
                records[content(values)].append(record)
        return [(records[key], rows[key]) for key in rows if key is not None and key in records]

    def _content(self, row: Values) -> Hashable:
        numbering = self._numbering(row)
        return frozenset(item for item in row.items() if item[0] not in numbering)

    def _numbering(self, row: Values) -> tuple[str, ...]:
        """The variables of a row that say only where it stands in its cut."""
        if TARGET_IDS in row and str(row.get("IDVAR", "")).endswith("SEQ"):
            return ("IDVARVAL",)
        return (f"{self.domain}SEQ",)

    def _sequence(self, row: Values) -> float:
        number = row.get(f"{self.domain}SEQ", 0)
        return number if isinstance(number, int | float) else 0

    def _may_pair(self, record: str, row: int) -> bool:
        old, new = self.existing[record], self.incoming[row]
        same_sponsor_id = any(name in old and old.get(name) == new.get(name) for name in self.ladder.sponsor_ids)
        differing = {name for name in self.ladder.variables if _contradict(old.get(name), new.get(name))}
        # Two sponsor ids are the sponsor's word that these are two, however much agrees.
        if not differing.isdisjoint(self.ladder.sponsor_ids):
            return False
        if self.complete:
            return True
        return len(differing) <= self.ladder.tolerance if same_sponsor_id else differing <= self.ladder.soft

    def _mutual_best(
        self, records: Sequence[str], rows: Sequence[int], possible: Iterable[tuple[str, int]]
    ) -> list[tuple[str, int]]:
        if max(len(records), len(rows)) > _LARGEST_GROUP:
            return []
        scores = {pair: self._agreement(*pair) for pair in possible}
        best_rows = {
            record: _clear_best({row: scores[r, row] for r, row in scores if r == record}) for record in records
        }
        best_records = {row: _clear_best({r: scores[r, n] for r, n in scores if n == row}) for row in rows}
        return [
            (record, row) for row, record in best_records.items() if record is not None and best_rows[record] == row
        ]

    def _agreement(self, record: str, row: int) -> int:
        old, new = self.existing[record], self.incoming[row]
        numbering = self._numbering(new)
        return sum(values_equal(old.get(name), value) for name, value in new.items() if name not in numbering)


def _contradict(old: Value | None, new: Value | None) -> bool:
    return old is not None and new is not None and not values_equal(old, new)


def _clear_best(scores: Mapping[T, int]) -> T | None:
    ranked = sorted(scores, key=lambda item: scores[item], reverse=True)
    if len(ranked) > 1 and scores[ranked[0]] - scores[ranked[1]] < _CLEAR_MARGIN:
        return None
    return ranked[0] if ranked else None
