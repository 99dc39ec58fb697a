"""Values that were refused while their row came in, and the encoding that a person names for the files of an import."""

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
        migrations.AddField(
            model_name="importrun",
            name="encoding",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
    ]
