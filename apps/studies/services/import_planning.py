"""What a package would change, subject by subject; used by the check and by the import itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from apps.studies.domain.planning import Existing, SubjectPlan, plan_subject
from apps.studies.domain.readers.package import Package
from apps.studies.domain.replay import rows_known_on
from apps.studies.domain.rows import Row
from apps.studies.models import ImportRun, SourceFile, Subject
from apps.studies.selectors.records import current_records

STUDY_LEVEL = ""


class PackagePlan:
    """Plans the subjects of one package against the ledger; reads, never writes."""

    def __init__(
        self,
        run: ImportRun,
        package: Package,
        file_ids: Mapping[str, int] | None = None,
        known_until: Mapping[str, date] | None = None,
    ) -> None:
        self.run = run
        self.package = package
        self._known_until = known_until or {}
        self._file_ids = file_ids or {account.name: 0 for account in package.accounts}
        self._domains = frozenset(account.domain for account in package.accounts if account.domain)
        self._faulty = {(refused.subject_id, refused.domain) for refused in package.rejected}
        self._keys = {domain: package.key_of(domain) for domain in self._domains}

    def rows_of(self, subject_id: str) -> list[Row]:
        """Rows of a subject, up to the day it is held back to."""
        rows = self.package.rows_of(subject_id)
        day = self._known_until.get(subject_id)
        return rows if day is None else rows_known_on(rows, day)

    def of_subject(self, subject_id: str, rows: Sequence[Row], subject: Subject | None) -> SubjectPlan:
        """What the cut changes in one subject; a subject new to the portal has no records yet."""
        existing = self._existing(subject) if subject is not None else Existing({}, {}, {})
        plan = plan_subject(
            subject_id, rows, existing, complete=self._complete(subject_id), file_ids=self._file_ids, keys=self._keys
        )
        if subject_id in self._known_until:
            waiting = Counter(row.file for row in self.package.rows_of(subject_id))
            waiting.subtract(row.file for row in rows)
            plan.counts.update({(file, "held_back"): number for file, number in waiting.items() if number})
        return plan

    def of_study(self) -> SubjectPlan:
        """What the cut changes in the study's own records."""
        return plan_subject(
            STUDY_LEVEL,
            self.package.study_rows(),
            self._existing(None),
            complete=self._complete(None),
            file_ids=self._file_ids,
            keys=self._keys,
        )

    def _existing(self, subject: Subject | None) -> Existing:
        current = current_records(subject=subject, study=self.run.study)
        return Existing(current.live, current.withdrawn, current.targets)

    def _complete(self, subject_id: str | None) -> frozenset[str]:
        """Domains of which every row could be read: only there does a missing row mean a withdrawn record."""
        unsure = {domain for subject, domain in self._faulty if subject is None or subject == subject_id}
        return self._domains - unsure


def register_files(run: ImportRun, package: Package) -> dict[str, int]:
    """Database ids of the files of a package by name, created when they are new to the study."""
    return {
        account.name: SourceFile.objects.get_or_create(
            study=run.study, name=account.name, sha256=account.sha256, defaults={"size": account.size}
        )[0].pk
        for account in package.accounts
    }
