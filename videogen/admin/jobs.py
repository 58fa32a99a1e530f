"""What every kind of job has in the operator's console: how long it took, its history, and a way to stop it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from scenes.admin.watched import WatchedAdmin
from videogen import actions
from videogen.admin.detail import DetailMixin
from videogen.estimates import spell_seconds
from videogen.models import Job


class JobAdmin(DetailMixin, WatchedAdmin):
    """Jobs of one kind, newest first."""

    date_hierarchy = "created_at"
    actions = ["stop"]
    RUN = ["requested_by", "created_at", "took", "worker", "attempt", "lost_attempts", "history"]

    @admin.display(description=_("took"))
    def took(self, row: Job) -> str:
        """Show how long the run took, or has taken so far."""
        return spell_seconds(row.seconds) or "–"

    @admin.action(description=_("Stop"), permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Cancel the rows: waiting ones at once, running ones at their next step."""
        stopped = sum(actions.cancel(row, request.user) for row in queryset)  # type: ignore[arg-type]  # signed in
        self.message_user(request, ngettext("%d was stopped.", "%d were stopped.", stopped) % stopped)
