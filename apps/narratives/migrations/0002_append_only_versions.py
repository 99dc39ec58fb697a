from django.db import migrations

from apps.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("narratives", "0001_initial")]

    operations = [append_only("narratives_narrativeversion"), append_only("narratives_currencychange")]
