from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def queue_classing(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Have the texts of before the upgrade classed by the names of treatments found in them, through the ledger."""
    jobs, rules = apps.get_model("core", "Job"), apps.get_model("studies", "BlindingRule")
    for study in rules.objects.order_by("study").values_list("study", flat=True).distinct():
        key, lane = f"{study}:upgrade", f"class-records:{study}"
        jobs.objects.create(kind="class-records", payload={"study": study}, key=key, lane=lane)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_job_claims"),
        ("studies", "0008_relations_of_any_size"),
    ]

    operations = [migrations.RunPython(queue_classing, migrations.RunPython.noop)]
