"""The operator's console: generations, the queue in the order it will be served, and the workers."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scenes import access
from videogen import actions, pipelines
from videogen.estimates import spell_seconds
from videogen.models import Event, Frame, Status, Video, Worker
from videogen.specs import SpecError

QUEUE_ORDER: list[str | Combinable] = ["running_of_person", "created_at", "pk"]


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


class WatchedAdmin(admin.ModelAdmin[Any]):
    """Rows that the program writes and the operator reads."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: frames and clips are queued in the dialog."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse to edit a row; the actions of the list are what can be done with it."""
        return obj is None and super().has_change_permission(request)


class GenerationAdmin(WatchedAdmin):
    """What frames and videos have in common."""

    list_filter: ClassVar[list[Any]] = ["status", QueueFilter, "model", "error_code", "requested_by", "block__scene"]
    list_select_related = ["block__scene", "requested_by"]
    search_fields = ["id", "block__text", "block__scene__title", "worker", "error_code", "requested_by__username"]
    date_hierarchy = "created_at"
    list_per_page = 50
    actions = ["retry", "stop"]
    SHOWN_FIRST = ["picture", "where", "state"]
    SHOWN_LAST = ["pipeline", "requested_by", "created_at", "took", "rights"]

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Order by newest first, the queue as it is served."""
        return QUEUE_ORDER if _is_queue(request) else ["-created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all rows, or those that wait."""
        if _is_queue(request):
            waiting: QuerySet[Any] = self.model.rows().queued_in_order()
            return waiting
        return super().get_queryset(request)

    @admin.display(description=_("picture"))
    def picture(self, row: Frame | Video) -> SafeString | str:
        """Show a thumbnail that links to the file."""
        if row.status != Status.SUCCEEDED:
            return "–"
        names = ("clip_file", "clip_poster") if isinstance(row, Video) else ("frame_picture", "frame_thumbnail")
        file, small = (reverse(name, args=[row.block.scene_id, row.block_id, row.pk]) for name in names)
        return format_html('<a href="{}"><img src="{}" height="56" alt="{}"></a>', file, small, row.KIND)

    @admin.display(description=_("block"), ordering="block__position")
    def where(self, row: Frame | Video) -> SafeString:
        """Link to the block's dialog."""
        step = row.role if isinstance(row, Frame) else "video"
        url = reverse(f"clip_{step}", args=[row.block.scene_id, row.block_id])
        return format_html('<a href="{}">{}</a>', url, _place(row))

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Frame | Video) -> str:
        """Show the status, and its progress or its error."""
        if row.is_stopping:
            return str(_("Stopping"))
        if row.status == Status.RUNNING:
            return f"{row.get_phase_display()} {row.step}/{row.steps} ({row.worker})"
        return row.error or str(row.get_status_display())

    @admin.display(description=_("pipeline"), ordering="model")
    def pipeline(self, row: Frame | Video) -> str:
        """Show what made it."""
        return row.made_by or str(_("Uploaded"))

    @admin.display(description=_("took"))
    def took(self, row: Frame | Video) -> str:
        """Show how long the run took, or has taken so far."""
        return spell_seconds(row.seconds) or "–"

    @admin.display(description=_("rights"))
    def rights(self, row: Frame | Video) -> SafeString:
        """Link to the page of who may do what with the block."""
        url = reverse("admin:scenes_block_permissions", args=[row.block_id])
        return format_html('<a href="{}">{}</a>', url, _("Who may"))

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

    @admin.action(description=_("Stop"), permissions=["change"])
    def stop(self, request: Any, queryset: QuerySet[Any]) -> None:
        """Cancel the rows: waiting ones at once, running ones at their next step."""
        stopped = sum(actions.cancel(row, request.user) for row in queryset)
        self.message_user(request, ngettext("%d was stopped.", "%d were stopped.", stopped) % stopped)

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

    def queue_again(self, row: Any, request: Any) -> None:
        """Queue the same frame once more."""
        actions.queue_frame(row.block, row.read_spec(), request.user)

    def delete_with_files(self, row: Any, request: Any) -> None:
        """Delete a frame; clips made from it stay."""
        actions.delete_frame(row, request.user)


@admin.register(Video)
class VideoAdmin(GenerationAdmin):
    """Clips, all takes of them."""

    list_display = [*GenerationAdmin.SHOWN_FIRST, "size_and_length", "is_current", *GenerationAdmin.SHOWN_LAST]
    list_filter: ClassVar[list[Any]] = [*GenerationAdmin.list_filter, "is_current"]

    @admin.display(description=_("clip"))
    def size_and_length(self, video: Video) -> str:
        """Show width, height, seconds and frames a second."""
        return f"{video.width} × {video.height}, {video.duration} s, {video.frame_rate} fps"

    def queue_again(self, row: Any, request: Any) -> None:
        """Queue the same clip once more, from the frames chosen now."""
        actions.queue_video(row.block, row.read_spec(), request.user)

    def delete_with_files(self, row: Any, request: Any) -> None:
        """Delete a clip; its frames stay."""
        actions.delete_video(row, request.user)


@admin.register(Worker)
class WorkerAdmin(WatchedAdmin):
    """The workers heard of, which are alive, and what each has in memory."""

    list_display = ["name", "is_alive", "listens_to", "can_run", "loaded", "device", "pid", "started_at", "seen_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, below a line on which pipelines are the default and why."""
        choices = (pipelines.chosen(makes) for makes in pipelines.MODELS)
        kinds = (_("Frames"), _("Clips"))
        told = " · ".join(
            f"{kind}: {choice.model.label}. {choice.reason}" for kind, choice in zip(kinds, choices, strict=True)
        )
        return super().changelist_view(request, {"subtitle": told, **(extra_context or {})})

    @admin.display(description=_("models"))
    def can_run(self, worker: Worker) -> str:
        """Show the models it has a device and the weights for."""
        return ", ".join(worker.offers) or "–"

    @admin.display(description=_("alive"), boolean=True)
    def is_alive(self, worker: Worker) -> bool:
        """Whether it has been heard of lately."""
        return worker.seen_at >= timezone.now() - Worker.SILENCE

    @admin.display(description=_("queues"))
    def listens_to(self, worker: Worker) -> str:
        """Show the queues it takes jobs from."""
        return ", ".join(worker.queues)


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
