"""What somebody who came by a guest link sees of a scene: words, start frames, clips, and the notes on these."""

from dataclasses import dataclass, field
from uuid import UUID

from scenes.models import Block, Scene
from videogen.models import BlockGenerations, Frame, TakeNote, Video
from videogen.plans import START


@dataclass(slots=True)
class GuestBlock:
    """A block with its clip, its start frame and the notes on the clip.

    error: a sentence about the note that was just typed. typed: its fields, by name, to be shown again.
    """

    block: Block
    clip: Video | None
    start: Frame | None
    notes: list[TakeNote] = field(default_factory=list)
    error: str = ""
    typed: dict[str, str] = field(default_factory=dict)


def blocks_of(scene: Scene) -> list[GuestBlock]:
    """Gather the blocks in order. Four queries, however many there are."""
    blocks = list(scene.blocks.select_related("character").order_by("position"))
    made = BlockGenerations.standing_of(blocks)
    found = [GuestBlock(block, made[block.pk].current, made[block.pk].chosen(START)) for block in blocks]
    by_clip: dict[UUID, list[TakeNote]] = {}
    for note in TakeNote.objects.filter(take__in=[row.clip.pk for row in found if row.clip]):
        by_clip.setdefault(note.take_id, []).append(note)
    for row in found:
        row.notes = by_clip.get(row.clip.pk, []) if row.clip else []
    return found
