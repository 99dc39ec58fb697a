"""`verify`: check everything that is stored, name every broken link, end with 1 when there is any."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.core.domain.integrity import Break
from apps.operations.services.verifying import verify

BROKEN = 1


class Command(BaseCommand):
    """Names study, subject and version, never a clinical value; the result is shown on home as well."""

    help = "Verify ledgers, records, twins, signatures and the trail; status 1 when anything does not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each broken link as it is found, and the account at the end; a migration first would mend refusals."""
        found = verify(tell=self._tell, progress=lambda done, total, label: None)
        self.stdout.write(
            f"{found.subject_count:,} subjects, {found.signature_count:,} signatures and {found.trail_count:,} rows of "
            f"the trail were checked: {found.broken_count:,} broken links. "
            f"Last seal of the trail: {found.head_sha256 or 'none yet'}."
        )
        if found.broken_count:
            raise SystemExit(BROKEN)

    def _tell(self, found: Break) -> None:
        self.stdout.write(self.style.ERROR(str(found)))
