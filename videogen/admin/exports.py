"""Exports in the operator's console."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from videogen.admin.jobs import JobAdmin
from videogen.models import Export


@admin.register(Export)
class ExportAdmin(JobAdmin):
    """What was taken home, what waits, and what came to nothing."""

    list_display = ["title", "made_by", "status", "error", "requested_by", "created_at", "took", "bytes"]
    list_filter: ClassVar[list[Any]] = ["status", "model", "error_code", "requested_by"]
    list_select_related = ["film", "scene", "requested_by"]
    search_fields = ["id", "title", "worker", "error_code", "requested_by__username"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["title", "film", "scene", "made_by", "status", "error", "bytes", "voice_note"]}),
        (_("Settings"), {"fields": ["settings"]}),
        (_("How it went"), {"fields": JobAdmin.RUN}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        """Leave the cut in the table: it may hold thousands of shots."""
        return super().get_queryset(request).defer("cut")

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, row: Export) -> str:
        """How large the file is."""
        return str(filesizeformat(row.size)) if row.size else ""
