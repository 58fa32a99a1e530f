"""A timeline that comes back from an editor: what it says of the order and the lengths.

Read without the timeline library: a stranger's file is parsed as plain JSON, in Python alone.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scenes.models import Block, Film, Scene
from videogen.exports.cut import OURS
from videogen.exports.scene_order import SceneOrder, in_order
from videogen.models import Trim, Video
from videogen.pacing import hold_seconds, used_trim
from videogen.specs import DEFAULT_FRAME_RATE

MOST_BYTES = 5 * 2**20  # of the timeline itself, its media apart
MOST_PIECES = 5000
DEEPEST = 12  # stacks inside of stacks
LONGEST = 600  # seconds of a still
FINEST = 1_000_000  # the largest denominator of a time: sums of strangers' fractions would grow without end


class TimelineError(ValueError):
    """A file that cannot be used. The message is a sentence for the person who brought it."""


class Piece(BaseModel):
    """A clip of ours in the timeline: its block, its take ("" for a still), where in it it begins, and how long it is.

    first, seconds: as fractions of a second, exact; no seconds where it has no length that makes sense. at: where it
    begins in the timeline.
    """

    model_config = ConfigDict(frozen=True)

    block: UUID
    take: str = Field(max_length=36)
    first: Fraction
    seconds: Fraction
    at: Fraction


@dataclass(frozen=True, slots=True)
class Row:
    """A block in the plan. Places count from 1 in its scene; lengths are seconds."""

    block: Block
    place_was: int
    place: int
    seconds_were: float
    seconds: float
    trim: Trim | None  # what is kept of its shot; None for all of it
    is_missing: bool = False  # from the timeline: it stays behind the block that it follows

    @property
    def is_moved(self) -> bool:
        """Whether its place changes."""
        return self.place != self.place_was

    @property
    def is_resized(self) -> bool:
        """Whether its length changes."""
        return abs(self.seconds - self.seconds_were) > 0.001


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a timeline would change: the rows of each scene, both in their new order. notes: sentences.

    order: of the scenes of a film; None for a timeline of one scene.
    """

    scenes: list[tuple[Scene, list[Row]]]
    notes: list[str]
    order: SceneOrder | None = None

    @property
    def changes(self) -> int:
        """How many blocks get another place or length."""
        return sum(row.is_moved or row.is_resized for _scene, rows in self.scenes for row in rows)

    @property
    def moved_scenes(self) -> int:
        """How many scenes get another place."""
        return self.order.moved if self.order else 0


# --- Reading ------------------------------------------------------------------------------------------------------


