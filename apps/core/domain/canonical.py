"""One canonical form and one hash, so that equal content has equal hashes wherever it came from."""

import hashlib
import json
from typing import Any

import orjson


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no white space; raises TypeError for what JSON cannot hold."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_hex(value: Any) -> str:
    """SHA-256 (64 hexadecimal digits) of the canonical JSON of a value."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def stored_sha256(value: Any) -> str:
    """The same hash of JSON that was stored, whatever it is; what the portal never writes has one that no content has.

    Somebody who writes past the portal may store numbers beyond 64 bits, half of a surrogate pair, or infinity.
    """
    try:
        # Strictly first: the canonical form takes what is not finite for null.
        json.dumps(value, allow_nan=False)
        return sha256_hex(value)
    except (TypeError, ValueError):
        plain = json.dumps(value, sort_keys=True, default=repr)
        return hashlib.sha256(b"not canonical\n" + plain.encode()).hexdigest()


def chained_sha256(previous: str, value: Any) -> str:
    """Link of a hash chain: SHA-256 over the previous link and the canonical JSON of the new entry."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + canonical_json(value)).hexdigest()
