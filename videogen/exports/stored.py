"""The stored files of a cut, opened for whoever writes them out; one that is gone is told by the name of its shot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from django.core.files.storage import default_storage
from PIL import Image, UnidentifiedImageError

from videogen.errors import GenerationError
from videogen.exports.cut import Shot, Take


@contextmanager
def reading(shot: Shot) -> Iterator[None]:
    """Name the shot in what is told of a file of it that is gone or broken. Raises GenerationError."""
    try:
        yield
    except FileNotFoundError as error:
        raise GenerationError("clip_missing", shot=shot.in_words) from error
    except (av.FFmpegError, UnidentifiedImageError, SyntaxError, EOFError) as error:
        raise GenerationError("clip_unreadable", shot=shot.in_words) from error


@contextmanager
def opened(shot: Shot, name: str) -> Iterator[IO[bytes]]:
    """Open a file of a shot. Raises GenerationError where it is gone, StorageAwayError."""
    with reading(shot):
        file = default_storage.open(name)
    with file:
        yield cast("IO[bytes]", file)


def picture_of(shot: Shot) -> Image.Image | None:
    """Return a picture of the shot: that of its panel, else its still, both as RGB; None for a card."""
    if shot.take:
        with opened(shot, shot.take.file) as file, reading(shot), av.open(file, "r") as container:
            return Image.fromarray(_decoded(container, _frame_of(shot.take, shot)).to_ndarray(format="rgb24"))
    if shot.still:
        with opened(shot, shot.still.file) as file, reading(shot):
            return Image.open(file).convert("RGB")
    return None


def _frame_of(take: Take, shot: Shot) -> int:
    """Return the frame of a take's file that the panel of its shot shows."""
    return take.first + shot.panel_frame


def _decoded(container: InputContainer, number: int) -> VideoFrame:
    """Decode a picture and none after it, at which a decoder that goes on would work. Raises EOFError."""
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1
    found: list[VideoFrame] = []
    for packet in container.demux(stream):
        found += stream.decode(packet) if packet.size else ()
        if len(found) > number or not number:  # a file begins with its first picture, but keeps others as they need it
            break
    found += stream.decode(None)
    if len(found) <= number:
        raise EOFError
    return found[number]


def poster_of(shot: Shot) -> Image.Image | None:
    """Return the small picture of a shot as RGB; None where there is none that can be read, or of another frame."""
    media = shot.take or shot.still
    if media is None or not media.poster or (shot.take and _frame_of(shot.take, shot)):
        return None
    try:
        with default_storage.open(media.poster) as file:
            return Image.open(file).convert("RGB")
    except (FileNotFoundError, UnidentifiedImageError):
        return None
