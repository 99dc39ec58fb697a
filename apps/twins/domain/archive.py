"""The form in which a twin's records are kept in a snapshot."""

import zlib
from collections.abc import Iterable, Iterator

import orjson

from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import open_values, parsed, spelled
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.clinical.records import ClinicalRecord

# The fastest level: the file is thrown away sooner than its size matters.
LEVEL = 1


def pack(rows: Iterable[ClinicalRecord], audience: Audience) -> bytes:
    """Compressed records of a twin as the audience sees them; of what is hidden only the unblinded form knows."""
    entries = []
    for row in rows:
        is_whole = audience is Audience.UNBLINDED
        values = row.values if is_whole else open_values(row.values, row.concealed)
        if values is not None:
            hidden = spelled(row.concealed) if is_whole else ""
            entries.append([row.id, row.domain, dict(values), row.target, hidden])
    return zlib.compress(orjson.dumps(entries), LEVEL)


def unpack(payload: bytes) -> Iterator[RecordChange]:
    """The changes that build the twin of a snapshot from nothing."""
    for record_id, domain, values, target, hidden in orjson.loads(zlib.decompress(payload)):
        yield RecordChange(Operation.INSERT, record_id, domain, values, target=target, hidden=parsed(hidden))
