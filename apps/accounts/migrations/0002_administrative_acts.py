import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lockout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100, unique=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_failed_at", models.DateTimeField(db_index=True)),
                ("locked_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="is_proven",
            field=models.BooleanField(
                default=True,
                help_text="Nobody else set the password since the person did; else no signature.",
                verbose_name="proven",
            ),
        ),
        migrations.CreateModel(
            name="AdministrativeAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("make_application", "make an application"),
                            ("rotate_secret", "give a new secret to an application"),
                            ("revoke_application", "take an application away"),
                            ("grant_role", "grant a role"),
                            ("reset_password", "reset a password"),
                        ],
                        max_length=20,
                        verbose_name="act",
                    ),
                ),
                ("role", models.CharField(blank=True, max_length=30, verbose_name="role")),
                ("study_code", models.CharField(blank=True, max_length=60, verbose_name="study")),
                ("site_code", models.CharField(blank=True, max_length=60, verbose_name="site")),
                ("on_pk", models.PositiveBigIntegerField(null=True)),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "waits for a second administrator"),
                            ("approved", "approved and carried out"),
                            ("refused", "refused"),
                            ("done", "carried out at once"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts_asked",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "concerns",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts_concerning",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="concerns",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts_decided",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "on_type",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
            options={
                "verbose_name": "administrative act",
                "verbose_name_plural": "administrative acts",
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by", None), ("state__in", ["pending", "done"])),
                            models.Q(("decided_by__isnull", False), ("state__in", ["approved", "refused"])),
                            _connector="OR",
                        ),
                        name="act_decided_when_it_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                models.Q(("decided_by", models.F("concerns")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="act_approved_by_another",
                    ),
                ],
            },
        ),
    ]
