"""What `manage.py` uses with nothing set: embedded, or services where DATABASE_URL names a server."""

from clinical_platform.env import is_embedded

if is_embedded():
    from clinical_platform.settings.embedded import *  # noqa: F403
else:
    from clinical_platform.settings.services import *  # noqa: F403
