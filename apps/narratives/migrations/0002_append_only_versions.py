from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("narratives", "0001_initial")]

    # The refusals of these tables are put in place after every migrate (apps/core/guards.py).
    operations = []
