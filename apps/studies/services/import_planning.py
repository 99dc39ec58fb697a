"""What a package would change, subject by subject; used by the check and by the import itself."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from django.conf import settings

from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.import_accounts import FILES
from apps.studies.domain.planning import Cut, Existing, SubjectPlan, plan_subject
from apps.studies.domain.readers.package import Package
from apps.studies.domain.readers.recognition import SheetKind
from apps.studies.domain.replay import rows_known_on
from apps.studies.domain.rows import Row
from apps.studies.models import ImportRun, ImportState, SourceFile, Subject
from apps.studies.selectors.records import RecordReader

STUDY_LEVEL = ""
_RECORDS = SheetKind.RECORDS.value


class PackagePlan:
    """Plans the subjects of one package against the ledger, as far as who asked for it knows the ledger; never writes.

    `rules` are what the study hides, the words of this package included; `numbered_openly` the files of which blinded
    readers may know the numbers of rows.
    """

    def __init__(
        self,
        run: ImportRun,
        package: Package,
        rules: BlindingRules,
        numbered_openly: AbstractSet[str],
        file_ids: Mapping[str, int] | None = None,
        known_until: Mapping[str, date] | None = None,
    ) -> None:
        self.run = run
        self.package = package
        # Fixed when the run was made: a grant that came later must not let old files be compared with more.
        self._reader = RecordReader(Audience.BLINDED if run.is_from_blinded else Audience.UNBLINDED)
        self._known_until = known_until or {}
        self._domains = frozenset(account.domain for account in package.accounts if account.domain)
        self._faulty = {(refused.subject_id, refused.domain) for refused in package.rejected}
        self._cut = Cut(
            study=run.study.code,
            # A check registers no files; their numbers in the package stand for the ids that they would get.
            file_ids=file_ids or {account.name: number for number, account in enumerate(package.accounts)},
            keys={domain: package.key_of(domain) for domain in self._domains},
            secret=settings.RECORD_ID_KEY,
            rules=None if run.is_from_blinded else rules,
            carried=self._carried,
        )
        self._columns, self._unsure = package.carried, package.unsure_qualifiers
        self.missing_files = missing_files(run, package, is_open=run.is_from_blinded)
        self.numbered_openly = numbered_openly

    def rows_of(self, subject_id: str) -> list[Row]:
        """Rows of a subject, up to the day it is held back to."""
        rows = self.package.rows_of(subject_id)
        day = self._known_until.get(subject_id)
        return rows if day is None else rows_known_on(rows, day)

    def of_subject(self, subject_id: str, rows: Sequence[Row], subject: Subject | None) -> SubjectPlan:
        """What the cut changes in one subject; a subject new to the portal has no records yet."""
        existing = self._existing(subject) if subject is not None else Existing({}, {}, {})
        plan = plan_subject(subject_id, rows, existing, self._cut, complete=self._complete(subject_id))
        # Rows that wait are counted, too, or the rows of a file would not add up.
        if subject_id in self._known_until:
            self._count_waiting(plan, subject_id, rows)
        return plan

    def of_study(self) -> SubjectPlan:
        """What the cut changes in the study's own records."""
        rows = self.package.study_rows()
        return plan_subject(STUDY_LEVEL, rows, self._existing(None), self._cut, complete=self._complete(None))

    def _count_waiting(self, plan: SubjectPlan, subject_id: str, rows: Sequence[Row]) -> None:
        every, known = self.package.rows_of(subject_id), {(row.file, row.number) for row in rows}
        waiting = [row for row in every if row.is_counted and (row.file, row.number) not in known]
        plan.whole.counts.update(Counter((row.file, "held_back") for row in waiting))
        seen = [row for row in waiting if "*" not in self._cut.hidden_in(row.domain, row.values)]
        plan.open.counts.update(Counter((row.file, "held_back") for row in seen))

    def _existing(self, subject: Subject | None) -> Existing:
        current = self._reader.current(subject=subject, study=self.run.study)
        return Existing(current.live, current.withdrawn, current.targets, current.hidden, current.ids)

    def _complete(self, subject_id: str | None) -> frozenset[str]:
        """Domains that are all here and could be read to the last row: only there is a missing row a withdrawn one."""
        # A refused row without a subject may be anybody's: its domain is then whole for nobody.
        unsure = {domain for subject, domain in self._faulty if subject is None or subject == subject_id}
        return self._domains - unsure - self.missing_files.keys()

    def _carried(self, subject_id: str, row: Row) -> frozenset[str]:
        """Variables that the cut has for a row; without the qualifiers where one of the subject's was refused."""
        if (subject_id or None, row.domain) in self._unsure:
            return self.package.own_columns(row.file)
        return self._columns[row.file]


def missing_files(run: ImportRun, package: Package, *, is_open: bool) -> dict[str, tuple[str, ...]]:
    """By domain, datasets that an earlier import was split into and that this one, which has others of them, lacks.

    With `is_open` as far as blinded readers know the earlier imports.
    """
    field = "open_receipt__files" if is_open else "receipt__files"
    split: dict[str, set[str]] = {}
    done = ImportRun.objects.filter(study=run.study, state=ImportState.DONE).exclude(pk=run.pk)
    for stored in done.order_by("number").values_list(field, flat=True):
        files = FILES.read_all(stored or ())
        found = _datasets((entry.domain, entry.name) for entry in files if entry.kind == _RECORDS)
        # An import that came with fewer datasets than one before it must not lower what is expected of the next.
        split |= {domain: names for domain, names in found.items() if len(names) >= len(split.get(domain, ()))}
    now = _datasets((account.domain, account.name) for account in package.accounts)
    # Where none of the old names came, the domain was cut up in another way and nothing is missing.
    here = {domain: names for domain, names in split.items() if names & now.get(domain, set())}
    return {domain: tuple(sorted(names - now[domain])) for domain, names in here.items() if names - now[domain]}


def _datasets(named: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for domain, name in named:
        found.setdefault(domain, set()).add(_dataset(name))
    return found


def _dataset(file: str) -> str:
    """The dataset that a file holds: its name without folder and endings, in small letters."""
    return file.rpartition("/")[2].partition(".")[0].lower()


def register_files(run: ImportRun, package: Package, numbered_openly: AbstractSet[str]) -> dict[str, int]:
    """Database ids of the files of a package by name, created when they are new to the study.

    Whether their numbers of rows are open is judged by the rules of now.
    """
    telling, found = package.telling_files, {}
    for account in package.accounts:
        file, _ = SourceFile.objects.update_or_create(
            study=run.study,
            name=account.name,
            sha256=account.sha256,
            defaults={"is_numbered_openly": account.name in numbered_openly},
            create_defaults={
                "size": account.size,
                "domain": account.domain,
                "is_from_blinded": run.is_from_blinded and account.name not in telling,
                "is_numbered_openly": account.name in numbered_openly,
            },
        )
        found[account.name] = file.pk
    return found
