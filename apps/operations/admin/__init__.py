"""The platform in the admin: administrative acts that two people decide, and background work."""

from django.contrib import admin

from apps.accounts.models import AdministrativeAct
from apps.core.models import Job
from apps.operations.admin.administrative_acts import AdministrativeActAdmin
from apps.operations.admin.jobs import JobAdmin

admin.site.register(AdministrativeAct, AdministrativeActAdmin)
admin.site.register(Job, JobAdmin)
