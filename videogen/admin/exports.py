"""Exports in the operator's console."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from videogen import actions
from videogen.admin.watched import WatchedAdmin
from videogen.estimates import spell_seconds
from videogen.models import Export


@admin.register(Export)
class ExportAdmin(WatchedAdmin):
    """What was taken home, what waits, and what came to nothing."""

    list_display = ["title", "made_by", "status", "requested_by", "created_at", "took", "bytes", "error"]
    list_filter: ClassVar[list[Any]] = ["status", "model", "error_code", "requested_by"]
    list_select_related = ["requested_by"]
    search_fields = ["id", "title", "worker", "error_code", "requested_by__username"]
    date_hierarchy = "created_at"
    list_per_page = 50
    actions = ["stop"]
    exclude = ["cut", "file"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        """Leave the cut in the table: it may hold thousands of shots."""
        return super().get_queryset(request).defer("cut")

    @admin.display(description=_("took"))
    def took(self, row: Export) -> str:
        """How long it took, or has taken so far."""
        return spell_seconds(row.seconds)

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, row: Export) -> str:
        """How large the file is."""
        return str(filesizeformat(row.size)) if row.size else ""

    @admin.action(description=_("Stop"), permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Export]) -> None:
        """Stop those that wait or run."""
        stopped = sum(actions.cancel(row, request.user) for row in queryset)  # type: ignore[arg-type]
        messages.success(request, ngettext("%d export stops.", "%d exports stop.", stopped) % stopped)
