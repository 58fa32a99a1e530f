"""The page of what was taken out of a scene, and putting a block of it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scenes import actions, left_out
from scenes.access import CHANGE, scene
from scenes.models import Removable, Scene
from scenes.wording import WritingError
from web import page_events
from web.left_out import MOST, blocks
from web.views.panel import Request


@require_safe
@scene(CHANGE)
def left_out_page(request: Request, scene: Scene) -> HttpResponse:
    """Answer with the blocks that were deleted, or left out by a revised screenplay, and can come back."""
    return render(request, "scenes/left_out.html", _context(scene))


@require_safe
@scene(CHANGE)
def left_out_link(request: Request, scene: Scene) -> HttpResponse:
    """Answer with the link to the page, which is fetched again when a block was deleted or brought back."""
    return render(
        request, "scenes/_left_out_link.html", {"scene": scene, "left_out": left_out.blocks_of(scene).count()}
    )


@require_POST
@scene(CHANGE)
def put_back(request: Request, scene: Scene, block_id: UUID) -> HttpResponse:
    """Put a block back where it stood, with everything made of it."""
    try:
        block = actions.restore_block(left_out.find_block(scene, block_id), request.user)
        words, kind = _("Back in the script, as block %d.") % block.number, "success"
    except WritingError as error:
        words, kind = str(error), "error"
    if not request.htmx:
        messages.add_message(request, messages.SUCCESS if kind == "success" else messages.ERROR, words)
        return redirect("left_out", scene.pk)
    response = render(request, "scenes/_left_out_list.html", _context(scene) | {"is_answer": True})
    return page_events.toast(response, words, kind)


def _context(scene: Scene) -> dict[str, object]:
    rows = blocks(scene)
    more = left_out.blocks_of(scene).count() - len(rows) if len(rows) == MOST else 0
    return {"scene": scene, "rows": rows, "more": more, "days": Removable.KEPT_FOR.days}
