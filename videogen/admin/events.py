"""The history of all generations in the operator's console."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from videogen.admin.watched import WatchedAdmin
from videogen.models import Event


@admin.register(Event)
class EventAdmin(WatchedAdmin):
    """The history of every generation; it is read, never written or deleted."""

    list_display = ["at", "kind", "generation_id", "attempt", "from_status", "to_status", "note", "actor"]
    list_filter = ["kind", "to_status"]
    list_select_related = ["actor"]
    search_fields = ["generation_id", "note", "actor__username"]
    date_hierarchy = "at"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the history stays."""
        return False
