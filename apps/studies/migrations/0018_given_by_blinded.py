from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0017_long_names_of_variables"),
    ]

    operations = [
        migrations.RenameField(model_name="sourcefile", old_name="is_open", new_name="is_from_blinded"),
        migrations.RenameField(model_name="importrun", old_name="is_open", new_name="is_from_blinded"),
    ]
