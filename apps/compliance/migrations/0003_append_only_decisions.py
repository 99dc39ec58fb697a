from django.db import migrations

from apps.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_titles_and_step_words")]

    operations = [append_only("compliance_reviewtransition"), append_only("compliance_signature")]
