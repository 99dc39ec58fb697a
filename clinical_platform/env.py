"""The single reader of the environment; every setting that may differ between installations is named here."""

import hashlib
import secrets
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def secret_key() -> str:
    """`SECRET_KEY`, or a key made once and kept beside the embedded database, readable by its owner only."""
    given: str = env.str("SECRET_KEY", default="")
    if given:
        return given
    kept = VAR_DIR / "secret_key"
    if not kept.exists():
        VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Its mode before its content: at no moment can anybody else read the key.
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(60), encoding="ascii")
    return kept.read_text(encoding="ascii").strip()


def record_id_key() -> bytes:
    """Key of the digests that name records: `RECORD_ID_KEY`, else one that follows from the secret key.

    With another key the records that are there keep their ids, and a later import gives new ones other ids.
    """
    given: str = env.str("RECORD_ID_KEY", default="") or secret_key()
    return hashlib.sha256(b"record ids:" + given.encode()).digest()


def is_embedded() -> bool:
    """Whether one process with SQLite serves everything: no `DATABASE_URL`, or one that names a SQLite file."""
    url: str = env.str("DATABASE_URL", default="")
    return not url or url.startswith("sqlite:")
