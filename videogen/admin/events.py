"""The history of all generations in the operator's console."""

from typing import Any, ClassVar

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scenes.admin.watched import HistoryAdmin
from videogen.models import KINDS, Event


@admin.register(Event)
class EventAdmin(HistoryAdmin):
    """The history of every generation, newest first; it is read, never written or deleted."""

    list_display = ["at", "kind", "job", "attempt", "from_status", "to_status", "note", "actor"]
    list_filter = ["kind", "to_status"]
    list_select_related = ["actor"]
    search_fields = ["generation_id", "note", "actor__username"]
    ordering: ClassVar[Any] = ["-id"]
    date_hierarchy = "at"
    fields: ClassVar[Any] = list_display

    @admin.display(description=_("job"), ordering="generation_id")
    def job(self, event: Event) -> SafeString | str:
        """Link to the row's page; where the row is gone, that page says so."""
        if event.kind not in KINDS:
            return str(event.generation_id)
        page = reverse(f"admin:videogen_{KINDS[event.kind]._meta.model_name}_change", args=[event.generation_id])
        return format_html('<a href="{}">{}</a>', page, event.generation_id)
