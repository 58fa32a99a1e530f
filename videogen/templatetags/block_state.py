"""What the scene page, which knows this application by relation name only, shows of it."""

from django import template

from scenes.models import Block
from videogen import pipelines
from videogen.block_state import BlockState
from videogen.pipelines import Model

register = template.Library()


@register.simple_tag
def block_state(block: Block) -> BlockState:
    """Where this block stands; without a query if its frames and videos were prefetched."""
    return BlockState.of(block)


@register.simple_tag
def makers() -> list[tuple[str, list[Model]]]:
    """What makes pictures here: "frame" and "video", each with its pipelines, the default first."""
    return [(makes, list(models.values())) for makes, models in pipelines.MODELS.items()]
