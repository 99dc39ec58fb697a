import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def note_received(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """What a study holds it has received; when, nobody noted, and nothing was said of its absence that it changes."""
    received = apps.get_model("studies", "ReceivedDomain")
    held = apps.get_model("studies", "Record").objects.order_by("study", "domain").distinct()
    places = ("study", "study__created_at", "domain")
    for is_open, records in ((True, held.exclude(hidden="*")), (False, held.filter(hidden="*"))):
        for study, created_at, domain in records.values_list(*places):
            received(study_id=study, domain=domain, is_open=is_open, received_at=created_at).save()


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0015_refused_values"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReceivedDomain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("domain", models.CharField(max_length=20)),
                ("is_open", models.BooleanField()),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received_domains",
                        to="studies.study",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("study", "domain", "is_open"), name="domain_received_once"),
                ],
            },
        ),
        migrations.RunPython(note_received, migrations.RunPython.noop),
    ]
