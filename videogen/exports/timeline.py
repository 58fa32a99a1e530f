"""A cut as an OpenTimelineIO bundle: the clips one after the other on a track, the voices on another, media beside."""

from pathlib import Path
from typing import Any

import opentimelineio as otio

from videogen.exports import bundle
from videogen.exports.cut import OURS, Cut, Shot
from videogen.exports.sound import RATE
from videogen.pipelines.base import OnStep

VERSION = 1  # of what stands under OURS
BUNDLE_VERSION = "1.0.0"


def write_timeline(path: Path, cut: Cut, on_step: OnStep) -> None:
    """Write an .otioz with all media in it."""
    with bundle.writing(path) as found:
        found.add_text("version.txt", BUNDLE_VERSION)
        found.add_text("content.otio", otio.adapters.write_to_string(timeline(cut), "otio_json"))
        bundle.add_all_media(found, cut, on_step)


def timeline(cut: Cut) -> otio.schema.Timeline:
    """Build the timeline of a cut. What stands under OURS in its clips lets it come back."""
    made = otio.schema.Timeline(name=cut.title, metadata={OURS: {"version": VERSION, "film": cut.film}})
    pictures = otio.schema.Track("Pictures", kind=otio.schema.TrackKind.Video)
    pictures.extend(_clip(shot, cut) for shot in cut.shots)
    made.tracks.append(pictures)
    if any(shot.take and shot.take.has_audio for shot in cut.shots):
        sounds = otio.schema.Track("Sound", kind=otio.schema.TrackKind.Audio)
        heard = (shot if shot.take and shot.take.has_audio else None for shot in cut.shots)
        sounds.extend(_clip(own, cut) if own else _gap(shot, cut) for own, shot in zip(heard, cut.shots, strict=True))
        made.tracks.append(sounds)
    if any(shot.voice for shot in cut.shots):
        voices = otio.schema.Track("Voices", kind=otio.schema.TrackKind.Audio)
        voices.extend(_voice(shot, cut) if shot.voice else _gap(shot, cut) for shot in cut.shots)
        made.tracks.append(voices)
    return made


def _clip(shot: Shot, cut: Cut) -> otio.schema.Clip:
    take = shot.take
    rate = take.frame_rate if take else cut.frame_rate
    frames = take.frames if take else shot.frames
    media = otio.schema.ExternalReference(
        target_url=f"{bundle.FOLDER}/{bundle.media_name(shot)}", available_range=_range(0, frames, rate)
    )
    length = round(shot.frames * rate / cut.frame_rate)
    clip = otio.schema.Clip(
        name=shot.name,
        media_reference=media,
        source_range=_range(take.first if take else 0, length, rate),
        metadata={OURS: _ours(shot, cut)},
    )
    clip.markers.extend(
        otio.schema.Marker(
            name=f"{note.author}: {note.text}",
            marked_range=_range((take.first if take else 0) + note.frame, 1, rate),
            color=otio.schema.MarkerColor.GREEN if note.done else otio.schema.MarkerColor.YELLOW,
            metadata={OURS: {"author": note.author, "done": note.done}},
        )
        for note in shot.notes
    )
    return clip


def _voice(shot: Shot, cut: Cut) -> otio.schema.Clip:
    whole = _range(0, round(shot.frames * RATE / cut.frame_rate), RATE)
    media = otio.schema.ExternalReference(
        target_url=f"{bundle.FOLDER}/{bundle.voice_name(shot)}", available_range=whole
    )
    return otio.schema.Clip(name=f"{shot.name} {shot.speaker}".strip(), media_reference=media, source_range=whole)


def _gap(shot: Shot, cut: Cut) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=_range(0, shot.frames, cut.frame_rate))


def _ours(shot: Shot, cut: Cut) -> dict[str, Any]:
    first, last = cut.numbers(shot)
    return {
        "block": shot.block_id,
        "take": shot.take.id if shot.take else "",
        "scene": shot.scene,
        "speaker": shot.speaker,
        "words": shot.words,
        "first_frame": first,
        "last_frame": last,
    }


def _range(start: int, frames: int, rate: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(max(1, frames), rate)
    )
