"""The electronic signature: who, why, when, and exactly what (21 CFR 11.50, 11.70, 11.200(a))."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.selectors.roles import role_label
from apps.accounts.services.reauthentication import reauthenticate
from apps.compliance.domain.manifest import Manifest
from apps.compliance.domain.workflow import Meaning, Step
from apps.compliance.models import Review, Signature
from apps.compliance.services.content import ShownContent, adapter_of, content_of
from apps.compliance.services.reviewing import move_review
from apps.core.domain.errors import ConflictError, PreconditionFailedError


def sign_review(
    *, request: HttpRequest, review: Review, signer: User, password: str, meaning: Meaning, seen_sha256: str
) -> Signature:
    """Sign the version that the signer saw.

    Raises NotAllowedError for a wrong password, without the right or as author; PreconditionFailedError when the
    content is not what the signer saw; ConflictError when it is stale or not in review. Nothing is signed then.
    """
    reauthenticate(request=request, user=signer, password=password)
    with transaction.atomic():
        locked = Review.objects.select_for_update(of=("self",)).select_related("study").get(pk=review.pk)
        content = content_of(locked)
        _require_unmoved(locked, content, seen_sha256)
        moved = move_review(review=locked, step=Step.SIGN, actor=signer)
        signature = _write_signature(moved, content, signer, meaning, timezone.now())
        adapter_of(moved).signed(moved)
    return signature


def _require_unmoved(review: Review, content: ShownContent, seen_sha256: str) -> None:
    if seen_sha256 != review.content_sha256 or content.content_sha256 != review.content_sha256:
        raise PreconditionFailedError("The text is not the one you were shown; nothing was signed. Read it again.")
    if content.faults:
        raise ConflictError(f"The text is not what was written; nothing was signed. {content.faults[0]}")
    if content.currency != "current":
        raise ConflictError("The data moved while you were reading; nothing was signed. The change is shown here.")


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
        role=role_label(signer, review.study.code),
        meaning=meaning.value,
        signed_at_utc=now.isoformat(),
        signed_at_local=timezone.localtime(now).isoformat(),
        data_version=content.data_version,
    )
    return Signature.objects.create(
        review=review,
        signer=signer,
        printed_name=manifest.printed_name,
        role=manifest.role,
        meaning=manifest.meaning,
        signed_at=now,
        content_sha256=review.content_sha256,
        manifest=manifest.as_dict(),
        manifest_sha256=manifest.sha256(),
    )
