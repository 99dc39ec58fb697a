"""The form in which a twin's records are kept in a snapshot."""

import zlib
from collections.abc import Iterable, Iterator

import orjson

from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.variables import open_values
from apps.twins.domain.rows import RowNode

# The fastest level: the file is thrown away sooner than its size matters.
LEVEL = 1


def pack(rows: Iterable[RowNode], audience: Audience) -> bytes:
    """Compressed records of a twin as the audience sees them."""
    entries = []
    for row in rows:
        values = row.values if audience is Audience.UNBLINDED else open_values(row.domain, row.values)
        if values is not None:
            entries.append([row.id, row.domain, dict(values), row.target])
    return zlib.compress(orjson.dumps(entries), LEVEL)


def unpack(payload: bytes) -> Iterator[RecordChange]:
    """The changes that build the twin of a snapshot from nothing."""
    for record_id, domain, values, target in orjson.loads(zlib.decompress(payload)):
        yield RecordChange(Operation.INSERT, record_id, domain, values, target=target)
