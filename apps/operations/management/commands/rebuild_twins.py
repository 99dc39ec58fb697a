"""`rebuild_twins`: make snapshots and lines of subjects again from the ledger, after they were lost or found wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.studies.models import Study, Subject
from apps.twins.selectors.subjects import without_line
from apps.twins.services.rebuilding import rebuild_twin

TELL_EVERY = 100


class Command(BaseCommand):
    """One subject at a time, so that it can be stopped at any moment and started again."""

    help = "Rebuild the derived data of subjects that have none; with --all, of every subject."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which subjects."""
        parser.add_argument("--study", metavar="CODE", help="only of this study")
        parser.add_argument("--all", action="store_true", help="also where there is a line already")
        parser.add_argument("--from", dest="start", default="", metavar="SUBJECT", help="with --all: go on from here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild in the order of subject ids and say how far it is."""
        wanted = Subject.objects.filter(version__gt=0, subject_id__gte=options["start"])
        if options["study"]:
            if not Study.objects.filter(code=options["study"]).exists():
                raise CommandError(f"There is no study {options['study']}.")
            wanted = wanted.filter(study__code=options["study"])
        chosen = wanted if options["all"] else without_line(wanted)
        found, done = list(chosen.order_by("subject_id", "pk").values_list("pk", "subject_id")), 0
        for pk, subject_id in found:
            rebuild_twin(subject_pk=pk)
            done += 1
            if done % TELL_EVERY == 0:
                self.stdout.write(f"{done:,} of {len(found):,}, up to {subject_id}")
        self.stdout.write(f"Rebuilt {done:,} of {len(found):,} subjects.")
