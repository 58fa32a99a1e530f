"""The demo's first two clips, so that a newcomer's first page has something to play."""

import logging

from scenes import demo
from scenes.models import Block, Scene
from videogen import actions
from videogen.errors import ActionError
from videogen.models import Event, Video
from videogen.prompts import compose
from videogen.specs import FrameSpec, VideoSpec
from videogen.worker import run

logger = logging.getLogger(__name__)

CLIPS = 2  # of the first blocks of the scene that is opened first
SECONDS = 4
MODEL = "animatic"  # it runs everywhere, and a start must not begin with minutes of a GPU nobody asked for
WHO = "demo"  # in the place of a worker's name


def clips_are_due() -> bool:
    """Tell whether the demo is here and this installation never had a clip. Two queries."""
    return _due_scene() is not None


def _due_scene() -> Scene | None:
    # The history outlives the clips it tells of: a demo whose clips were deleted gets no others.
    return None if Event.objects.filter(kind=Video.KIND).exists() else demo.opening_scene()


def queue_clips() -> list[Video]:
    """Draw the start frames, which takes a second, and queue the clips for the workers; nothing where none are due.

    A second call after one that was broken off goes on where that ended. A clip that is refused is logged and left out.
    """
    scene = _due_scene()
    if scene is None:
        return []
    blocks = list(scene.blocks.order_by("position")[:CLIPS])
    try:
        for block in blocks:
            if not block.frames.exists():
                _draw_start_frame(block, scene)
        return [_queue_clip(block, scene) for block in blocks]
    except ActionError as error:
        logger.warning("The demo is here, but not its clips: %s", error)
        return []


def _draw_start_frame(block: Block, scene: Scene) -> None:
    """Queue it and make it here and now, as a worker would: the clip needs it."""
    shown = compose.mentioned(block, block.cast)
    spec = FrameSpec(
        model=MODEL,
        role="start",
        prompt=compose.frame_prompt(block, shown),
        include_location=True,
        character_ids=tuple(str(character.pk) for character in shown),
    )
    frame = actions.queue_frame(block, spec, scene.owner)
    if frame.claim(WHO):
        run.make(frame, WHO)


def _queue_clip(block: Block, scene: Scene) -> Video:
    spec = VideoSpec(model=MODEL, prompt=compose.video_prompt(block), duration=SECONDS)
    return actions.queue_video(block, spec, scene.owner)
