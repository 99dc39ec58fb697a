"""Where reviews are decided and the trail is read; nothing here adds, edits or deletes."""

import auditlog.admin  # noqa: F401  # registers its own admin at import, which is replaced below
from django.contrib import admin

from apps.compliance.admin.reviews import ReviewAdmin
from apps.compliance.admin.trail import TrailAdmin
from apps.compliance.models import Review, TrailEntry

# The library's admin shows every row to whoever holds a model permission; ours asks for the grant.
admin.site.unregister(TrailEntry)
admin.site.register(Review, ReviewAdmin)
admin.site.register(TrailEntry, TrailAdmin)
admin.site.enable_nav_sidebar = False
admin.site.site_header = admin.site.site_title = "Clinical platform administration"
