"""The list of the scenes that a person may see."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scenes import access
from web import counts
from web.headings import scene_heading

PER_PAGE = 12


@require_safe
@access.signed_in
def scene_list(request: HttpRequest) -> HttpResponse:
    """Answer with the posters, newest first, page by page."""
    scenes = (
        access.visible_scenes(request.user)
        .select_related("location", "film__owner")
        .order_by("-created_at")
        .prefetch_related("characters")
    )
    page = Paginator(scenes, PER_PAGE).get_page(request.GET.get("page"))
    numbers = counts.count(page)
    posters = [{"scene": scene, "counts": numbers[scene.pk], "heading": scene_heading(scene)} for scene in page]
    return render(request, "scenes/list.html", {"page": page, "posters": posters})
