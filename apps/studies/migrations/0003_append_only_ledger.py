from django.db import migrations

from apps.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("studies", "0002_held_back")]

    operations = [append_only("studies_changeset"), append_only("studies_recordrevision")]
