"""How a record and one of its values are named: `AE/7f3k…` and `AE/7f3k….AEOUT`; nothing else cuts these texts."""

from typing import NamedTuple


class RecordId(str):
    """The id of a record, or of what rows are grouped under: its kind, a slash, and a name that says nothing."""

    __slots__ = ()

    @property
    def domain(self) -> str:
        """`AE` of `AE/7f3k…`; of a group its kind, such as `EVENT`."""
        return self.partition("/")[0]

    @property
    def name(self) -> str:
        """What follows the domain: `7f3k…`."""
        return self.partition("/")[2]


class Reference(NamedTuple):
    """A value as facts, reasons and addresses name it; without a variable the whole record."""

    record: RecordId
    variable: str = ""

    @property
    def domain(self) -> str:
        """The domain of the record."""
        return self.record.domain

    @staticmethod
    def of(record: str, variable: str = "") -> "Reference":
        """The reference to a variable of a record whose id is at hand."""
        return Reference(RecordId(record), variable)

    @staticmethod
    def parse(text: str) -> "Reference":
        """Read what `str` wrote. A name in an id may hold dots, a variable never does, so the last dot parts them."""
        record, _dot, variable = text.rpartition(".")
        return Reference.of(record, variable) if record else Reference.of(text)

    def __str__(self) -> str:
        return f"{self.record}.{self.variable}" if self.variable else self.record
