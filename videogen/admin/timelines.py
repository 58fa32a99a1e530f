"""Timelines that came back from the editing room, in the operator's console."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from scenes.admin.watched import HistoryAdmin
from videogen.models import BroughtTimeline


@admin.register(BroughtTimeline)
class BroughtTimelineAdmin(HistoryAdmin):
    """Who brought which timeline to what, when, and whether it was undone."""

    list_display = ["file_name", "film", "scene", "person", "applied_at", "undone_at"]
    list_filter = [("undone_at", admin.EmptyFieldListFilter), "person"]
    list_select_related = ["film", "scene", "person"]
    search_fields = ["id", "file_name", "film__title", "scene__title", "person__username"]
    date_hierarchy = "applied_at"
    fields: ClassVar[Any] = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[BroughtTimeline]:
        """Leave in the table what it changed: it may hold every block of a film."""
        return super().get_queryset(request).defer("before", "after")
