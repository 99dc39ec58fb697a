from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.core.guards import admit_changes
from apps.studies.domain.blinding import PRODUCT_RULES, Hidden, spelled, words_of
from apps.studies.domain.changes import Operation, RecordChange, open_change
from apps.studies.domain.treatments import NAMING_VARIABLES

BATCH = 1000
Known = dict[tuple[int, str], tuple[dict[str, Any], Hidden]]


def lift(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Revisions get two columns; what they say is not touched. The refusals are put back after the migration."""
    with editor.connection.cursor() as cursor:
        admit_changes(cursor, "studies_recordrevision")


def class_what_is_there(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Say of every revision and record what is hidden of it, and keep the names of treatments that are there."""
    records, revisions = apps.get_model("studies", "Record"), apps.get_model("studies", "RecordRevision")
    known: Known = {}
    batch = []
    for revision in revisions.objects.select_related("change_set").order_by("pk").iterator(chunk_size=BATCH):
        batch.append(_classed(revision, known))
        if len(batch) == BATCH:
            revisions.objects.bulk_update(batch, ["hidden", "open_operation"])
            batch = []
    revisions.objects.bulk_update(batch, ["hidden", "open_operation"])
    for record in records.objects.iterator(chunk_size=BATCH):
        found = known.get((record.study_id, record.record_id))
        if found is not None and found[1]:
            records.objects.filter(pk=record.pk).update(hidden=spelled(found[1]))
    _keep_words(apps)


def _classed(revision: Any, known: Known) -> Any:
    key = (revision.change_set.study_id, revision.record_id)
    before, hidden_before = known.get(key, (None, None))
    hidden = PRODUCT_RULES.hidden_in(revision.domain, revision.values)
    known[key] = (revision.values, hidden)
    operation = Operation(revision.operation)
    change = RecordChange(
        operation, revision.record_id, revision.domain, revision.values, before, None, None, hidden, hidden_before
    )
    seen = open_change(change)
    revision.hidden, revision.open_operation = spelled(hidden), seen.operation.value if seen else ""
    return revision


def _keep_words(apps: Apps) -> None:
    rules = apps.get_model("studies", "BlindingRule")
    for study in apps.get_model("studies", "Study").objects.all():
        for word in sorted(words_of(_names(apps, study.pk))):
            rules.objects.get_or_create(study=study, kind="word", name=word[:200], defaults={"origin": "data"})


def _names(apps: Apps, study: int) -> Iterator[str]:
    for domain, names in NAMING_VARIABLES.items():
        records = apps.get_model("studies", "Record").objects.filter(study_id=study, domain=domain)
        for name in names:
            values = records.values_list(f"values__{name}", flat=True).order_by().distinct()
            yield from (str(value) for value in values if value)


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0005_append_only_in_every_way"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(lift, migrations.RunPython.noop),
        migrations.AlterModelOptions(
            name="site",
            options={
                "permissions": [
                    ("view_unblinded_site", "sees treatment of a site"),
                    ("write_records_site", "writes records of a site"),
                    ("import_data_site", "imports into a site"),
                    ("draft_narrative_site", "drafts narratives of a site"),
                    ("review_narrative_site", "reviews narratives of a site"),
                    ("sign_narrative_site", "signs narratives of a site"),
                    ("view_audit_site", "reads the trail of a site"),
                    ("set_blinding_site", "decides what is hidden in a site"),
                ],
                "verbose_name": "site",
                "verbose_name_plural": "sites",
            },
        ),
        migrations.AlterModelOptions(
            name="study",
            options={
                "permissions": [
                    ("view_unblinded_study", "sees treatment of a study"),
                    ("write_records_study", "writes records of a study"),
                    ("import_data_study", "imports into a study"),
                    ("draft_narrative_study", "drafts narratives of a study"),
                    ("review_narrative_study", "reviews narratives of a study"),
                    ("sign_narrative_study", "signs narratives of a study"),
                    ("view_audit_study", "reads the trail of a study"),
                    ("set_blinding_study", "decides what is hidden in a study"),
                ],
                "verbose_name": "study",
                "verbose_name_plural": "studies",
            },
        ),
        migrations.AddField(
            model_name="importrun",
            name="is_open",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="importrun",
            name="is_reason_open",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="importrun",
            name="open_preview",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="importrun",
            name="open_receipt",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="record",
            name="hidden",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="recordrevision",
            name="hidden",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="recordrevision",
            name="open_operation",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.AddField(
            model_name="rejectedrow",
            name="is_open",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="rejectedrow",
            name="is_reason_open",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="sourcefile",
            name="domain",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="sourcefile",
            name="is_open",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="BlindingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("variable", "hidden variable"),
                            ("opened", "variable that no word hides"),
                            ("test", "hidden test"),
                            ("word", "word that names a treatment"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "origin",
                    models.CharField(
                        choices=[("data", "the study's data"), ("person", "a person")],
                        max_length=10,
                        verbose_name="found in",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="added")),
                (
                    "added_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="blinding_rules", to="studies.study"
                    ),
                ),
            ],
            options={
                "verbose_name": "blinding rule",
                "verbose_name_plural": "blinding rules",
                "ordering": ["kind", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("study", "kind", "name"), name="blinding_rule_once_per_study")
                ],
            },
        ),
        migrations.RunPython(class_what_is_there, migrations.RunPython.noop),
    ]
