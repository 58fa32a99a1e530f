"""Frames and clips in the operator's console, and the queue in the order it will be served."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scenes import access
from scenes.admin.kept import KeptAdmin
from videogen import actions, review
from videogen.admin.detail import address
from videogen.admin.jobs import JobAdmin
from videogen.models import Frame, Status, Video
from videogen.models.generation import QUEUE_ORDER
from videogen.specs import SpecError


class QueueFilter(admin.SimpleListFilter):
    """The rows that wait, in the order they will be served."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting, in the order they will be served"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave the rows as they are: GenerationAdmin.get_queryset orders them, which must come before any filter."""
        return queryset


def _is_queue(request: HttpRequest) -> bool:
    return request.GET.get(QueueFilter.parameter_name) == "waiting"


def _place(row: Frame | Video) -> str:
    return f"{row.block.scene.title}, {row.block.number}"


def _cut(words: object) -> SafeString:
    return format_html('<span class="cut" title="{}">{}</span>', words, words)


class GenerationAdmin(JobAdmin):
    """What frames and videos have in common."""

    list_filter: ClassVar[list[Any]] = ["status", QueueFilter, "model", "error_code", "requested_by", "block__scene"]
    list_select_related = ["block__scene", "requested_by"]
    search_fields = [
        "id",
        "block__text",
        "block__scene__title",
        "spec__prompt",
        "worker",
        "error_code",
        "requested_by__username",
    ]
    actions = ["retry", "stop"]
    SHOWN_FIRST = ["picture", "place", "state"]
    SHOWN_LAST = ["made_with", "by", "asked_at", "took"]
    RUN = ["pipeline", "checkpoint", *JobAdmin.RUN]

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Order by newest first, the queue as it is served."""
        return [*QUEUE_ORDER] if _is_queue(request) else ["-created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all rows, or those that wait."""
        if _is_queue(request):
            waiting: QuerySet[Any] = self.model.rows().queued_in_order()
            return waiting
        return super().get_queryset(request)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the row, headed by its place."""
        context["subtitle"] = _place(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("picture"))
    def picture(self, row: Frame | Video) -> SafeString | str:
        """Show a thumbnail."""
        if row.status != Status.SUCCEEDED:
            return "–"
        return format_html('<img src="{}" alt="{}">', address(row, small=True), row.KIND)

    @admin.display(description=_("block"), ordering="block__position")
    def place(self, row: Frame | Video) -> SafeString:
        """Show scene and number of the block."""
        return _cut(_place(row))

    @admin.display(description=_("block"))
    def where(self, row: Frame | Video) -> SafeString:
        """Link to the block's dialog, and to who may do what with it."""
        step = row.role if isinstance(row, Frame) else "video"
        dialog = reverse(f"clip_{step}", args=[row.block.scene_id, row.block_id])
        rights = reverse("admin:scenes_block_permissions", args=[row.block_id])
        words = (_place(row), row.block.text, rights, _("Who may do what"))
        return format_html('<a href="{}">{}</a>: {} (<a href="{}">{}</a>)', dialog, *words)

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Frame | Video) -> SafeString:
        """Show the status, and its progress or its error."""
        if row.is_stopping:
            return _cut(_("Stopping"))
        if row.status == Status.RUNNING:
            return _cut(f"{row.get_phase_display()} {row.step}/{row.steps} ({row.worker})")
        return _cut(row.error or row.get_status_display())

    @admin.display(description=_("pipeline"), ordering="model")
    def made_with(self, row: Frame | Video) -> SafeString:
        """Show what made it, cut to a line."""
        return _cut(self.pipeline(row))

    @admin.display(description=_("pipeline"))
    def pipeline(self, row: Frame | Video) -> str:
        """Show what made it."""
        return row.made_by or str(_("Uploaded"))

    @admin.display(description=_("by"), ordering="requested_by")
    def by(self, row: Frame | Video) -> SafeString:
        """Show who asked for it."""
        return _cut(row.requested_by or "–")

    @admin.display(description=_("asked for"), ordering="created_at")
    def asked_at(self, row: Frame | Video) -> str:
        """Show when it was asked for."""
        return date_format(timezone.localtime(row.created_at), "j M, H:i")

    @admin.action(description=_("Queue again with the same settings"), permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Queue failed and cancelled rows again as new ones; their history stays."""
        queued = 0
        for row in queryset.filter(status__in=[Status.FAILED, Status.CANCELLED]).select_related("block__scene"):
            try:
                access.demand(request.user, row.block, row.right)
                self.queue_again(row, request)
                queued += 1
            except (PermissionDenied, actions.ActionError, SpecError) as error:
                self.message_user(request, f"{_place(row)}: {error}", messages.WARNING)
        words = ngettext("%d was queued again.", "%d were queued again.", queued) % queued
        self.message_user(request, words, messages.SUCCESS if queued else messages.WARNING)

    def queue_again(self, row: Any, request: Any) -> None:
        """Queue the same once more. Raises ActionError or SpecError."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the row with its files; a running one is cancelled first."""
        self.delete_with_files(obj, request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the rows with their files; running ones are cancelled first."""
        for row in queryset:
            self.delete_with_files(row, request)

    def delete_with_files(self, row: Any, request: Any) -> None:
        """Delete one row as the dialog does."""
        raise NotImplementedError


@admin.register(Frame)
class FrameAdmin(GenerationAdmin):
    """Start and end frames, candidates included."""

    list_display = [*GenerationAdmin.SHOWN_FIRST, "role", "source", "is_chosen", *GenerationAdmin.SHOWN_LAST]
    list_filter: ClassVar[list[Any]] = [*GenerationAdmin.list_filter, "role", "source", "is_chosen"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["where", "role", "source", "is_chosen", "state", "result"]}),
        (_("Settings"), {"fields": ["settings"]}),
        (_("How it went"), {"fields": GenerationAdmin.RUN}),
    ]

    def queue_again(self, row: Any, request: Any) -> None:
        """Queue the same frame once more."""
        actions.queue_frame(row.block, row.read_spec(), request.user, like=row)

    def delete_with_files(self, row: Any, request: Any) -> None:
        """Delete a frame; clips made from it stay."""
        actions.delete_frame(row, request.user)


@admin.register(Video)
class VideoAdmin(KeptAdmin, GenerationAdmin):
    """Clips, all takes of them."""

    list_display = [*GenerationAdmin.SHOWN_FIRST, "size_and_length", "is_current", *GenerationAdmin.SHOWN_LAST]
    list_filter: ClassVar[list[Any]] = [*GenerationAdmin.list_filter, "is_current"]
    list_select_related = [*GenerationAdmin.list_select_related, "start_frame", "end_frame"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["where", "size_and_length", "is_current", "state", "result", "frames_used"]}),
        (_("Settings"), {"fields": ["settings"]}),
        (_("How it went"), {"fields": [*GenerationAdmin.RUN, "shortcuts"]}),
    ]

    @admin.display(description=_("clip"))
    def size_and_length(self, video: Video) -> str:
        """Show width, height and seconds; the settings of its page tell the rest."""
        return f"{video.width}×{video.height}, {video.duration} s"

    def queue_again(self, row: Any, request: Any) -> None:
        """Queue the same clip once more, from the frames chosen now."""
        actions.queue_video(row.block, row.read_spec(), request.user, like=row)

    def delete_with_files(self, row: Any, request: Any) -> None:
        """Delete a clip; its frames stay."""
        actions.delete_video(row, request.user)

    def why_kept(self, row: Any) -> str:
        """Refuse for a take that is locked, which is unlocked in the dialog first."""
        return f"{_place(row)}: {review.why_locked(row)}" if row.locked else ""
