from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("studies", "0002_held_back")]

    # The refusals of these tables are put in place after every migrate (apps/core/guards.py).
    operations = []
