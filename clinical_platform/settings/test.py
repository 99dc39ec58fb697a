"""The suite: the same settings as the way to run that the environment names, with cheap passwords."""

import os
import tempfile

from clinical_platform.env import is_embedded


if is_embedded():
    from clinical_platform.settings.embedded import *  # noqa: F403
    from clinical_platform.settings.embedded import CHANNEL_LAYERS, DATABASES

    DATABASES["default"]["TEST"] = {"NAME": os.path.join(tempfile.gettempdir(), f"portal-test-{os.getpid()}.sqlite3")}
else:
    from clinical_platform.settings.services import *  # noqa: F403
    from clinical_platform.settings.services import CHANNEL_LAYERS, DATABASES

    DATABASES["default"]["OPTIONS"] = {}
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://localhost/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["*"]
