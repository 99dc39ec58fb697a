from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0004_variable_labels"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="recordrevision",
            options={"base_manager_name": "objects"},
        ),
    ]
