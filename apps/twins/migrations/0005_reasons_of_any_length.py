from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("twins", "0004_dates_and_ages_as_recorded"),
    ]

    operations = [
        migrations.AlterField(
            model_name="twinsummary",
            name="leaving_reason",
            field=models.TextField(blank=True),
        ),
    ]
