"""Claims that fence off a lost worker, pauses before another try, dead letters, and answers kept with their write."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def forget_unanswered(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A key without an answer was left by a process that died; the request it stands for may be repeated."""
    apps.get_model("core", "IdempotencyKey").objects.filter(answer__isnull=True).delete()


def part_doubles(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """A job that runs beside one with its key that waits gives the key up: from here on only one of them has it."""
    jobs = apps.get_model("core", "Job").objects
    for job in jobs.filter(state="running").exclude(key=""):
        if jobs.filter(kind=job.kind, key=job.key, state__in=["queued", "running"]).exclude(pk=job.pk).exists():
            jobs.filter(pk=job.pk).update(key="")


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(name="job", options={"verbose_name": "job", "verbose_name_plural": "jobs"}),
        migrations.AddField(
            "job",
            "scope",
            models.CharField(blank=True, help_text="Code of the study it belongs to, if any.", max_length=60),
        ),
        migrations.AddField(
            "job",
            "lane",
            models.CharField(blank=True, help_text="Of jobs in the same lane one runs at a time.", max_length=80),
        ),
        migrations.AddField(
            "job",
            "claim",
            models.PositiveIntegerField(
                default=0, help_text="How often it was given to a worker; what an earlier claim writes is refused."
            ),
        ),
        migrations.AddField(
            "job",
            "is_dead_letter",
            models.BooleanField(
                default=False, help_text="Given up after several tries; a person may have it tried again."
            ),
        ),
        migrations.AddField("job", "not_before", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("job", "hinted_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField(
            "job", "attempts", models.PositiveIntegerField(default=0, help_text="Since it last got anywhere.")
        ),
        migrations.AlterField(
            "job",
            "key",
            models.CharField(blank=True, help_text="Work with the same key waits or runs once.", max_length=200),
        ),
        migrations.RunPython(part_doubles, migrations.RunPython.noop),
        migrations.RemoveConstraint("job", "job_queued_once_per_key"),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running"]), models.Q(("key", ""), _negated=True)),
                fields=("kind", "key"),
                name="job_alive_once_per_key",
            ),
        ),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(
                condition=models.Q(("state", "running"), models.Q(("lane", ""), _negated=True)),
                fields=("lane",),
                name="job_one_at_a_time_in_its_lane",
            ),
        ),
        migrations.RunPython(forget_unanswered, migrations.RunPython.noop),
        migrations.AlterField("idempotencykey", "status", models.PositiveSmallIntegerField(default=0)),
        migrations.AlterField(
            "idempotencykey",
            "answer",
            models.JSONField(help_text="Empty only inside the transaction that makes it.", null=True),
        ),
    ]
