"""What somebody who came by a guest link sees of a scene: words, start frames, clips, and the notes on these."""

from dataclasses import dataclass, field

from scenes.models import Block, Scene
from videogen.models import BlockGenerations, Frame, TakeNote, Video
from videogen.notes import MOST_DRAWN_POINTS
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
    """Gather the blocks in order. Five queries, however many there are.

    Of all that is drawn the page has as much as may be drawn on one take; the player shows the rest.
    """
    blocks = list(scene.blocks.select_related("character").order_by("position"))
    made = BlockGenerations.standing_of(blocks)
    found = [GuestBlock(block, made[block.pk].current, made[block.pk].chosen(START)) for block in blocks]
    shown = {row.clip.pk: (row, row.clip) for row in found if row.clip}
    notes = list(TakeNote.objects.filter(take__in=shown).without_drawings())
    drawings = TakeNote.objects.drawings(notes, MOST_DRAWN_POINTS)
    for note in notes:
        note.drawing = drawings.get(note.pk)
        row, note.take = shown[note.take_id]  # the size of a take is that of its drawings
        row.notes.append(note)
    return found
