import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True, verbose_name="code")),
                ("protocol_id", models.CharField(blank=True, max_length=60, verbose_name="STUDYID of its files")),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("locked", "locked"), ("archived", "archived")],
                        default="active",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("is_blinded", models.BooleanField(default=True, verbose_name="blinded")),
                ("version", models.PositiveBigIntegerField(default=0, help_text="Of the study-level records.")),
                ("head_sha256", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "study",
                "verbose_name_plural": "studies",
                "permissions": [
                    ("view_unblinded_study", "sees treatment of a study"),
                    ("write_records_study", "writes records of a study"),
                    ("import_data_study", "imports into a study"),
                    ("draft_narrative_study", "drafts narratives of a study"),
                    ("review_narrative_study", "reviews narratives of a study"),
                    ("sign_narrative_study", "signs narratives of a study"),
                    ("view_audit_study", "reads the trail of a study"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField()),
                ("blinded_number", models.PositiveBigIntegerField()),
                ("is_open", models.BooleanField()),
                ("is_reason_open", models.BooleanField()),
                ("actor_name", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("source", models.CharField(max_length=200)),
                ("correlation_id", models.CharField(max_length=64)),
                ("known_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("data_cut", models.DateField(null=True)),
                ("change_count", models.PositiveIntegerField()),
                ("blinded_change_count", models.PositiveIntegerField()),
                ("previous_sha256", models.CharField(blank=True, max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("blinded_sha256", models.CharField(blank=True, max_length=64)),
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
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="change_sets", to="studies.study"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("source", models.CharField(max_length=500)),
                ("reason", models.TextField(blank=True)),
                ("is_dry_run", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "being checked"),
                            ("checked", "checked, nothing written"),
                            ("importing", "running"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                            ("refused", "refused"),
                            ("failed", "failed"),
                            ("discarded", "discarded"),
                        ],
                        default="checking",
                        max_length=12,
                    ),
                ),
                ("preview", models.JSONField(default=dict)),
                ("receipt", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.job"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="imports", to="studies.study"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="RejectedRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.CharField(max_length=255)),
                ("row", models.PositiveIntegerField()),
                ("domain", models.CharField(blank=True, max_length=20)),
                ("subject_id", models.CharField(blank=True, max_length=200)),
                ("variable", models.CharField(blank=True, max_length=20)),
                ("reason", models.TextField()),
                ("is_ambiguous", models.BooleanField(default=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejected_rows",
                        to="studies.importrun",
                    ),
                ),
            ],
            options={
                "ordering": ["file", "row"],
            },
        ),
        migrations.CreateModel(
            name="RecordRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.CharField(db_index=True, max_length=40)),
                ("domain", models.CharField(max_length=20)),
                ("operation", models.CharField(max_length=10)),
                ("values", models.JSONField()),
                ("target", models.CharField(blank=True, max_length=400)),
                ("source_row", models.PositiveIntegerField(null=True)),
                (
                    "change_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="studies.changeset"
                    ),
                ),
                (
                    "source_file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="studies.sourcefile",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="sourcefile",
            name="study",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="source_files", to="studies.study"
            ),
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, verbose_name="site")),
                ("country", models.CharField(blank=True, max_length=60, verbose_name="country")),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sites", to="studies.study"
                    ),
                ),
            ],
            options={
                "verbose_name": "site",
                "verbose_name_plural": "sites",
                "permissions": [
                    ("view_unblinded_site", "sees treatment of a site"),
                    ("write_records_site", "writes records of a site"),
                    ("import_data_site", "imports into a site"),
                    ("draft_narrative_site", "drafts narratives of a site"),
                    ("review_narrative_site", "reviews narratives of a site"),
                    ("sign_narrative_site", "signs narratives of a site"),
                    ("view_audit_site", "reads the trail of a site"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_id", models.CharField(max_length=200, verbose_name="subject")),
                ("version", models.PositiveBigIntegerField(default=0)),
                ("blinded_version", models.PositiveBigIntegerField(default=0)),
                ("head_sha256", models.CharField(blank=True, max_length=64)),
                ("blinded_head_sha256", models.CharField(blank=True, max_length=64)),
                ("data_cut", models.DateField(blank=True, null=True)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subjects", to="studies.site"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subjects", to="studies.study"
                    ),
                ),
            ],
            options={
                "verbose_name": "subject",
                "verbose_name_plural": "subjects",
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.CharField(max_length=40)),
                ("domain", models.CharField(max_length=20)),
                ("values", models.JSONField()),
                ("target", models.CharField(blank=True, max_length=400)),
                ("is_withdrawn", models.BooleanField(default=False)),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="records", to="studies.study"
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="studies.subject",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="changeset",
            name="subject",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="change_sets", to="studies.subject"
            ),
        ),
        migrations.CreateModel(
            name="ImportedSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_id", models.CharField(max_length=200)),
                ("counts", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="subjects", to="studies.importrun"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "subject_id"), name="imported_subject_once_per_run")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="sourcefile",
            constraint=models.UniqueConstraint(fields=("study", "name", "sha256"), name="source_file_once"),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.UniqueConstraint(fields=("study", "code"), name="site_once_per_study"),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.UniqueConstraint(fields=("study", "number"), name="import_number_once_per_study"),
        ),
        migrations.AddConstraint(
            model_name="subject",
            constraint=models.UniqueConstraint(fields=("study", "subject_id"), name="subject_once_per_study"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(fields=["subject", "domain"], name="record_by_subject_domain"),
        ),
        migrations.AddConstraint(
            model_name="record",
            constraint=models.UniqueConstraint(fields=("study", "record_id"), name="record_once_per_study"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(fields=["study", "known_at"], name="change_set_by_study_time"),
        ),
        migrations.AddIndex(
            model_name="changeset",
            index=models.Index(fields=["subject", "blinded_number"], name="change_set_by_blinded"),
        ),
        migrations.AddConstraint(
            model_name="changeset",
            constraint=models.UniqueConstraint(fields=("subject", "number"), name="change_set_number_gap_free"),
        ),
        migrations.AddConstraint(
            model_name="changeset",
            constraint=models.UniqueConstraint(
                condition=models.Q(("subject", None)),
                fields=("study", "number"),
                name="study_change_set_number_gap_free",
            ),
        ),
    ]
