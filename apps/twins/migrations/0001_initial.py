import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("studies", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="TwinSummary",
            fields=[
                (
                    "subject",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="summary",
                        serialize=False,
                        to="studies.subject",
                    ),
                ),
                ("status", models.CharField(db_index=True, max_length=20, verbose_name="status")),
                ("age", models.PositiveIntegerField(null=True, verbose_name="age")),
                ("sex", models.CharField(blank=True, max_length=20, verbose_name="sex")),
                ("event_count", models.PositiveIntegerField(default=0)),
                ("serious_terms", models.JSONField(default=list)),
                ("serious_count", models.PositiveIntegerField(default=0)),
                ("severe_count", models.PositiveIntegerField(default=0)),
                ("serious_by_flag", models.BooleanField(default=False)),
                ("is_dead", models.BooleanField(default=False)),
                ("is_discontinued_for_ae", models.BooleanField(default=False)),
                ("leaving_reason", models.CharField(blank=True, max_length=200)),
                ("leaving_on", models.DateField(null=True)),
                ("died_on", models.DateField(null=True)),
                ("reference_on", models.DateField(null=True)),
                ("last_visit", models.CharField(blank=True, max_length=200)),
                ("last_visit_on", models.DateField(null=True)),
                ("has_transaminase_over_3_uln", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="TwinSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("audience", models.CharField(max_length=10)),
                ("version", models.PositiveBigIntegerField()),
                ("fold_version", models.PositiveIntegerField()),
                ("payload", models.BinaryField()),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="snapshots", to="studies.subject"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject", "audience", "version", "fold_version"), name="snapshot_once_per_version"
                    )
                ],
            },
        ),
    ]
