from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("narratives", "0003_reason_without_rule"),
    ]

    # What is stored was checked without asking: 0 says so, and the sweep checks it again.
    operations = [
        migrations.AddField(
            model_name="currency",
            name="domains_received",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
