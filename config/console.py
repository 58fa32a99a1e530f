"""The start page of the operator's console: queues, workers and disk; and the takes that nobody uses."""

import shutil
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import RedirectView

from config import models_page
from config.address_junk import View, without_junk
from videogen import actions
from videogen.estimates import spell_seconds
from videogen.media import storage
from videogen.models import Video, Worker
from videogen.queue_state import queue_states
from videogen.worker.clock import database_time

MOST_AT_ONCE = 200  # takes deleted by one press: a request must not last for minutes
DAYS = 30  # that the form proposes


class UnusedTakesForm(forms.Form):
    """How old a take must be to go."""

    days = forms.IntegerField(label=gettext_lazy("days"), min_value=1, max_value=3650, initial=DAYS)


class ConfirmForm(UnusedTakesForm):
    """The same, with the moment for which the takes were counted: none that grows older meanwhile is added."""

    before = forms.DateTimeField(widget=forms.HiddenInput)

    def clean_before(self) -> datetime:
        """Refuse what no count was for."""
        before: datetime = self.cleaned_data["before"]
        if before > timezone.now() - timedelta(days=1):
            raise forms.ValidationError(_("Count the takes again."))
        return before


class Console(admin.AdminSite):
    """Django's admin, which begins with how it stands and takes junk in an address for junk."""

    site_title = site_header = "Storyreel console"
    index_title = "Clips, scenes and people"
    index_template = "admin/console.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add our pages; have the site's own page change passwords: it counts wrong ones."""
        return [
            path("unused-takes/", self.admin_view(self.unused_takes), name="unused_takes"),
            path("password_change/", RedirectView.as_view(pattern_name="account"), name="password_change"),
            *models_page.urls(self),
            *super().get_urls(),
        ]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Wrap a view of any list or form, also of those that are not ours."""
        return super().admin_view(without_junk(view), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show queues, workers and disk above the lists."""
        return super().index(request, {**_standing(request), **(extra_context or {})})

    def unused_takes(self, request: HttpRequest) -> HttpResponse:
        """Count the takes that are no block's clip and older than some days; delete them once that is confirmed."""
        if not _may_delete(request):
            raise PermissionDenied
        if request.method == "POST":
            confirmed = ConfirmForm(request.POST)
            if confirmed.is_valid():
                _delete(request, confirmed.cleaned_data["before"])
                return HttpResponseRedirect(reverse("admin:index"))
        form = UnusedTakesForm(request.GET if "days" in request.GET else None)
        context = {**self.each_context(request), "title": _("Delete unused takes"), "form": form}
        if form.is_valid():
            before = timezone.now() - timedelta(days=form.cleaned_data["days"])
            found = Video.objects.unused(before).aggregate(count=Count("pk"), size=Sum("size"))
            context |= {**found, "before": before.isoformat(), "days": form.cleaned_data["days"]}
        return TemplateResponse(request, "admin/unused_takes.html", context)


def _may_delete(request: HttpRequest) -> bool:
    return request.user.has_perm("videogen.delete_video")


def _delete(request: HttpRequest, before: datetime) -> None:
    deleted = actions.delete_unused_takes(before, request.user, MOST_AT_ONCE)  # type: ignore[arg-type]  # signed in
    words = ngettext("%d take was deleted.", "%d takes were deleted.", deleted) % deleted
    if left := Video.objects.unused(before).count():
        words += " " + _("%d are left: count and delete once more.") % left
    messages.success(request, words)


def _standing(request: HttpRequest) -> dict[str, Any]:
    workers = list(Worker.objects.all())
    alive = {worker.name for worker in Worker.objects.alive()}
    listening = {worker.name: worker.queues for worker in workers if worker.name in alive}
    return {
        "queues": [
            {
                "state": state,
                "oldest": spell_seconds(state.oldest_queued),
                "workers": sum(state.queue in queues for queues in listening.values()),
            }
            for state in queue_states(database_time())
        ],
        "workers": [(worker, worker.name in alive) for worker in workers],
        "disk": _disk(),
        "may_manage_models": request.user.has_perm(models_page.RIGHT),
        "unused_form": UnusedTakesForm() if _may_delete(request) else None,
    }


def _disk() -> dict[str, Any]:
    told: dict[str, Any] = {"reserve": settings.DISK_RESERVE_BYTES, "trouble": storage.trouble()}
    try:
        total, _used, free = shutil.disk_usage(storage.parts_folder())
    except OSError:
        return told
    return told | {"total": total, "free": free, "share": round(100 * free / total)}
