from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0016_received_domains"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rejectedrow",
            name="variable",
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
