"""`replay_study CODE`: feed what a demonstration holds back, in the order it was collected."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.domain.errors import PlatformError
from apps.core.models import JobState
from apps.core.services.jobs import finish_job
from apps.studies.models import Study
from apps.studies.services.replaying import DEFAULT_DAYS_PER_SECOND, queue_replay


class Command(BaseCommand):
    """Returns when everything is in."""

    help = "Feed the later data of a replayed study, day by day."

    def add_arguments(self, parser: CommandParser) -> None:
        """Study and speed."""
        parser.add_argument("code", help="code of the study")
        speed = parser.add_mutually_exclusive_group()
        speed.add_argument("--speed", type=float, metavar="DAYS_PER_SECOND", default=DEFAULT_DAYS_PER_SECOND)
        speed.add_argument("--all", action="store_true", help="as fast as it goes")

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue the replay, run it here when no server is alive, and wait for its end."""
        study = Study.objects.filter(code=options["code"]).first()
        if study is None:
            raise CommandError(f"There is no study {options['code']}.")
        if not options["all"] and options["speed"] <= 0:
            raise CommandError("--speed must be above 0.")
        try:
            job = queue_replay(study=study, days_per_second=None if options["all"] else options["speed"])
        except PlatformError as error:
            raise CommandError(error.detail) from error
        finish_job(job)
        if job.state != JobState.DONE:
            raise CommandError(job.error or f"The replay ended as {job.get_state_display()}.")
        self.stdout.write(self.style.SUCCESS("Everything that was held back is in."))
