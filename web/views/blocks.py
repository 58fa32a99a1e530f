"""The place of one block on the scene page: its film icon, state and pictures."""

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import GENERATE_VIDEO, Block
from videogen.models import prefetch_standing
from web.block_state import BlockState


@require_safe
@access.block()
def block_state(request: HttpRequest, block: Block) -> HttpResponse:
    """Answer with the block's fragment; a live block polls it until it is final."""
    prefetch_related_objects([block], *prefetch_standing())
    state = BlockState.of(block, was_live="live" in request.GET)
    shown = {"block": block, "state": state, "why_not": access.missing(GENERATE_VIDEO)}
    return render(request, "videogen/_block_state.html", shown)
