"""What the lists of the console have in common."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

_DATE_PARTS = {"year": range(1, 10_000), "month": range(1, 13), "day": range(1, 32)}


class DatedMixin:
    """A list by date. A date that cannot be in its address shows all rows, as Django does with other junk there."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, unless its address asks for an impossible date."""
        if any(_is_impossible(*item) for item in request.GET.items()):
            return HttpResponseRedirect(f"{request.path}?e=1")
        response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        return response


def _is_impossible(lookup: str, value: str | list[object]) -> bool:
    part = lookup.rpartition("__")[2]
    if part not in _DATE_PARTS:
        return "\x00" in str(value)
    text = str(value)
    return not (text.isascii() and text.isdigit() and len(text) < 5 and int(text) in _DATE_PARTS[part])
