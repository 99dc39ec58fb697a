"""One process: SQLite, channel layer and job queue in memory. The default, with nothing set."""

from clinical_platform.env import VAR_DIR, env
from clinical_platform.settings.base import *  # noqa: F403  # settings are layered by design

VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
(VAR_DIR / "static").mkdir(exist_ok=True)

if env.str("HOST", default="") == "0.0.0.0":  # noqa: S104  # asked for by the operator: reachable by any name
    ALLOWED_HOSTS = ["*"]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
DATABASES["default"]["OPTIONS"] = {
    "timeout": 20,
    # A transaction that begins by reading cannot wait for the write lock later: it fails at once, whatever the timeout.
    "transaction_mode": "IMMEDIATE",
    # FULL: with WAL, NORMAL may lose the last commits at a loss of power, and one may be a signature.
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
        "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=134217728;PRAGMA cache_size=-20000;"
    ),
}
CHANNEL_LAYERS = {
    "default": {"BACKEND": "apps.core.layers.ThreadSafeInMemoryLayer", "CONFIG": {"capacity": 5000, "expiry": 60}}
}
CELERY_BROKER_URL = "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = {"polling_interval": 0.02}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
