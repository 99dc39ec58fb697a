"""The electronic signature: who, why, when, and exactly what (21 CFR 11.50, 11.70, 11.200(a))."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors.roles import role_label
from apps.accounts.services.lockout import LockedOutError, address_of
from apps.accounts.services.reauthentication import UnprovenPasswordError, WrongPasswordError, reauthenticate
from apps.compliance.domain.acts import Refusal
from apps.compliance.domain.manifest import Manifest
from apps.compliance.domain.workflow import Meaning, Step
from apps.compliance.models import Review, Signature
from apps.compliance.services.content import ShownContent, adapter_of, content_of
from apps.compliance.services.noting import note_refused_signing
from apps.compliance.services.reviewing import AuthorError, move_review
from apps.core.domain.errors import (
    ConflictError,
    NotAllowedError,
    NotVisibleError,
    PlatformError,
    PreconditionFailedError,
)


class AlteredTextError(ConflictError):
    """The text that would be signed is not what was written."""


class StaleTextError(ConflictError):
    """The data moved after the text was written."""


def sign_review(
    *, request: HttpRequest, review: Review, signer: User, password: str, meaning: Meaning, seen_sha256: str
) -> Signature:
    """Sign the version that the signer saw; a refusal is kept in the trail.

    Raises NotAllowedError for a wrong password, without the right or as author; PreconditionFailedError when the
    content is not what the signer saw; ConflictError when it is stale or not in review. Nothing is signed then.
    """
    try:
        return _sign(request, review, signer, password, meaning, seen_sha256)
    except PlatformError as error:
        # Outside the transaction of the signature, which is undone.
        note_refused_signing(review=review, signer=signer, why=_why(error), address=address_of(request))
        raise


# The first that fits: the narrower class stands before the wider one.
_REFUSALS: Sequence[tuple[type[PlatformError], Refusal]] = (
    (WrongPasswordError, Refusal.WRONG_PASSWORD),
    (UnprovenPasswordError, Refusal.UNPROVEN),
    (LockedOutError, Refusal.WAITING),
    (AuthorError, Refusal.AUTHOR),
    (NotAllowedError, Refusal.NO_RIGHT),
    (NotVisibleError, Refusal.NO_RIGHT),
    (PreconditionFailedError, Refusal.OTHER_TEXT),
    (AlteredTextError, Refusal.ALTERED),
    (StaleTextError, Refusal.STALE),
    (ConflictError, Refusal.DECIDED),
)


def _why(error: PlatformError) -> Refusal:
    """Why a signing was refused, of a closed list: the words of an error may quote what the trail must not."""
    return next((why for kind, why in _REFUSALS if isinstance(error, kind)), Refusal.OTHER)


def _sign(
    request: HttpRequest, review: Review, signer: User, password: str, meaning: Meaning, seen_sha256: str
) -> Signature:
    # Before the transaction: a wrong password counts towards the lock-out, and a rollback would forget it.
    reauthenticate(request=request, user=signer, password=password)
    with transaction.atomic():
        # Locked first and read afterwards: of two who sign at once the second finds it decided.
        locked = Review.objects.select_for_update(of=("self",)).select_related("study").get(pk=review.pk)
        content = content_of(locked)
        _require_unmoved(locked, content, seen_sha256)
        moved = move_review(review=locked, step=Step.SIGN, actor=signer)
        signature = _write_signature(moved, content, signer, meaning, timezone.now())
        adapter_of(moved).signed(moved)
    return signature


def _require_unmoved(review: Review, content: ShownContent, seen_sha256: str) -> None:
    # Three hashes must be one: of the text that was shown, of the one under review, of the bytes that are stored now.
    if seen_sha256 != review.content_sha256 or content.content_sha256 != review.content_sha256:
        raise PreconditionFailedError("The text is not the one you were shown; nothing was signed. Read it again.")
    # Before the currency, which says of altered text only that it is not current.
    if content.faults:
        raise AlteredTextError(f"The text is not what was written; nothing was signed. {content.faults[0]}")
    if content.currency != "current":
        raise StaleTextError("The data moved while you were reading; nothing was signed. The change is shown here.")


def _write_signature(review: Review, content: ShownContent, signer: User, meaning: Meaning, now: datetime) -> Signature:
    manifest = Manifest(
        review_id=str(review.pk),
        content_kind=review.content_kind,
        content_id=review.content_id,
        content_version=review.content_version,
        content_sha256=review.content_sha256,
        parts_sha256=content.parts_sha256,
        signer_id=signer.pk,
        printed_name=signer.display_name,
        # As it is now: roles come and go, and the signature must go on saying in which one it was given.
        role=role_label(signer, review.study.code),
        meaning=meaning.value,
        signed_at_utc=now.isoformat(),
        # 21 CFR 11.50(a)(2) asks for date and time; the local ones are what the signer read off the clock.
        signed_at_local=timezone.localtime(now).isoformat(),
        data_version=content.data_version,
    )
    return Signature.objects.create(
        review=review,
        signer=signer,
        # The columns repeat the manifest for lists; whether both agree is asked whenever they are shown.
        printed_name=manifest.printed_name,
        role=manifest.role,
        meaning=manifest.meaning,
        signed_at=now,
        content_sha256=review.content_sha256,
        manifest=manifest.as_dict(),
        manifest_sha256=manifest.sha256(),
    )
