"""Who approved and locked which take, in the operator's console."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scenes.admin.watched import HistoryAdmin
from videogen.models import ReviewEvent


@admin.register(ReviewEvent)
class ReviewEventAdmin(HistoryAdmin):
    """The history of reviews; it is read, never written or deleted."""

    list_display = ["at", "actor_name", "number", "was", "review", "locked", "take_id", "block_id"]
    list_filter: ClassVar[list[Any]] = ["review", "locked", "actor_name"]
    search_fields = ["take_id", "block_id", "actor_name"]
    search_help_text = _("The id of a take or block, or a name.")
    ordering: ClassVar[Any] = ["-id"]
    date_hierarchy = "at"
