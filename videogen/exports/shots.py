"""Read the cut of a film or scene from its rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from scenes import access
from scenes.models import Block, Film, Scene
from videogen.exports.cut import Cut, Media, Note, Shot, Take, most_used_size
from videogen.exports.spec import ExportSpec
from videogen.models import Frame, TakeNote, Trim, Video
from videogen.pacing import most_used_rate, span_of, used_trim
from videogen.speech.casting import cast_line
from videogen.speech.line import Casting
from videogen.strokes import Drawing

MOST_POINTS = 100_000  # of all drawings of a storyboard: each costs it 0.15 ms, and the row that keeps the cut 25 bytes


@dataclass(frozen=True, slots=True)
class _Found:
    """A block and what stands for it in the cut."""

    block: Block
    scene: Scene
    scene_number: int
    take: Video | None
    still: Frame | None
    trim: Trim | None
    noted: Sequence[TakeNote]

    def frames(self, rate: int) -> int:
        """How long the shot is, in frames of the cut's rate."""
        return span_of(self.block, self.take, self.trim, rate).frames

    @property
    def used_trim(self) -> Trim | None:
        """The trim, where it is of what is shown."""
        return used_trim(self.trim, self.take)

    @property
    def first(self) -> int:
        """The frame of the take's file that the shot begins with."""
        return self.used_trim.first if self.used_trim else 0

    @property
    def seen(self) -> list[TakeNote]:
        """What was noted on the frames that are seen: not on those that a trim leaves out."""
        trim = self.used_trim
        frames = trim.frames if trim else self.take.frames if self.take else 0
        return [row for row in self.noted if self.first <= row.frame < self.first + frames]

    @property
    def on_panel(self) -> list[TakeNote]:
        """The open notes with a drawing on the frame that a panel shows: the first that one has something on."""
        drawn = [row for row in self.seen if row.is_drawn and not row.done_at]
        return [row for row in drawn if row.frame == drawn[0].frame]

    def notes(self, drawings: Mapping[int, Drawing]) -> tuple[Note, ...]:
        """What was noted on the frames that are seen. drawings: of panels, by the note's id."""
        return tuple(
            Note(
                frame=row.frame - self.first,
                text=row.text,
                author=row.shown_author,
                done=row.done_at is not None,
                is_drawn=row.is_drawn,
                drawing=drawings.get(row.pk),
            )
            for row in self.seen
        )

    @property
    def casting(self) -> Casting:
        """Who speaks its line: nobody where the take has a sound of its own, or nothing is said."""
        return Casting() if self.take and self.take.has_audio else cast_line(self.block)

    def shot(self, rate: int, spec: ExportSpec, drawings: Mapping[int, Drawing]) -> Shot:
        """The shot as the cut has it."""
        block, take = self.block, self.take
        casting = self.casting if spec.voices else Casting()
        return Shot(
            scene_id=str(self.scene.pk),
            scene=self.scene.title,
            scene_number=self.scene_number,
            block_id=str(block.pk),
            number=block.number,
            is_dialog=block.kind == Block.Kind.DIALOG,
            speaker=block.cue,
            parenthetical=block.parenthetical,
            words=block.text,
            frames=self.frames(rate),
            take=_take(take, self.used_trim) if take else None,
            still=_media(self.still) if self.still else None,
            line=casting.line,
            line_note=casting.note,
            notes=self.notes(drawings),
        )


def _media(row: Frame) -> Media:
    return Media(
        file=row.file.name or "",
        sha256=row.sha256,
        width=row.width,
        height=row.height,
        poster=row.poster.name or "",
        source=row.digital_source,
    )


def _take(row: Video, trim: Trim | None) -> Take:
    return Take(
        file=row.file.name or "",
        sha256=row.sha256,
        width=row.width,
        height=row.height,
        poster=row.poster.name or "",
        source=row.source_of(row.checkpoint),
        id=str(row.pk),
        number=row.number or 0,
        frames=row.frames,
        frame_rate=row.frame_rate,
        has_audio=row.has_audio,
        model=row.model,
        made_by=row.made_by,
        seed=row.seed,
        checkpoint=row.checkpoint,
        settings=row.spec,
        first=trim.first if trim else 0,
    )


def cut_of(target: Film | Scene, spec: ExportSpec, person: User) -> Cut:
    """Read what an export that is asked for now would hold: of a film, the scenes that the person may see."""
    film = target if isinstance(target, Film) else target.film
    found = list(_found(film, None if isinstance(target, Film) else target.pk, person))
    if not spec.stills:
        found = [block for block in found if block.take]
    takes = [_take(block.take, None) for block in found if block.take]
    stills = [_media(block.still) for block in found if block.still and not block.take]
    width, height = most_used_size(takes or stills)
    if spec.width and spec.height:
        width, height = spec.width, spec.height
    rate = spec.frame_rate or most_used_rate(take.frame_rate for take in takes)
    drawn = [note for block in found for note in block.on_panel] if spec.format == "pdf" else []
    drawings = TakeNote.objects.drawings(drawn, MOST_POINTS)
    return Cut(
        film=film.title,
        title=target.title,
        frame_rate=rate,
        width=width,
        height=height,
        first_frame=spec.first_frame,
        shots=tuple(block.shot(rate, spec, drawings) for block in found),
    )


def _found(film: Film, scene_id: UUID | None, person: User) -> Iterable[_Found]:
    """Yield the blocks of the film's visible scenes, or of one of them, in order. Six queries and those of rights."""
    numbers = {pk: place for place, pk in enumerate(film.scenes.order_by("position").values_list("pk", flat=True), 1)}
    scenes = access.visible_scenes(person).filter(film=film)
    if scene_id is not None:
        scenes = scenes.filter(pk=scene_id)
    shown = {scene.pk: scene for scene in scenes.order_by("position")}
    blocks = Block.objects.filter(scene__in=list(shown)).select_related("character")
    current = Video.objects.filter(is_current=True).select_related("start_frame", "end_frame")
    takes = {row.block_id: row for row in current.filter(block__in=blocks)}
    stills = {row.block_id: row for row in Frame.objects.filter(is_chosen=True, role="start", block__in=blocks)}
    trims = {row.block_id: row for row in Trim.objects.filter(block__in=blocks)}
    noted = _notes_on(blocks)
    for block in blocks.order_by("scene__position", "position"):
        scene = shown[block.scene_id]
        parts = takes.get(block.pk), stills.get(block.pk), trims.get(block.pk), noted.get(block.pk, ())
        yield _Found(block, scene, numbers[scene.pk], *parts)


def _notes_on(blocks: QuerySet[Block]) -> Mapping[UUID, Sequence[TakeNote]]:
    """Return the notes on the clips of blocks, by block, in the order of their frames."""
    found: dict[UUID, list[TakeNote]] = defaultdict(list)
    rows = TakeNote.objects.filter(take__is_current=True, take__block__in=blocks).select_related("take")
    for note in rows.without_drawings():
        found[note.take.block_id].append(note)
    return found
