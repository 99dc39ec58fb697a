"""Values that were refused while their row came in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0014_packaged_sources"),
    ]

    operations = [
        migrations.AddField(
            model_name="rejectedrow",
            name="is_cell",
            field=models.BooleanField(default=False),
        ),
    ]
