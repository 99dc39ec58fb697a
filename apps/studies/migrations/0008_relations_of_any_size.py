from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0007_site_transfers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="record",
            name="target",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="recordrevision",
            name="target",
            field=models.TextField(blank=True),
        ),
    ]
