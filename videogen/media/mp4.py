"""Write clips as mp4 files, whole or not at all, and measure them."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import av
import numpy as np
from av.audio import AudioStream
from av.video import VideoStream
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from videogen.errors import GenerationError, means_closed_storage, means_full_disk
from videogen.media.disk import sync
from videogen.pipelines.base import Pixels, Rendering, Sound

_AUDIO_BITS = 192_000  # a second
_AUDIO_BLOCK = 1024  # samples that AAC packs together


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a clip's file holds. frames: counted by decoding. duration: seconds that the pictures last."""

    frames: int
    width: int
    height: int
    frame_rate: Fraction
    duration: float
    has_audio: bool
    codec: str
    pixel_format: str


def write_mp4(
    path: Path,
    rendering: Rendering,
    *,
    width: int,
    height: int,
    frame_rate: int,
    frames: int,
    on_frame: Callable[[int], None] | None = None,
    tags: Mapping[str, str] | None = None,
    lasting: bool = True,
) -> None:
    """Encode a clip as H.264 (and AAC where it has sound) and put it at `path` in one step.

    Nothing new is at `path` unless everything went well; the part file beside it is removed on every failure. Sound
    is cut, or filled with silence, to the length of the pictures. `on_frame` is told how many frames were handed to
    the encoder. tags: what the file says of itself. lasting: it has to outlive a power cut. Raises ValueError where the
    rendering does not give exactly `frames` pictures of width x height, GenerationError "disk_full" or
    "encode_failed"; what the rendering or `on_frame` raises passes through unchanged.
    """
    part = path.with_name(f"{path.name}.part")
    pictures = _checked(rendering.frames, width, height, frames)
    try:
        with _Writer(part, width, height, frame_rate, frames, rendering.sound, tags or {}) as writer:
            _encode_beside(writer, pictures, rendering.waiting, on_frame)
            writer.finish()
        with writing_errors():
            if lasting:
                sync(part)
            part.replace(path)
            if lasting:
                sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _encode_beside(
    writer: "_Writer", pictures: Iterator[Pixels], waiting: int, on_frame: Callable[[int], None] | None
) -> None:
    """Encode in a thread of its own beside the pipeline: 13 % less time on two cores.

    waiting: bytes of pictures that may wait for the encoder; two pictures always may.
    """
    pending: deque[Future[None]] = deque()
    with ThreadPoolExecutor(1) as encoder:
        for count, picture in enumerate(pictures, start=1):
            most = max(2, waiting // picture.nbytes)
            while pending and (pending[0].done() or len(pending) >= most):
                pending.popleft().result()
            pending.append(encoder.submit(writer.write, picture))
            if on_frame:
                on_frame(count)
        for write in pending:
            write.result()


def _checked(pictures: Iterator[Pixels], width: int, height: int, frames: int) -> Iterator[Pixels]:
    count = 0
    for picture in pictures:
        count += 1
        if count > frames:
            raise ValueError(f"The pipeline gave more than the {frames} frames that were asked for.")
        if picture.shape != (height, width, 3) or picture.dtype != np.uint8:
            raise ValueError(
                f"Frame {count} is {picture.dtype} of shape {picture.shape}; uint8 of {(height, width, 3)} is asked."
            )
        yield np.ascontiguousarray(picture)
    if count < frames:
        raise ValueError(f"The pipeline gave {count} of the {frames} frames that were asked for.")


@contextmanager
def writing_errors() -> Iterator[None]:
    """Convert errors of the encoder and the disk to the failure that a person reads about."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        if means_closed_storage(error):
            raise
        raise GenerationError("disk_full" if means_full_disk(error) else "encode_failed") from error


@cache
def encoder() -> dict[str, str]:
    """Return the settings of x264.

    crf 18 is hard to tell from the original by eye. The number of threads is fixed because it is part of what decides
    the bytes: the same frames give the same file. That is why AVX-512 is left out: there core 165 reads memory that
    nothing wrote, and what follows a cut differs. Not asked for at the start of a process: most encode nothing.
    """
    chosen = {"crf": "18", "preset": "veryfast", "threads": "4"}
    try:
        has_avx512 = " avx512f " in Path("/proc/cpuinfo").read_text()
    except OSError:  # no Linux
        has_avx512 = False
    return chosen | ({"x264-params": "asm=avx2"} if has_avx512 else {})


class _Writer:
    """An mp4 file being written. Its index is moved to the front at the end, so a player can begin at once."""

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        frame_rate: int,
        frames: int,
        sound: Sound | None,
        tags: Mapping[str, str],
    ) -> None:
        with writing_errors():
            self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._container.metadata.update(tags)
        self._open, self._failed = True, False
        self._reformatter = VideoReformatter()
        self._video = self._video_stream(width, height, frame_rate)
        self._written = 0
        self._sound = None if sound is None else _SoundWriter(self._container, sound, frames, frame_rate)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._open:
            return
        # Closing writes the index, which may fail again for the reason that brought us here: that one is told.
        try:
            self._container.close()
        except (av.FFmpegError, OSError):
            if error is None:
                raise

    def write(self, picture: Pixels) -> None:
        """Encode the next picture, and the sound up to it."""
        if self._failed:
            return  # the failure is on its way to the caller; a broken encoder must not be fed again
        self._failed = True
        with writing_errors():
            # Left to itself the converter would use the BT.601 matrix, and colours would shift in players that
            # believe the tags of the file.
            frame = self._reformatter.reformat(
                VideoFrame.from_numpy_buffer(picture, format="rgb24"),
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG,
                dst_color_range=ColorRange.MPEG,
                dst_color_trc=ColorTrc.BT709,
                dst_color_primaries=ColorPrimaries.BT709,
                threads=1,
            )
            frame.pts = self._written
            frame.pict_type = PictureType.NONE
            self._written += 1
            self._container.mux(self._video.encode(frame))
            if self._sound:
                self._sound.write_until(self._written)
        self._failed = False

    def finish(self) -> None:
        """Write what the encoders still hold, and the index."""
        with writing_errors():
            self._container.mux(self._video.encode(None))
            if self._sound:
                self._sound.finish()
            self._open = False
            self._container.close()

    def _video_stream(self, width: int, height: int, frame_rate: int) -> VideoStream:
        stream = self._container.add_stream("libx264", rate=frame_rate, options=encoder())
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, frame_rate)
        context.gop_size = frame_rate  # a player can jump to every second
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_trc, context.color_primaries = ColorTrc.BT709, ColorPrimaries.BT709
        return stream


class _SoundWriter:
    """The sound of a clip, written along with its pictures so that neither has to be kept waiting in memory."""

    def __init__(self, container: av.container.OutputContainer, sound: Sound, frames: int, frame_rate: int) -> None:
        self._container, self._rate = container, sound.rate
        self._frame_rate, self._written = frame_rate, 0
        self._samples = _of_length(sound.samples, frames * sound.rate // frame_rate)
        channels = self._samples.shape[1]
        self._layout = {1: "mono", 2: "stereo"}[channels]
        self._stream: AudioStream = container.add_stream("aac", rate=sound.rate, layout=self._layout)
        self._stream.bit_rate = _AUDIO_BITS

    def write_until(self, frame: int) -> None:
        """Encode all whole blocks of sound before picture number `frame`."""
        until = frame * self._rate // self._frame_rate
        while self._written + _AUDIO_BLOCK <= until:
            self._write(_AUDIO_BLOCK)

    def finish(self) -> None:
        """Encode the rest."""
        while self._written < len(self._samples):
            self._write(min(_AUDIO_BLOCK, len(self._samples) - self._written))
        self._container.mux(self._stream.encode(None))

    def _write(self, count: int) -> None:
        block = self._samples[self._written : self._written + count]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._written, Fraction(1, self._rate)
        self._written += count
        self._container.mux(self._stream.encode(frame))


def _of_length(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    cut = np.clip(samples[:length], -1, 1).astype(np.float32)
    return np.pad(cut, ((0, length - len(cut)), (0, 0)))


def probe(file: Path | IO[bytes]) -> VideoFacts:
    """Measure a clip's file by decoding every picture. Raises OSError or av.FFmpegError where it cannot be read."""
    with av.open(str(file) if isinstance(file, Path) else file, "r") as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        frames = sum(1 for _ in container.decode(stream))
        rate = Fraction(stream.average_rate or 0)
        return VideoFacts(
            frames=frames,
            width=stream.width,
            height=stream.height,
            frame_rate=rate,
            duration=float((stream.duration or 0) * (stream.time_base or 0)),
            has_audio=bool(container.streams.audio),
            codec=stream.codec_context.name,
            pixel_format=stream.codec_context.pix_fmt or "",
        )


def last_frame(file: Path | IO[bytes]) -> Image.Image:
    """Return the last picture of a clip as RGB. Raises OSError where the clip cannot be read."""
    source = str(file) if isinstance(file, Path) else file
    try:
        with av.open(source, "r") as container:
            stream = container.streams.video[0]
            if stream.duration:
                container.seek(max(stream.duration - 1, 0), stream=stream)
            pictures = deque(container.decode(stream), maxlen=1)
            if not pictures:
                raise OSError("The clip holds no picture.")
            return Image.fromarray(_rgb(pictures[0]))
    except (av.FFmpegError, IndexError) as error:
        raise OSError("The clip cannot be read.") from error


def _rgb(frame: VideoFrame) -> Pixels:
    rgb = frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    return np.asarray(rgb.to_ndarray(), dtype=np.uint8)
