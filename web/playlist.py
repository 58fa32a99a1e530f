"""What the player plays: the shots of scenes, as long as an export has them, and what is noted on a clip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import JsonResponse
from django.utils.translation import gettext as _

from scenes.models import Block, Scene
from videogen.models import BlockGenerations, Frame, TakeNote, Trim, Video
from videogen.pacing import most_used_rate, span_of
from videogen.plans import START
from videogen.speech.casting import cast_line
from videogen.speech.length import LEAD
from videogen.speech.line import Casting
from web import cache_control


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where whoever plays finds what is seen and heard: a clip or start frame, a line's sound, the notes on a clip."""

    file: Callable[[Block, Video | Frame], str]
    voice: Callable[[Block], str]
    notes: Callable[[Block, Video], str]


def playlist(scenes: Sequence[Scene], addresses: Addresses) -> JsonResponse:
    """Answer with the shots. lead: seconds of silence before a line. Five queries, however many blocks."""
    titles = {scene.pk: scene.title for scene in scenes}
    found = Block.objects.filter(scene__in=titles).select_related("character").order_by("scene__position", "position")
    blocks = list(found)
    made = BlockGenerations.standing_of(blocks)
    trims = {row.block_id: row for row in Trim.objects.filter(block__in=blocks)}
    clips = {block.pk: clip for block in blocks if (clip := made[block.pk].current)}
    rate = most_used_rate(clip.frame_rate for clip in clips.values())
    noted = set(
        TakeNote.objects.filter(take__in=clips.values(), done_at=None).order_by().values_list("take", flat=True)
    )
    shots = []
    for block in blocks:
        shot = _shot(block, made[block.pk], trims.get(block.pk), rate, addresses)
        clip = clips.get(block.pk)
        notes = addresses.notes(block, clip) if clip and clip.pk in noted else ""
        shots.append({**shot, "scene": titles[block.scene_id], "notes": notes})
    cut = _("A line is longer than its shot: its end is not heard, here as in an export.")
    return JsonResponse({"shots": shots, "lead": LEAD, "cut": cut})


def _shot(block: Block, made: BlockGenerations, trim: Trim | None, rate: int, addresses: Addresses) -> dict[str, Any]:
    """Describe a shot. first, frames: what is seen, at `rate` frames a second; of a still, the rate that was given.

    voice: the address of its line's sound; empty for one that is heard already, or not at all. silent: why, in words.
    """
    clip, start = made.current, made.chosen(START)
    casting = Casting() if clip and clip.has_audio else cast_line(block)
    rate = clip.frame_rate if clip else rate
    span = span_of(block, clip, trim, rate, casting)
    return {
        "block": str(block.pk),
        "speaker": block.cue,
        "words": block.text,
        "clip": addresses.file(block, clip) if clip else "",
        "picture": addresses.file(block, start) if start else "",
        "voice": addresses.voice(block) if casting.line else "",
        "silent": "" if casting.line else casting.note,
        "first": span.first,
        "frames": span.frames,
        "rate": rate,
    }


def notes_on(take: Video) -> JsonResponse:
    """Answer with the open notes on a take, in the order of its frames. width, height: what the lines are drawn in."""
    notes = [_note(note) for note in take.pinned_notes.filter(done_at=None)]
    said = {"width": take.width, "height": take.height, "notes": notes}
    return JsonResponse(said, headers={"Cache-Control": cache_control.NEVER})


def _note(note: TakeNote) -> dict[str, Any]:
    """Describe a note. frame: of the take's file, counted from 0. lines: what is drawn, as attributes of SVG paths."""
    said = _("frame %(number)d, %(author)s: %(text)s")
    return {
        "frame": note.frame,
        "said": said % {"number": note.shown_frame, "author": note.shown_author, "text": note.text},
        "lines": [{"d": line.path, "stroke": line.color, "stroke-width": line.width} for line in note.lines],
    }
