"""The portal's own trouble behind an error: what whoever asked should be told, and when to ask again."""

import errno
import logging

from django.db import InterfaceError, OperationalError

from apps.core.domain.errors import PlatformError, StorageFullError, UnavailableError

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
_FULL = {errno.ENOSPC, errno.EDQUOT}


def trouble_of(error: BaseException | None) -> PlatformError | None:
    """Database gone, busy or locked, or a full disk; None for anything else. Logged by name, never by text."""
    found: PlatformError | None = None
    # A locked SQLite and a lock that PostgreSQL did not give in time are operational errors as well.
    if isinstance(error, OperationalError | InterfaceError):
        found = UnavailableError()
    elif isinstance(error, OSError) and error.errno in _FULL:
        found = StorageFullError()
    if found is not None:
        logger.warning("portal_in_trouble kind=%s error=%s", found.kind, type(error).__name__)
    return found


def headers_of(problem: PlatformError) -> dict[str, str]:
    """When to ask again (RFC 9110 10.2.3), where asking again may help."""
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if problem.status in {503, 507} else {}
