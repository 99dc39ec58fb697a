import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("compliance", "0001_initial"),
        ("core", "0001_initial"),
        ("studies", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Narrative",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(default="safety", max_length=20, verbose_name="kind")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.job"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="narratives", to="studies.study"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="narratives", to="studies.subject"
                    ),
                ),
            ],
            options={
                "verbose_name": "narrative",
                "verbose_name_plural": "narratives",
            },
        ),
        migrations.CreateModel(
            name="NarrativeVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("twin_version", models.PositiveBigIntegerField(help_text="In the sequence of blinded readers.")),
                ("known_at", models.DateTimeField()),
                ("data_cut", models.DateField(null=True)),
                ("sentences", models.JSONField()),
                ("facts", models.JSONField()),
                ("verification", models.JSONField()),
                ("provenance", models.JSONField()),
                ("text_sha256", models.CharField(max_length=64)),
                ("facts_sha256", models.CharField(max_length=64)),
                ("verification_sha256", models.CharField(max_length=64)),
                ("content_sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "narrative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="narratives.narrative"
                    ),
                ),
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="compliance.review"
                    ),
                ),
            ],
            options={
                "verbose_name": "narrative version",
                "verbose_name_plural": "narrative versions",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="CurrencyChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_value", models.CharField(max_length=16)),
                ("to_value", models.CharField(max_length=16)),
                ("reasons", models.JSONField(default=list)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "change_set",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="studies.changeset"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="currency_changes",
                        to="narratives.narrativeversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "currency change",
                "verbose_name_plural": "currency changes",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Currency",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(default="current", max_length=16)),
                ("reasons", models.JSONField(default=list)),
                ("twin_version", models.PositiveBigIntegerField()),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="currency",
                        to="narratives.narrativeversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="narrative",
            constraint=models.UniqueConstraint(fields=("subject", "kind"), name="narrative_once_per_subject"),
        ),
        migrations.AddConstraint(
            model_name="narrativeversion",
            constraint=models.UniqueConstraint(fields=("narrative", "number"), name="narrative_version_gap_free"),
        ),
    ]
