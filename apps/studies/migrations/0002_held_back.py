import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="HeldBack",
            fields=[
                (
                    "subject",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="held_back",
                        serialize=False,
                        to="studies.subject",
                    ),
                ),
                ("source", models.CharField(max_length=500)),
                ("known_until", models.DateField()),
            ],
        ),
    ]
