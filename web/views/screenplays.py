"""Bringing a screenplay into a film: what would come is shown before anything changes; and taking one out."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from scenes.access import CHANGE, film
from scenes.models import Film
from web.views.panel import Request


@require_http_methods(["GET", "HEAD", "POST"])
@film(CHANGE)
def film_screenplay(request: Request, film: Film) -> HttpResponse:
    """Show where to drop a file."""
    return render(request, "films/screenplay.html", {"film": film, "tab": "screenplay"})
