"""Batches in the operator's console, and what was told to the webhook."""

from typing import cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scenes.admin.watched import HistoryAdmin, WatchedAdmin
from videogen import batches
from videogen.models import Batch, Delivery
from videogen.models.deliveries import DeliveryQuerySet

JOBS = {"frame": _("frames"), "video": _("clips")}  # the lists that hold the jobs of a batch


@admin.register(Batch)
class BatchAdmin(HistoryAdmin):
    """What was started in one press, and how far it is."""

    list_display = ["created_at", "requested_by", "film", "scene", "what", "only", "size", "finished_at"]
    list_filter = ["what", "only", ("finished_at", admin.EmptyFieldListFilter), "requested_by"]
    list_select_related = ["film", "scene", "requested_by"]
    search_fields = ["id", "film__title", "scene__title", "requested_by__username"]
    date_hierarchy = "created_at"
    fields = ["film", "scene", "what", "only", "end_frames", "requested_by", "created_at", "finished_at", "progress"]
    actions = ["stop"]

    @admin.display(description=_("progress"))
    def progress(self, batch: Batch) -> SafeString:
        """Show how many of its jobs have ended and how, and lead to them."""
        found = batches.Progress.of(batch)
        told = _("%(done)d of %(jobs)d, %(failed)d failed") % {
            "done": found.ended,
            "jobs": batch.size,
            "failed": found.failed,
        }
        lists = [(reverse(f"admin:videogen_{kind}_changelist"), batch.pk, words) for kind, words in JOBS.items()]
        return format_html("{}: {}", told, format_html_join(", ", '<a href="{}?batch__id__exact={}">{}</a>', lists))

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

    list_display = ["created_at", "event", "error", "attempts", "due_at", "delivered_at", "given_up_at"]
    list_filter = [
        "event",
        ("delivered_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["id", "body"]
    date_hierarchy = "created_at"
    fields = ["event", "created_at", "attempts", "due_at", "delivered_at", "given_up_at", "error", "body"]
    actions = ["send_again"]

    @admin.action(description=_("Send again"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        """Have these sent with the next sweep, those that were given up included."""
        count = queryset.again()
        messages.success(request, ngettext("%d message is sent again.", "%d messages are sent again.", count) % count)
