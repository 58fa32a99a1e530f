"""What an answer tells the page beside its content: a toast, a sentence for screen readers, what has changed.

All of it is sent once the content stands: htmx gives an event to the element that asked, and if that has left the page
meanwhile, to the page itself only after the swap.
"""

from typing import Any

from django.http import HttpResponse
from django_htmx.http import trigger_client_event

from scenes.models import Block


def toast(response: HttpResponse, words: str, kind: str = "success") -> HttpResponse:
    """Show a message for some seconds. kind: `success` or `error`."""
    return _tell(response, "toast", {"words": words, "kind": kind})


def announce(response: HttpResponse, words: str) -> HttpResponse:
    """Say a sentence to screen readers only."""
    return _tell(response, "announce", {"value": words})


def block_changed(response: HttpResponse, block: Block) -> HttpResponse:
    """Have the page behind the dialog reload this block."""
    return _tell(response, "block-changed", {"block": str(block.pk)})


def people_changed(response: HttpResponse) -> HttpResponse:
    """Have the lists of people on the page read anew."""
    return _tell(response, "people-changed", {})


def _tell(response: HttpResponse, name: str, detail: dict[str, Any]) -> HttpResponse:
    return trigger_client_event(response, name, detail, after="swap")
