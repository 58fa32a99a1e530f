"""What the scene page, which knows this application by relation name only, shows of it."""

from dataclasses import dataclass

from django import template

from scenes.models import Block
from videogen import pipelines
from videogen.pipelines import Choice, PipelineInfo
from web.block_state import BlockState

register = template.Library()


@register.simple_tag
def block_state(block: Block) -> BlockState:
    """Where this block stands; without a query if its frames and videos were prefetched."""
    return BlockState.of(block)


@dataclass(frozen=True, slots=True)
class Makers:
    """What makes frames or clips here: the default, why it is that, and the others on offer."""

    makes: str
    choice: Choice
    others: list[PipelineInfo]


@register.simple_tag
def makers() -> list[Makers]:
    """What makes the pictures here, one entry for frames and one for clips."""
    return [Makers(makes, pipelines.chosen(makes), pipelines.offered(makes)[1:]) for makes in pipelines.MODELS]
