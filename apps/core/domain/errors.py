"""One error shape for every door: pages, API, admin, sockets, tasks and commands show the same words."""

from collections.abc import Mapping


class PlatformError(Exception):
    """Something the caller asked for was not done; says what was got, what was expected and what to do."""

    status = 400
    title = "The request could not be carried out"
    kind = "error"

    def __init__(self, detail: str, *, extra: Mapping[str, object] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra: dict[str, object] = dict(extra or {})

    @property
    def is_lasting(self) -> bool:
        """Whether asking again would be refused again; what is the portal's own trouble may pass."""
        return self.status < 500


class InvalidInputError(PlatformError):
    """Input that can be read but not accepted."""

    status = 422
    title = "The input was not accepted"
    kind = "invalid-input"


class BadRequestError(PlatformError):
    """A request whose form is wrong, whatever it asks for."""

    title = "The request is not well formed"
    kind = "bad-request"


class NotVisibleError(PlatformError):
    """What is asked for does not exist, or does not exist for this reader; the two are never told apart."""

    status = 404
    title = "Not found"
    kind = "not-found"


class NotAllowedError(PlatformError):
    """The caller sees the thing but may not do this to it; the detail says why."""

    status = 403
    title = "Not allowed"
    kind = "not-allowed"


class ConflictError(PlatformError):
    """The state of the thing does not admit this step now."""

    status = 409
    title = "Not possible in the present state"
    kind = "conflict"


class PreconditionFailedError(PlatformError):
    """The thing moved since the caller last read it (RFC 9110 13.1.1)."""

    status = 412
    title = "It changed since you read it"
    kind = "precondition-failed"


class UnreadableSourceError(InvalidInputError):
    """A source file cannot be read; names the file, what is wrong with it and what would be right."""

    title = "The file could not be read"
    kind = "unreadable-source"

    def __init__(self, file: str, detail: str, *, extra: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{file}: {detail}", extra={"file": file, **(extra or {})})


class TooLargeError(PlatformError):
    """More than the portal takes at this address; nothing of it was read (RFC 9110 15.5.14)."""

    status = 413
    title = "Too much was sent"
    kind = "too-large"


class TooSlowError(PlatformError):
    """A body that did not arrive in time (RFC 9110 15.5.9)."""

    status = 408
    title = "The request did not arrive in time"
    kind = "too-slow"


class AddressTooLongError(PlatformError):
    """An address longer than any the portal has (RFC 9110 15.5.15)."""

    status = 414
    title = "The address is too long"
    kind = "address-too-long"


class UnsupportedMediaError(PlatformError):
    """A body in an encoding that the portal does not read (RFC 9110 15.5.16)."""

    status = 415
    title = "The encoding is not supported"
    kind = "unsupported-media-type"


class FaultError(PlatformError):
    """A fault of the portal itself; what went wrong is in its log, never in its answer."""

    status = 500
    title = "The portal failed"
    kind = "fault"


class StorageFullError(PlatformError):
    """The disk of the portal has no room (RFC 4918 11.5); trouble of the portal, which passes once there is room."""

    status = 507
    title = "The disk is full"
    kind = "storage-full"

    def __init__(self) -> None:
        super().__init__(
            "The disk on which the portal keeps files of imports is full; nothing was kept. "
            "Tell whoever runs the portal to make room, then try again."
        )


class UnavailableError(PlatformError):
    """The portal cannot answer just now because something that it needs does not; nothing was done."""

    status = 503
    title = "The portal is not available just now"
    kind = "unavailable"

    def __init__(self) -> None:
        super().__init__("The database does not answer or is too busy. Nothing was saved; try again in a few seconds.")
