"""Judges the keys that Define-XML names: a key counts only where it is unique in the file it is claimed for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from apps.studies.domain import variables
from apps.studies.domain.readers.define import DefinedDataset
from apps.studies.domain.readers.sheets import Sheet


@dataclass(frozen=True, slots=True)
class KeyNote:
    """What became of the key of one dataset: ``shared_rows`` of its ``rows`` are not alone with their key."""

    dataset: str
    domain: str
    variables: tuple[str, ...]
    rows: int
    shared_rows: int
    has_sequence: bool

    @property
    def is_usable(self) -> bool:
        """Whether rows can be recognised by the key in another cut: it is unique and does without --SEQ."""
        return bool(self.variables) and not self.shared_rows and not self.has_sequence

    @property
    def text(self) -> str:
        """The note in a sentence."""
        key = f"The key of {self.dataset} in Define-XML ({', '.join(self.variables)})"
        if self.shared_rows:
            return f"{key} is not unique: {self.shared_rows:,} of {self.rows:,} rows share it. It is not used."
        if self.has_sequence:
            return f"{key} contains the sequence number, which changes from cut to cut. It is not used."
        return f"{key} is unique in {self.rows:,} rows."


def judge_keys(defined: Iterable[DefinedDataset], sheets: Iterable[Sheet]) -> list[KeyNote]:
    """One note per dataset that Define-XML gives a key and that is among the sheets."""
    by_dataset = {sheet.source.dataset: sheet for sheet in sheets}
    return [
        _judge(dataset, by_dataset[dataset.name]) for dataset in defined if dataset.key and dataset.name in by_dataset
    ]


def _judge(dataset: DefinedDataset, sheet: Sheet) -> KeyNote:
    counted = Counter(zip(*(sheet.column(name) for name in dataset.key), strict=True))
    shared = sum(count for count in counted.values() if count > 1)
    has_sequence = any(variables.is_sequence(sheet.domain, name) for name in dataset.key)
    return KeyNote(dataset.name, sheet.domain, dataset.key, sheet.height, shared, has_sequence)
