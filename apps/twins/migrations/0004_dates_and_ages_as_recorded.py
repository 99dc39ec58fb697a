from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("twins", "0003_words_to_search"),
    ]

    # The days that were stored had been completed: they are left behind, and the watch sums each subject up again.
    operations = [
        migrations.RemoveField(model_name="twinsummary", name="leaving_on"),
        migrations.RemoveField(model_name="twinsummary", name="died_on"),
        migrations.RemoveField(model_name="twinsummary", name="last_visit_on"),
        migrations.AddField(
            model_name="twinsummary", name="leaving_on", field=models.TextField(blank=True, default="")
        ),
        migrations.AddField(model_name="twinsummary", name="died_on", field=models.TextField(blank=True, default="")),
        migrations.AddField(
            model_name="twinsummary",
            name="last_visit_on",
            field=models.TextField(blank=True, default="", help_text="As recorded: ISO 8601 orders partial dates too."),
        ),
        migrations.AlterField(
            model_name="twinsummary",
            name="age",
            field=models.FloatField(null=True, verbose_name="age"),
        ),
        migrations.AddField(model_name="twinsummary", name="age_unit", field=models.TextField(blank=True, default="")),
        migrations.AddField(
            model_name="twinsummary",
            name="age_years",
            field=models.FloatField(help_text="For an order of ages in different units.", null=True),
        ),
    ]
