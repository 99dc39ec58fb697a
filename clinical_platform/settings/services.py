"""PostgreSQL, Redis and separate processes; chosen by DATABASE_URL and REDIS_URL."""

from clinical_platform.env import env
from clinical_platform.settings.base import *  # noqa: F403  # settings are layered by design
from clinical_platform.settings.base import JOB_LEASE_SECONDS

REDIS_URL = env.str("REDIS_URL")
# A Redis that hangs must hold nobody: every call to it ends within seconds.
REDIS_LIMITS: dict[str, float] = {"socket_timeout": 1.5, "socket_connect_timeout": 1.0}

DATABASES = {"default": env.db("DATABASE_URL")}
# Django refuses connections that persist beside a pool, which keeps them itself.
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Back-pressure: who gets no connection or no lock in time is told to come again. A process that was frozen within a
# transaction gives up its locks, and with them the job that another worker waits for.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {
    "pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", default=8), "timeout": 3.0},
    "connect_timeout": 3,
    "options": f"-c lock_timeout=15s -c idle_in_transaction_session_timeout={JOB_LEASE_SECONDS:.0f}s",
}

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "apps.core.redis_layer.ReportingLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, **REDIS_LIMITS}],
            "prefix": env.str("CHANNEL_PREFIX", default="clinical"),
        },
    }
}
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL)
# A hint is tried once and quickly: with the queue gone, the sweep finds the job in its table.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = {
    **REDIS_LIMITS,
    "visibility_timeout": 3600,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": REDIS_LIMITS,
    }
}
