"""Accounts: users, roles granted per study or site, re-authentication."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who may sign in and what they were granted."""

    name = "apps.accounts"
    verbose_name = _("accounts")
    default_auto_field = "django.db.models.BigAutoField"
