from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0003_append_only_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="study",
            name="variable_labels",
            field=models.JSONField(default=dict, help_text="Of the files and Define-XML, by domain."),
        ),
    ]
