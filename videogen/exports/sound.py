"""The sound of a cut: of every shot exactly as long as its pictures, all equally loud, as one track."""

from collections.abc import Iterator
from fractions import Fraction
from typing import IO

import av
import numpy as np
from av.audio import AudioStream
from numpy.typing import NDArray

Packets = list["av.Packet[AudioStream]"]
Samples = NDArray[np.float32]  # (2, samples), from -1 to 1

RATE = 48_000
LAYOUT = "stereo"
BITS = 192_000  # a second
BLOCK = 1024  # samples that AAC packs together
TARGET = -16.0  # LUFS that every clip is brought to
LOUDEST = 10 ** (-1 / 20)  # the highest sample afterwards, -1 dBFS
MOST_GAIN, LEAST_GAIN = 12.0, -24.0  # decibels: what is nearly silent stays so
SILENT = -50.0  # LUFS below which there is nothing to be evened
FADE = RATE // 200  # samples at either end of a shot, 5 ms: no click where two meet

# ITU-R BS.1770-5, annex 1: the two filters of the weighting at 48 kHz, and its constant.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_CONSTANT = -0.691


def samples_before(frame: int, frame_rate: int) -> int:
    """Return how many samples lie before a frame of the cut."""
    return frame * RATE // frame_rate


def read_sound(file: IO[bytes], first: float, count: int) -> Samples:
    """Read `count` samples from `first` seconds on; silence where the file has none. Raises av.FFmpegError."""
    skip = round(first * RATE)
    found: list[Samples] = []
    have = 0
    with av.open(file, "r") as container:
        stream = next(iter(container.streams.audio), None)
        resampler = av.AudioResampler(format="fltp", layout=LAYOUT, rate=RATE)
        for decoded in container.decode(stream) if stream else ():
            for frame in resampler.resample(decoded):
                found.append(np.asarray(frame.to_ndarray(), np.float32))
                have += found[-1].shape[1]
            if have >= skip + count:
                break
    whole = np.concatenate(found, axis=1)[:, skip : skip + count] if found else np.zeros((2, 0), np.float32)
    return np.pad(whole, ((0, 0), (0, count - whole.shape[1])))


def evened(samples: Samples) -> Samples:
    """Bring sound to the target, without clipping, and fade its ends."""
    level = loudness(samples)
    if level > SILENT:
        gain = 10 ** (min(MOST_GAIN, max(LEAST_GAIN, TARGET - level)) / 20)
        peak = float(np.abs(samples).max())
        samples = samples * np.float32(min(gain, LOUDEST / peak))
    fade = np.linspace(0, 1, min(FADE, samples.shape[1] // 2), dtype=np.float32)
    found = samples.copy()
    found[:, : len(fade)] *= fade
    found[:, found.shape[1] - len(fade) :] *= fade[::-1]
    return found


def loudness(samples: Samples) -> float:
    """Measure the integrated loudness in LUFS; minus infinity of silence."""
    count = samples.shape[1]
    if count < BLOCK:
        return float("-inf")
    size = 1 << (count + RATE // 10 - 1).bit_length()  # room for the filters to ring out
    turns = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = _response(_SHELF, turns) * _response(_HIGH_PASS, turns)
    weighted = np.fft.irfft(np.fft.rfft(samples, size) * response, size)[:, :count]
    length, hop = min(count, RATE * 4 // 10), RATE // 10
    total = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=0))])
    starts = np.arange(0, count - length + 1, hop)
    power = (total[starts + length] - total[starts]) / length
    power = power[power > 10 ** ((-70 - _CONSTANT) / 10)]
    if not len(power):
        return float("-inf")
    power = power[power > power.mean() / 10]
    return float(_CONSTANT + 10 * np.log10(power.mean()))


def _response(
    filters: tuple[tuple[float, ...], tuple[float, ...]], turns: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    above, below = (sum(part * turns**power for power, part in enumerate(side)) for side in filters)
    return np.asarray(above / below)


class Track:
    """An AAC track being written. Give it the sound of each shot in turn; it gives packets back."""

    def __init__(self, container: av.container.OutputContainer) -> None:
        self.stream: AudioStream = container.add_stream("aac", rate=RATE, layout=LAYOUT, options={"aac_coder": "fast"})
        self.stream.bit_rate = BITS
        self._rest = np.zeros((2, 0), np.float32)
        self._written = 0

    def write(self, samples: Samples) -> Packets:
        """Encode the whole blocks of what has come so far."""
        self._rest = np.concatenate([self._rest, samples], axis=1)
        until = self._rest.shape[1] // BLOCK * BLOCK
        packets = [packet for block in self._blocks(until) for packet in self.stream.encode(block)]
        self._rest = self._rest[:, until:]
        return packets

    def finish(self) -> Packets:
        """Encode the rest."""
        last = [packet for block in self._blocks(self._rest.shape[1]) for packet in self.stream.encode(block)]
        return [*last, *self.stream.encode(None)]

    def _blocks(self, until: int) -> Iterator[av.AudioFrame]:
        for start in range(0, until, BLOCK):
            block = self._rest[:, start : min(start + BLOCK, until)]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=LAYOUT)
            frame.sample_rate, frame.pts, frame.time_base = RATE, self._written, Fraction(1, RATE)
            self._written += block.shape[1]
            yield frame
