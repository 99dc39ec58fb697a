"""The single reader of the environment; every setting that may differ between installations is named here."""

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
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(60), encoding="ascii")
    return kept.read_text(encoding="ascii").strip()


def is_embedded() -> bool:
    """Whether one process with SQLite serves everything: no `DATABASE_URL`, or one that names a SQLite file."""
    url: str = env.str("DATABASE_URL", default="")
    return not url or url.startswith("sqlite:")
