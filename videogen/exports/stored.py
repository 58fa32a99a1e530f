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
from videogen.exports.cut import Shot


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
    """Return a picture of the shot: the first of its take, else its still, both as RGB; None for a card."""
    if shot.take:
        with opened(shot, shot.take.file) as file, reading(shot), av.open(file, "r") as container:
            return Image.fromarray(_first_of(container).to_ndarray(format="rgb24"))
    if shot.still:
        with opened(shot, shot.still.file) as file, reading(shot):
            return Image.open(file).convert("RGB")
    return None


def _first_of(container: InputContainer) -> VideoFrame:
    """Decode the first picture alone: a decoder that goes on works at those that nobody asked for."""
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1
    packet = next(packet for packet in container.demux(stream) if packet.size)
    return [*stream.decode(packet), *stream.decode(None)][0]


def poster_of(shot: Shot) -> Image.Image | None:
    """Return the small picture of a shot as RGB; None where there is none that can be read."""
    media = shot.take or shot.still
    if media is None or not media.poster:
        return None
    try:
        with default_storage.open(media.poster) as file:
            return Image.open(file).convert("RGB")
    except (FileNotFoundError, UnidentifiedImageError):
        return None
