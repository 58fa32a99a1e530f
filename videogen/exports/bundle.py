"""A zip that holds the files of a cut beside a text about them: clips as they were made, stills, drawn cards."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from PIL import Image

from videogen.errors import GenerationError
from videogen.exports import drawing
from videogen.exports.cut import Cut, Media, Shot
from videogen.exports.stored import opened
from videogen.media.mp4 import writing_errors
from videogen.phase import Phase
from videogen.pipelines.base import OnStep
from videogen.provenance import VOCABULARY, statement, together, weights

CHUNK = 1 << 20  # bytes read at once
FOLDER = "media"


class Bundle:
    """The zip being written. Media are stored as they are: they cannot be made smaller."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def add_text(self, name: str, text: str) -> None:
        """Add a text."""
        with writing_errors():
            self._file.writestr(_entry(name), text.encode(), zipfile.ZIP_DEFLATED)

    def add_media(self, shot: Shot, name: str, media: Media) -> None:
        """Copy a stored file. Raises GenerationError where it is gone, or is not the one that was hashed."""
        found = hashlib.sha256()
        with opened(shot, media.file) as file, writing_errors(), self._file.open(_entry(name), "w") as copy:
            while chunk := file.read(CHUNK):
                found.update(chunk)
                copy.write(chunk)
        if found.hexdigest() != media.sha256:
            raise GenerationError("clip_unreadable", shot=shot.in_words)

    def add_voice(self, shot: Shot) -> None:
        """Add the spoken line of a shot, where it has one."""
        if shot.voice:
            with writing_errors():
                self._file.writestr(_entry(f"{FOLDER}/{voice_name(shot)}"), shot.voice.read_bytes())

    def add_card(self, shot: Shot, name: str, size: tuple[int, int]) -> None:
        """Draw the card of a shot of which there is no picture yet."""
        drawn = io.BytesIO()
        Image.fromarray(drawing.card(shot, size)).save(drawn, "PNG")
        with writing_errors():
            self._file.writestr(_entry(name), drawn.getvalue())


@contextmanager
def writing(path: Path) -> Iterator[Bundle]:
    """Write a zip to a path."""
    with writing_errors():
        file = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True)
    with file:
        yield Bundle(file)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # of a fixed date: the same cut gives the same bytes
    entry.external_attr = 0o644 << 16
    return entry


def media_name(shot: Shot) -> str:
    """Name the file of a shot in a bundle: no spaces, so that no program has to unescape it."""
    if shot.take:
        return f"{shot.name}_take{shot.take.number}.mp4"
    return f"{shot.name}_still{PurePath(shot.still.file).suffix}" if shot.still else f"{shot.name}_card.png"


def voice_name(shot: Shot) -> str:
    """Name the file of a voice in a bundle."""
    return f"{shot.name}_voice.wav"


def add_all_media(bundle: Bundle, cut: Cut, on_step: OnStep) -> None:
    """Add the file of every shot, and the voices."""
    for place, shot in enumerate(cut.shots):
        on_step(Phase.DECODING, place, len(cut.shots))
        name = f"{FOLDER}/{media_name(shot)}"
        if media := shot.take or shot.still:
            bundle.add_media(shot, name, media)
        else:
            bundle.add_card(shot, name, (cut.width, cut.height))
        bundle.add_voice(shot)


def write_clips(path: Path, cut: Cut, on_step: OnStep) -> None:
    """Write the clips of a cut with manifest.json: what each was made with, and its hash."""
    with writing(path) as bundle:
        for place, shot in enumerate(cut.shots):
            on_step(Phase.DECODING, place, len(cut.shots))
            if shot.take:
                bundle.add_media(shot, media_name(shot), shot.take)
        bundle.add_text("manifest.json", json.dumps(manifest(cut), ensure_ascii=False, indent=2))


def manifest(cut: Cut) -> dict[str, Any]:
    """Describe a cut: every shot, and what its clip was made with."""
    return {
        "film": cut.film,
        "title": cut.title,
        "frameRate": cut.frame_rate,
        "width": cut.width,
        "height": cut.height,
        "frames": cut.frames,
        "provenance": statement(together(shot.source for shot in cut.shots if shot.take)),
        "shots": [_described(cut, shot) for shot in cut.shots],
    }


def _described(cut: Cut, shot: Shot) -> dict[str, Any]:
    first, last = cut.numbers(shot)
    take = shot.take
    return {
        "shot": shot.name,
        "scene": shot.scene,
        "block": shot.number,
        "blockId": shot.block_id,
        "kind": "dialog" if shot.is_dialog else "action",
        "speaker": shot.speaker,
        "words": shot.words,
        "frames": shot.frames,
        "firstFrame": first,
        "lastFrame": last,
        "file": media_name(shot) if take else None,
        "sha256": take.sha256 if take else None,
        "take": take.number if take else None,
        "takeId": take.id if take else None,
        "model": take.model if take else None,
        "checkpoint": weights(take.checkpoint) if take else None,
        "digitalSourceType": VOCABULARY + shot.source if take else None,
        "seed": take.seed if take else None,
        "settings": take.settings if take else None,
        "notes": [note.model_dump() for note in shot.notes],
    }
