"""How many requests wait for an answer of the person who looks at a page: for its menu, and for the tabs of a film."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from scenes import sharing
from scenes.models import Film


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Give templates `requests_waiting`; it is counted where a page shows it, and nowhere else."""
    return {"requests_waiting": SimpleLazyObject(lambda: sharing.count_requests(request.user))}


def on_film(film: Film) -> int:
    """Return how many wait on a film and inside it; none for who may not share it. One query."""
    return sharing.requests_on(film).count() if film.can.share else 0
