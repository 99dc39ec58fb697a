from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_titles_and_step_words")]

    # The refusals of these tables are put in place after every migrate (apps/core/guards.py).
    operations = []
