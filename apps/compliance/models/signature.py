"""Electronic signatures (21 CFR 11.50, 11.70, 11.200)."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.compliance.models.review import Review
from apps.core.append_only import AppendOnly


class Signature(AppendOnly):
    """One person's signature under one version; the manifest binds signer, meaning, moment and content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    printed_name = models.CharField(_("printed name"), max_length=200)
    role = models.CharField(_("role"), max_length=100)
    meaning = models.CharField(_("meaning"), max_length=40)
    signed_at = models.DateTimeField(_("signed at"))
    content_sha256 = models.CharField(max_length=64)
    manifest = models.JSONField()
    manifest_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["signed_at"]

    def __str__(self) -> str:
        return f"{self.printed_name}, {self.meaning}, {self.signed_at:%d %b %Y %H:%M:%S} UTC"
