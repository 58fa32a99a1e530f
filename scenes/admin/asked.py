"""What people brought to a film and asked for, in the operator's console: screenplays and rights."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scenes.access import NAMES
from scenes.admin.watched import HistoryAdmin
from scenes.models import Revision, RightRequest


@admin.register(Revision)
class RevisionAdmin(HistoryAdmin):
    """Who brought which screenplay to which film, when, and what became of it."""

    list_display = ["file_name", "film", "person", "created_at", "applied_at", "undone_at"]
    list_filter = [
        ("applied_at", admin.EmptyFieldListFilter),
        ("undone_at", admin.EmptyFieldListFilter),
        "person",
    ]
    list_select_related = ["film", "person"]
    search_fields = ["id", "file_name", "film__title", "person__username"]
    date_hierarchy = "created_at"
    fields: ClassVar[Any] = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Leave the file and what it replaced in the table: each may be a whole screenplay."""
        return super().get_queryset(request).defer("data", "before")


@admin.register(RightRequest)
class RightRequestAdmin(HistoryAdmin):
    """Who asked for which right, and who answered what; the answer is given on the page of people."""

    list_display = ["person", "asks_to", "film", "scene", "block", "at", "answer", "decided_by", "decided_at"]
    list_filter: ClassVar[list[Any]] = [("decided_at", admin.EmptyFieldListFilter), "granted", "right", "person"]
    list_select_related = ["person", "film", "scene", "block", "decided_by"]
    search_fields = ["person__username", "decided_by__username", "film__title", "scene__title"]
    date_hierarchy = "at"
    ordering: ClassVar[Any] = ["-at"]
    fields: ClassVar[Any] = list_display

    @admin.display(description=_("asks to"), ordering="right")
    def asks_to(self, row: RightRequest) -> str:
        """Show the right in the words of the page of people."""
        return gettext(NAMES.get(row.right, row.right))

    @admin.display(description=_("answer"), ordering="granted")
    def answer(self, row: RightRequest) -> str:
        """Say in one word how it stands."""
        return {None: gettext("open"), True: gettext("granted"), False: gettext("declined")}[row.granted]
