"""How many requests wait for an answer of the person who looks at a page, for its menu."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from scenes import sharing


def waiting(request: HttpRequest) -> dict[str, Any]:
    """Give templates `requests_waiting`; it is counted where a page shows it, and nowhere else."""
    return {"requests_waiting": SimpleLazyObject(lambda: sharing.requests_for(request.user).count())}
