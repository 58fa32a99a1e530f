"""The place of one block on the scene page: its film icon, state and pictures."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from scenes import access
from scenes.models import GENERATE_VIDEO, Block
from videogen import outdated
from videogen.models import BlockGenerations
from web.block_fragment import Fragment
from web.block_state import BlockState


@require_safe
@access.block()
def block_state(request: HttpRequest, block: Block) -> HttpResponse:
    """Answer with the block's fragment; a live block polls it until it is final."""
    made = BlockGenerations.standing_of([block])[block.pk]
    changed = outdated.of_block(block, made, outdated.Present.of(block.scene))
    state = BlockState.of(made, changed, was_live="live" in request.GET)
    return HttpResponse(Fragment.of(block, state, access.missing(GENERATE_VIDEO)).draw())
