import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0004_trail_of_a_study"),
        ("studies", "0005_append_only_in_every_way"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrailSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("entry_count", models.PositiveIntegerField()),
                ("previous_sha256", models.CharField(blank=True, max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("subject_count", models.PositiveIntegerField()),
                ("signature_count", models.PositiveIntegerField()),
                ("trail_count", models.PositiveIntegerField()),
                ("broken_count", models.PositiveIntegerField()),
                ("by_study", models.JSONField(default=dict)),
                ("head_sha256", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "verification",
                "verbose_name_plural": "verifications",
                "get_latest_by": ("finished_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="TrailLeaf",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaf",
                        to=settings.AUDITLOG_LOGENTRY_MODEL,
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="studies.study"
                    ),
                ),
                (
                    "seal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="leaves", to="compliance.trailseal"
                    ),
                ),
            ],
            options={
                "verbose_name": "sealed row",
                "verbose_name_plural": "sealed rows",
            },
        ),
        migrations.CreateModel(
            name="BrokenLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=30)),
                ("subject", models.CharField(blank=True, max_length=250)),
                ("words", models.CharField(max_length=250)),
                (
                    "study",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="studies.study"
                    ),
                ),
                (
                    "verification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="broken_links",
                        to="compliance.verification",
                    ),
                ),
            ],
            options={
                "verbose_name": "broken link",
                "verbose_name_plural": "broken links",
            },
        ),
    ]
