"""The suite: the same settings as the way to run that the environment names, with cheap passwords."""

import os
import tempfile
from pathlib import Path
from typing import Any

from clinical_platform.env import is_embedded

if is_embedded():
    from clinical_platform.settings import embedded as way
    from clinical_platform.settings.embedded import *  # noqa: F403
else:
    from clinical_platform.settings import services as way  # type: ignore[no-redef]
    from clinical_platform.settings.services import *  # noqa: F403

databases: dict[str, Any] = way.DATABASES
layers: dict[str, Any] = way.CHANNEL_LAYERS

if is_embedded():
    databases["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"portal-test-{os.getpid()}.sqlite3")}
else:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    databases["default"]["OPTIONS"] = {}
    layers["default"]["CONFIG"]["prefix"] = f"test-{worker}-{os.getpid()}"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://localhost/"
ALLOWED_HOSTS = ["*"]
# Pages name files as the sources do, whatever was collected beside them.
STORAGES = {**way.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
# Each page asks, so that a page costs the same number of queries each time.
WORKER_LOOK_SECONDS = 0.0
