import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("studies", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_kind", models.CharField(max_length=40, verbose_name="kind")),
                ("content_id", models.CharField(max_length=64)),
                ("content_version", models.PositiveIntegerField(verbose_name="version")),
                ("content_sha256", models.CharField(max_length=64)),
                ("blinding_class", models.CharField(default="open", max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("verified", "verified"),
                            ("blocked", "blocked"),
                            ("in_review", "in review"),
                            ("changes_requested", "changes requested"),
                            ("signed", "signed"),
                            ("superseded", "superseded"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
                ("moved_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="last moved")),
                (
                    "authors",
                    models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="authors"),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="studies.site"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="studies.study"
                    ),
                ),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "ordering": ["-moved_at"],
            },
        ),
        migrations.CreateModel(
            name="ReviewTransition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=20)),
                ("from_state", models.CharField(max_length=20)),
                ("to_state", models.CharField(max_length=20)),
                ("actor_name", models.CharField(max_length=200)),
                ("reason", models.TextField(blank=True)),
                ("anchor", models.PositiveIntegerField(help_text="Sentence that the reason is about.", null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transitions", to="compliance.review"
                    ),
                ),
            ],
            options={
                "verbose_name": "review step",
                "verbose_name_plural": "review steps",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("printed_name", models.CharField(max_length=200, verbose_name="printed name")),
                ("role", models.CharField(max_length=100, verbose_name="role")),
                ("meaning", models.CharField(max_length=40, verbose_name="meaning")),
                ("signed_at", models.DateTimeField(verbose_name="signed at")),
                ("content_sha256", models.CharField(max_length=64)),
                ("manifest", models.JSONField()),
                ("manifest_sha256", models.CharField(max_length=64)),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="compliance.review"
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
                "ordering": ["signed_at"],
            },
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["study", "state"], name="review_by_study_state"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                fields=("content_kind", "content_id", "content_version"), name="review_once_per_version"
            ),
        ),
    ]
