"""What the pages show of blocks and scenes that were taken out and can come back, with what was made of them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from scenes import left_out
from scenes.headings import scene_heading
from scenes.left_out import Departure
from scenes.models import Block, Film, Scene
from videogen.models import BlockGenerations, Frame, Video

MOST = 200  # blocks on one page


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A block that was taken out. until: when it is deleted for good; None while it has frames or clips to keep it."""

    block: Block
    departure: Departure
    made: BlockGenerations
    until: datetime | None

    @property
    def clip(self) -> Video | None:
        """The take that was its clip."""
        return self.made.current

    @property
    def frame(self) -> Frame | None:
        """The picture that stands for it where it has no clip."""
        return self.made.chosen(Frame.Role.START) or self.made.chosen(Frame.Role.END)


def blocks(scene: Scene) -> list[LeftOut]:
    """Gather the blocks that were taken out of a scene, at most MOST. Five queries."""
    rows = list(left_out.blocks_of(scene).select_related("character")[:MOST])
    made, departures = BlockGenerations.standing_of(rows), left_out.departures(scene, rows)
    return [_left_out(row, departures[row.pk], made[row.pk]) for row in rows]


def _left_out(row: Block, departure: Departure, made: BlockGenerations) -> LeftOut:
    return LeftOut(row, departure, made, left_out.kept_until(row, has_material=bool(made.frames or made.videos)))


@dataclass(frozen=True, slots=True)
class LeftOutScene:
    """A scene that was taken out of its film. blocks, clips: how many come back with it."""

    scene: Scene
    heading: str
    blocks: int
    clips: int
    until: datetime | None


def scenes(film: Film) -> list[LeftOutScene]:
    """Gather the scenes that were taken out of a film. One query."""
    counted = left_out.scenes_of(film).annotate(
        block_total=Count("blocks", distinct=True),
        clip_total=Count("blocks__videos", filter=Q(blocks__videos__is_current=True), distinct=True),
        made_total=Count("blocks__frames", distinct=True) + Count("blocks__videos", distinct=True),
    )
    return [
        LeftOutScene(
            scene,
            scene_heading(scene),
            scene.block_total,
            scene.clip_total,
            left_out.kept_until(scene, has_material=bool(scene.made_total)),
        )
        for scene in counted
    ]
