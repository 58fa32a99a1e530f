"""Batches in the operator's console, and what was told to the webhook."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from videogen import batches
from videogen.admin.watched import WatchedAdmin
from videogen.models import Batch, Delivery
from videogen.models.deliveries import DeliveryQuerySet


@admin.register(Batch)
class BatchAdmin(WatchedAdmin):
    """What was started in one press, and how far it is."""

    list_display = ["created_at", "requested_by", "film", "scene", "what", "only", "size", "finished_at"]
    list_filter = ["what", "only", "requested_by"]
    list_select_related = ["film", "scene", "requested_by"]
    search_fields = ["id", "film__title", "scene__title", "requested_by__username"]
    readonly_fields = ["progress"]
    actions = ["stop"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: it holds nothing but the tie between its jobs."""
        return False

    @admin.display(description=_("progress"))
    def progress(self, batch: Batch) -> str:
        """Show how many of its jobs have ended, and how."""
        found = batches.Progress.of(batch)
        return _("%(done)d of %(jobs)d, %(failed)d failed") % {
            "done": found.ended,
            "jobs": batch.size,
            "failed": found.failed,
        }

    @admin.action(description=_("Stop what waits or runs"), permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        """Stop the jobs of these batches."""
        by = cast("User", request.user)
        stopped = sum(batches.cancel(batch, by) for batch in queryset)
        words = ngettext("%d job was stopped.", "%d jobs were stopped.", stopped) % stopped
        messages.success(request, words)


@admin.register(Delivery)
class DeliveryAdmin(WatchedAdmin):
    """What was told to the webhook, what waits to be told, and why it was not taken."""

    list_display = ["created_at", "event", "attempts", "due_at", "delivered_at", "given_up_at", "error"]
    list_filter = ["event"]
    search_fields = ["id", "body"]
    date_hierarchy = "created_at"
    readonly_fields = ["body"]
    actions = ["send_again"]

    @admin.action(description=_("Send again"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        """Have these sent with the next sweep, those that were given up included."""
        count = queryset.again()
        messages.success(request, ngettext("%d message is sent again.", "%d messages are sent again.", count) % count)
