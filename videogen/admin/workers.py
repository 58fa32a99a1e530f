"""The workers in the operator's console."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scenes.admin.watched import WatchedAdmin
from videogen import pipelines
from videogen.models import Worker


@admin.register(Worker)
class WorkerAdmin(WatchedAdmin):
    """The workers heard of, which are alive, and what each has in memory."""

    list_display = [
        *("name", "is_alive", "hindrance", "listens_to", "can_run", "loaded", "device"),
        *("dropped_messages", "pid", "started_at", "seen_at"),
    ]

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
