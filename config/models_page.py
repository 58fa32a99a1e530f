"""The console's page of models: what runs here and why, which checkpoints are here, and jobs with their files.

It is for whoever has the right `videogen.manage_models`, of the staff or not.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from videogen.models import CheckpointJob
from videogen.pipelines import KINDS, MODELS, choice, chosen, shortcuts
from videogen.pipelines.config import Checkpoint
from videogen.pipelines.published import PUBLISHED, Published
from videogen.pipelines.weights import installed, verify
from videogen.pipelines.weights.progress import amount
from videogen.wake import wake_sweep

RIGHT = "videogen.manage_models"
_View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Files:
    """A checkpoint as the page shows it. folder: None where nothing of it is here. size: bytes that are here."""

    published: Published
    named: Checkpoint
    job: CheckpointJob | None
    folder: Path | None
    size: int
    missing: str

    @property
    def size_words(self) -> str:
        """How much of it is here, in the words of the progress."""
        return amount(self.size)

    @property
    def published_words(self) -> str:
        """How much it takes as published."""
        return amount(self.published.size)

    @property
    def is_folder(self) -> bool:
        """Whether the setting names a folder: then there is nothing to download."""
        return Path(self.named.source).expanduser().is_dir()

    @property
    def is_installed(self) -> bool:
        """Whether all that its index names is here."""
        return self.folder is not None and not self.missing

    @property
    def commit(self) -> str:
        """The commit that is here."""
        return (installed.commit_of(self.folder) if self.folder else "") or ""

    @property
    def can_download(self) -> bool:
        """Whether a download can be asked for."""
        return not self.is_folder and not (self.job and self.job.is_live)

    @property
    def download_words(self) -> str:
        """What the button of a download says."""
        return _("Look for a newer one") if self.is_installed else _("Download")

    @property
    def can_cancel(self) -> bool:
        """Whether there is something to stop, or to remove of what was fetched."""
        if self.job is None or self.job.stop:
            return False
        ended = self.job.status in (CheckpointJob.Status.PAUSED, CheckpointJob.Status.FAILED)
        return self.job.is_live or (ended and self.folder is None and self.size > 0)

    @property
    def can_verify(self) -> bool:
        """Whether a verification can be asked for."""
        return self.folder is not None and not (self.job and self.job.is_live)


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """The routes of the page."""
    return [
        path("models/", _for_managers(_page(site)), name="models"),
        path("models/state/", _for_managers(_state), name="models_state"),
        path("models/<slug:field>/<slug:what>/", _for_managers(_ask), name="models_ask"),
    ]


def _for_managers(view: _View) -> _View:
    """Let in whoever has the right; show the others where to sign in, or 403."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.has_perm(RIGHT):
            raise PermissionDenied
        return view(request, **kwargs)

    return checked


def _page(site: admin.AdminSite) -> _View:
    @require_GET
    def page(request: HttpRequest) -> HttpResponse:
        """Show what runs here, and the checkpoints."""
        context = {**site.each_context(request), "title": _("Models"), "kinds": list(_kinds()), **_context()}
        context["is_nav_sidebar_enabled"] = context["has_permission"]  # it is empty for others
        return TemplateResponse(request, "admin/models.html", context)

    return cast("_View", page)


@require_GET
def _state(request: HttpRequest) -> HttpResponse:
    """The checkpoints alone; the page asks for it while a job lives."""
    return TemplateResponse(request, "admin/_models.html", _context())


@require_POST
def _ask(request: HttpRequest, field: str, what: str) -> HttpResponse:
    """Queue a download or a verification, pause one or cancel it."""
    if field not in PUBLISHED or what not in {*CheckpointJob.Action.values, "pause", "cancel"}:
        raise Http404
    published = PUBLISHED[field]
    if published.named is None:
        raise Http404
    if what in ("pause", "cancel"):
        done, refusal = CheckpointJob.ask_to_stop(field, what), _("It is over already.")
    else:
        done = CheckpointJob.ask(field, what, str(published.named), request.user)
        refusal = _("There is a job with these files already.")
    if done:
        wake_sweep()
    else:
        messages.warning(request, f"{published.label}: {refusal}")
    return HttpResponseRedirect(reverse("admin:models"))


def _kinds() -> Iterator[dict[str, Any]]:
    for makes, models in MODELS.items():
        default = chosen(makes)
        rows = [
            (model, choice.problem(model), shortcuts.wanted(model))
            for model in models.values()
            if not choice.is_hidden(model)
        ]
        yield {"name": KINDS[makes], "default": default, "models": rows}


def _context() -> dict[str, Any]:
    jobs = CheckpointJob.objects.in_bulk()
    files = [
        _files(published, published.named, jobs.get(field)) for field, published in PUBLISHED.items() if published.named
    ]
    place = installed.disk_of_cache()
    disk = shutil.disk_usage(place)
    return {
        "files": files,
        "is_live": any(job.is_live for job in jobs.values()),
        "free": disk.free,
        "total": disk.total,
        "share": round(100 * disk.free / disk.total),
        "free_words": amount(disk.free),
        "total_words": amount(disk.total),
        "cache": installed.hub_cache(),
        "lacking": ", ".join(installed.missing_libraries()),
    }


def _files(published: Published, named: Checkpoint, job: CheckpointJob | None) -> Files:
    folder = installed.folder_of(named)
    if folder is None:
        size = sum(path.stat().st_size for path in installed.repository_of(named).glob("blobs/*"))
        return Files(published, named, job, None, size, "")
    missing = installed.missing_files(folder)
    return Files(published, named, job, folder, verify.size_of(folder), missing[0] if missing else "")
