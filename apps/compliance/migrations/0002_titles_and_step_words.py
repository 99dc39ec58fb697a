from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="review",
            name="title",
            field=models.CharField(default="", max_length=250, verbose_name="document"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="reviewtransition",
            name="step",
            field=models.CharField(
                choices=[
                    ("pass_check", "checked against the data: passed"),
                    ("fail_check", "checked against the data: blocked"),
                    ("submit", "submitted for review"),
                    ("request_changes", "asked for changes"),
                    ("reject", "rejected"),
                    ("sign", "approved and signed"),
                    ("supersede", "superseded"),
                ],
                max_length=20,
            ),
        ),
    ]
