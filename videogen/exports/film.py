"""A cut as one mp4. Clips are copied as they are where size, rate and codec agree; all else is encoded to agree."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from fractions import Fraction
from itertools import repeat
from pathlib import Path

import av
import numpy as np
from av.subtitles.stream import SubtitleStream
from av.subtitles.subtitle import SubtitleSet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from av.video.stream import VideoStream

from videogen.errors import GenerationError
from videogen.exports import drawing, sound
from videogen.exports.cut import Cut, Shot, Take
from videogen.exports.drawing import Overlay
from videogen.exports.spec import CaptionsWord
from videogen.exports.stored import opened, picture_of, reading
from videogen.exports.subtitles import cues_of, milliseconds
from videogen.media.mp4 import write_mp4, writing_errors
from videogen.phase import Phase
from videogen.pipelines.base import OnStep, Pixels, Rendering
from videogen.provenance import statement, together

Packets = list["av.Packet[VideoStream]"] | list["av.Packet[SubtitleStream]"] | sound.Packets
AHEAD = 3  # shots whose sound is made while the pictures of another are written
# What a player needs to know of letters in a caption track; it decides the rest.
_HEADER = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,Sans,16,&Hffffff,2
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def write_film(path: Path, cut: Cut, captions: CaptionsWord, on_step: OnStep) -> None:
    """Write a cut to `path`; unfinished files lie beside it. Memory does not grow with the length.

    Raises GenerationError: "clip_missing" and "clip_unreadable" name the shot, "disk_full", "encode_failed".
    """
    sample = path.with_name("sample.mp4")
    _encode(sample, cut, iter([np.zeros((cut.height, cut.width, 3), np.uint8)]), 1, lambda count: None)
    with ExitStack() as stack:
        film = _Film(stack, path, sample, cut, captions)
        for start, shot in cut.placed():
            film.write(start, shot, on_step)
        film.finish()


def encoded_pixels(cut: Cut, captions: CaptionsWord) -> int:
    """Estimate how many pixels have to be encoded; what is copied counts as a hundredth."""
    area = cut.width * cut.height

    def share(shot: Shot) -> float:
        burned = captions == "burned" and bool(shot.caption)
        return 1.0 if burned or not _may_copy(shot, cut) else 0.01

    return max(1, round(sum(shot.frames * area * share(shot) for shot in cut.shots)))


def _may_copy(shot: Shot, cut: Cut) -> bool:
    take = shot.take
    return take is not None and (take.width, take.height, take.frame_rate, take.first, take.frames) == (
        *(cut.width, cut.height, cut.frame_rate, 0),
        shot.frames,
    )


class _Film:
    """The mp4 being written, shot by shot. It is whole once `finish` has returned and the stack is closed."""

    def __init__(self, stack: ExitStack, path: Path, sample: Path, cut: Cut, captions: CaptionsWord) -> None:
        self._cut, self._captions, self._path = cut, captions, path
        self._sample = stack.enter_context(av.open(str(sample), "r")).streams.video[0]
        with writing_errors():
            self._out = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        stack.push(self._close)
        self._video = self._out.add_stream_from_template(self._sample)
        self._track = sound.Track(self._out) if any(map(_has_sound, cut.shots)) else None
        self._text = self._out.add_stream("mov_text") if captions == "track" else None
        if self._text:
            self._text.codec_context.subtitle_header = _HEADER
            self._text.codec_context.time_base = self._text.time_base = Fraction(1, 1000)
        self._out.metadata.update(title=cut.title, comment=statement(together(shot.source for shot in cut.shots)))
        with writing_errors():
            self._out.start_encoding()
        self._last = float("-inf")  # decoding time of the last packet, in its stream's time base
        # One reads the sound of a shot while the other encodes that of the shot before.
        self._reader, self._encoder = (stack.enter_context(ThreadPoolExecutor(1)) for _thread in range(2))
        self._waiting = cut.placed()
        self._sounds: deque[Future[Packets]] = deque()

    def _close(self, kind: object, error: object, trace: object) -> None:
        try:
            self._out.close()
        except (av.FFmpegError, OSError):
            if error is None:
                with writing_errors():
                    raise

    def write(self, start: int, shot: Shot, on_step: OnStep) -> None:
        """Write the next shot."""
        on_step(Phase.DECODING, start, self._cut.frames)
        self._order_sounds()
        if not self._copied(start, shot):
            part = self._path.with_name("part.mp4")
            pictures = self._captioned(shot)

            def told(count: int) -> None:
                on_step(Phase.DECODING, start + count, self._cut.frames)

            _encode(part, self._cut, pictures, shot.frames, told)
            with part.open("rb") as file, av.open(file, "r") as container:
                self._mux(start, shot, container)
            part.unlink()
        if self._track:
            self._put(self._sounds.popleft().result())
        if self._text:
            self._put(self._texts(start, shot))

    def finish(self) -> None:
        """Write what is left of the sound, and the index."""
        if self._track:
            self._put(self._track.finish())
        with writing_errors():
            self._out.close()

    def _copied(self, start: int, shot: Shot) -> bool:
        """Copy a clip as it is; False where that cannot be."""
        if not shot.take or not _may_copy(shot, self._cut) or (self._captions == "burned" and shot.caption):
            return False
        with opened(shot, shot.take.file) as file, ExitStack() as stack:
            with reading(shot):
                container = stack.enter_context(av.open(file, "r"))
                stream = container.streams.video[0]
            if not _agree(stream, self._sample):
                return False
            self._mux(start, shot, container)
        return True

    def _mux(self, start: int, shot: Shot, container: av.container.InputContainer) -> None:
        shift = round(start / (self._cut.frame_rate * (container.streams.video[0].time_base or 1)))
        count = 0
        for packet in _packets(shot, container):
            packet.pts, dts = (packet.pts or 0) + shift, (packet.dts or 0) + shift
            # The first pictures of a file are decoded before they are shown; of a very short one they are not.
            packet.dts = int(max(dts, self._last + 1))
            self._last = packet.dts
            packet.stream = self._video
            self._put([packet])
            count += 1
        if count != shot.frames:
            raise GenerationError("clip_unreadable", shot=shot.in_words)

    def _put(self, packets: Packets) -> None:
        with writing_errors():
            self._out.mux(packets)

    def _order_sounds(self) -> None:
        while self._track and len(self._sounds) < AHEAD and (following := next(self._waiting, None)):
            samples = self._reader.submit(self._samples, *following)
            self._sounds.append(self._encoder.submit(self._encoded, self._track, samples))

    def _samples(self, start: int, shot: Shot) -> sound.Samples:
        rate = self._cut.frame_rate
        return _sound_of(shot, sound.samples_before(start + shot.frames, rate) - sound.samples_before(start, rate))

    def _encoded(self, track: sound.Track, samples: Future[sound.Samples]) -> Packets:
        return track.write(samples.result())

    def _texts(self, start: int, shot: Shot) -> Packets:
        found = []
        for cue in cues_of(shot, start):
            begins, ends = milliseconds(cue.start, self._cut), milliseconds(cue.end, self._cut)
            text = "\\N".join(line.replace("{", "(").replace("}", ")").replace("\\", "/") for line in cue.lines)
            packet = self._text.codec_context.encode_subtitle(  # type: ignore[union-attr]
                SubtitleSet.create(f"0,0,Default,,0,0,0,,{text}".encode(), 0, ends - begins)
            )
            packet.time_base = Fraction(1, 1000)
            packet.pts = packet.dts = begins
            packet.duration = ends - begins
            packet.stream = self._text
            found.append(packet)
        return found

    def _captioned(self, shot: Shot) -> Iterator[Pixels]:
        """Yield the pictures of a shot, with its captions where these are drawn in; a card has its words already."""
        size = self._cut.width, self._cut.height
        pictures = _pictures(shot, self._cut)
        if self._captions != "burned" or shot.kind == "card":
            return pictures
        return _overlaid(pictures, [(cue.start, cue.end, Overlay.of(cue.lines, size)) for cue in cues_of(shot)])


def _overlaid(pictures: Iterator[Pixels], overlays: list[tuple[int, int, Overlay]]) -> Iterator[Pixels]:
    for number, picture in enumerate(pictures):
        shown = next((overlay for start, end, overlay in overlays if start <= number < end), None)
        yield shown.over(picture) if shown else picture


def _encode(path: Path, cut: Cut, pictures: Iterator[Pixels], frames: int, told: object) -> None:
    size = {"width": cut.width, "height": cut.height, "frame_rate": cut.frame_rate, "frames": frames}
    write_mp4(path, Rendering(pictures), **size, on_frame=told, lasting=False)  # type: ignore[arg-type]


def _agree(stream: VideoStream, sample: VideoStream) -> bool:
    """Whether pictures of two streams can follow one another in a file that describes them once."""
    own, other = stream.codec_context, sample.codec_context
    return own.name == other.name and own.extradata == other.extradata


def _packets(shot: Shot, container: av.container.InputContainer) -> Iterator["av.Packet[VideoStream]"]:
    with reading(shot):
        for packet in container.demux(video=0):
            if packet.dts is not None:
                yield packet


def _pictures(shot: Shot, cut: Cut) -> Iterator[Pixels]:
    """Yield the pictures of a shot, as many as it has frames."""
    size = cut.width, cut.height
    if shot.take:
        yield from _decoded(shot, shot.take, cut)
    elif (picture := picture_of(shot)) is not None:
        yield from repeat(drawing.still(picture, size), shot.frames)
    else:
        yield from repeat(drawing.card(shot, size), shot.frames)


def _decoded(shot: Shot, take: Take, cut: Cut) -> Iterator[Pixels]:
    """Yield the frames of a take at the size and rate of the cut; the last one stays where it is too short."""
    size = cut.width, cut.height
    with opened(shot, take.file) as file, ExitStack() as stack:
        with reading(shot):
            container = stack.enter_context(av.open(file, "r"))
            frames = container.decode(video=0)
        number, shown = -1, None
        for index in range(shot.frames):
            wanted = take.first + index * take.frame_rate // cut.frame_rate
            while number < wanted:
                with reading(shot):
                    frame = next(frames, None)
                if frame is None:
                    break
                number += 1
                if number == wanted:
                    shown = _fitted(frame, size)
            if shown is None:
                raise GenerationError("clip_unreadable", shot=shot.in_words)
            yield shown


def _fitted(frame: VideoFrame, size: tuple[int, int]) -> Pixels:
    width, height = drawing.fitted_size(frame.width, frame.height, size)
    rgb = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC,
    )
    return drawing.letterboxed(np.asarray(rgb.to_ndarray(), np.uint8), size)


def _has_sound(shot: Shot) -> bool:
    return shot.voice is not None or (shot.take is not None and shot.take.has_audio)


def _sound_of(shot: Shot, count: int) -> sound.Samples:
    """Return the sound of a shot: its clip's own, else its voice, else silence."""
    if shot.take and shot.take.has_audio:
        first = shot.take.first / shot.take.frame_rate
        with opened(shot, shot.take.file) as file, reading(shot):
            return sound.evened(sound.read_sound(file, first, count))
    if shot.voice:
        with shot.voice.open("rb") as file:
            return sound.evened(sound.read_sound(file, 0.0, count))
    return np.zeros((2, count), np.float32)