def read(data: bytes) -> list[Piece]:
    """Read an .otio, or the timeline inside of an .otioz, in the order of its time. Raises TimelineError."""
    if len(data) > MOST_BYTES and not data.startswith(b"PK"):
        raise TimelineError(_("This timeline is larger than 5 MB. Bring the .otio file without its media."))
    try:
        document = json.loads(_text_of(data), parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        raise TimelineError(_("This is no OpenTimelineIO file. Save the timeline as .otio and bring that.")) from None
    pieces = sorted(_pieces(document), key=lambda piece: piece.at)
    if not pieces:
        raise TimelineError(
            _(
                "No clip of this timeline is known here. Only one that was exported here can come back: "
                "export “Timeline with media”, change that, and save it as OpenTimelineIO."
            )
        )
    if len(pieces) > MOST_PIECES:
        raise TimelineError(_("This timeline has more than %d clips.") % MOST_PIECES)
    return pieces


def _text_of(data: bytes) -> str:
    if not data.startswith(b"PK"):
        return data.decode("utf-8-sig")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            entry = bundle.getinfo("content.otio")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("packed as no bundle is")
            with bundle.open(entry) as file:
                found = file.read(MOST_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as error:
        raise ValueError("no bundle") from error
    if len(found) > MOST_BYTES:
        raise ValueError("too large")
    return found.decode("utf-8-sig")


def _pieces(document: object) -> Iterator[Piece]:
    tracks = _get(document, "tracks")
    for track in _children(tracks):
        if _get(track, "kind") == "Video":
            yield from _of_track(track, Fraction(0), 0)


def _of_track(track: object, at: Fraction, depth: int) -> Iterator[Piece]:
    """Yield the clips of ours of a track that begins at a time, and of stacks in it."""
    if depth > DEEPEST:
        return
    for item in _children(track):
        length = max(Fraction(0), _time(_get(_range(item), "duration")))
        ours = _get(_get(item, "metadata"), OURS)
        if isinstance(ours, dict) and (piece := _piece(item, ours, length, at)):
            yield piece
        for inner in _children(item):
            yield from _of_track(inner if _children(inner) else {"children": [inner]}, at, depth + 1)
        if not str(_get(item, "OTIO_SCHEMA")).startswith("Transition"):
            at = (at + length).limit_denominator(FINEST)


def _piece(item: object, ours: dict[str, Any], length: Fraction, at: Fraction) -> Piece | None:
    first = _time(_get(_range(item), "start_time")) - _time(_get(_get(_media(item), "available_range"), "start_time"))
    try:
        take = str(ours.get("take", ""))
        return Piece(block=ours["block"], take=take, first=max(first, Fraction(0)), seconds=length, at=at)
    except (KeyError, ValidationError):
        return None


def _range(item: object) -> object:
    """Return what a clip uses of its media: all of it where it does not say."""
    return _get(item, "source_range") or _get(_media(item), "available_range")


def _media(item: object) -> object:
    known = _get(item, "media_references")
    return _get(known, str(_get(item, "active_media_reference_key"))) or _get(item, "media_reference")


def _time(value: object) -> Fraction:
    """Read a RationalTime as seconds; 0 where it is none."""
    number, rate = _get(value, "value"), _get(value, "rate")
    if not (_is_number(number) and _is_number(rate)) or rate < 1 / FINEST:
        return Fraction(0)
    return Fraction(number).limit_denominator(FINEST) / Fraction(rate).limit_denominator(FINEST)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _get(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _children(value: object) -> list[Any]:
    found = _get(value, "children")
    return found if isinstance(found, list) else []


# --- What it would change -----------------------------------------------------------------------------------------


def plan(target: Film | Scene, pieces: Iterable[Piece]) -> Plan:
    """Compare a timeline with a scene, or with all scenes of a film. Raises TimelineError where it is of another."""
    scenes = [target] if isinstance(target, Scene) else list(target.scenes.order_by("position"))
    blocks = list(Block.objects.filter(scene__in=scenes).select_related("character").order_by("position"))
    known = {block.pk: block for block in blocks}
    of_block: dict[UUID, Piece] = {}
    foreign = twice = 0
    for piece in pieces:
        if piece.block not in known:
            foreign += 1
        elif piece.block in of_block:
            twice += 1
        else:
            of_block[piece.block] = piece
    if not of_block:
        raise TimelineError(_("This timeline is of another scene: none of its clips belongs to “%s”.") % target.title)
    order = None
    if isinstance(target, Film):
        order = SceneOrder.of(scenes, map(known.__getitem__, of_block), {block.scene_id for block in blocks})
    strays = {block.pk for stray in order.strays for block in stray.blocks} if order else set()
    places = {pk: place for place, pk in enumerate(of_block) if pk not in strays}
    takes = {row.block_id: row for row in Video.objects.filter(is_current=True, block__in=blocks)}
    trims = {row.block_id: row for row in Trim.objects.filter(block__in=blocks)}
    changed = []
    for scene in [row.scene for row in order.rows] if order else scenes:
        own = [block for block in blocks if block.scene_id == scene.pk]
        rows = [
            _row(block, place, of_block.get(block.pk), takes.get(block.pk), trims.get(block.pk))
            for place, block in enumerate(in_order(own, places), start=1)
        ]
        if any(not row.is_missing for row in rows):
            changed.append((scene, rows))
    notes = _notes(foreign, twice, changed)
    return Plan(changed, [*(order.notes if order else []), *notes], order)


def _row(block: Block, place: int, piece: Piece | None, take: Video | None, trim: Trim | None) -> Row:
    trim = used_trim(trim, take)
    whole = float(take.duration) if take else hold_seconds(block)
    were = trim.frames / trim.frame_rate if trim else whole
    if piece is None:
        return Row(block, block.number, place, were, were, trim, is_missing=True)
    if piece.take != (str(take.pk) if take else "") or not piece.seconds:
        return Row(block, block.number, place, were, were, trim)  # of another take, or of none, its length says nothing
    wanted = _trim(block, piece, take)
    return Row(block, block.number, place, were, wanted.frames / wanted.frame_rate if wanted else whole, wanted)


def _trim(block: Block, piece: Piece, take: Video | None) -> Trim | None:
    """Return the part that the timeline uses; None for all of it."""
    rate = take.frame_rate if take else DEFAULT_FRAME_RATE
    first, frames = round(piece.first * rate), max(1, round(piece.seconds * rate))
    if take is None:
        frames = min(frames, LONGEST * rate)
        is_same = abs(frames - round(hold_seconds(block) * rate)) <= 1  # a cut of another rate rounds otherwise
        return None if is_same else Trim(block=block, frames=frames, frame_rate=rate)
    first = min(first, take.frames - 1)
    frames = min(frames, take.frames - first)
    if (first, frames) == (0, take.frames):
        return None
    return Trim(block=block, take=take, first=first, frames=frames, frame_rate=rate)


def _notes(foreign: int, twice: int, changed: list[tuple[Scene, list[Row]]]) -> list[str]:
    missing = sum(row.is_missing for _scene, rows in changed for row in rows)
    told = (
        (
            foreign,
            ngettext(
                "%d clip is not of here, and is left out.", "%d clips are not of here, and are left out.", foreign
            ),
        ),
        (
            twice,
            ngettext(
                "%d clip is there again; its first counts.", "%d clips are there again; their first counts.", twice
            ),
        ),
        (
            missing,
            ngettext(
                "%d block is not in the timeline. It stays behind the block that it follows.",
                "%d blocks are not in the timeline. They stay behind the blocks that they follow.",
                missing,
            ),
        ),
    )
    return [words % number for number, words in told if number]
