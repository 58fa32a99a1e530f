"""The sound of a cut: of every shot exactly as long as its pictures, all equally loud, as one track."""

from fractions import Fraction
from functools import cache
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

_HOP = RATE // 10  # samples from one measured window to the next; a window is four of them
_RING = RATE // 10  # samples after which the filters have rung out
_PIECE = 5 * _HOP  # samples that are weighted at once: in the cache of a core, which a whole shot is not


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
            for frame in [decoded] if _is_ours(decoded) else resampler.resample(decoded):
                found.append(np.asarray(frame.to_ndarray(), np.float32))
                have += found[-1].shape[1]
            if have >= skip + count:
                break
    whole = np.concatenate(found, axis=1)[:, skip : skip + count] if found else np.zeros((2, 0), np.float32)
    return np.pad(whole, ((0, 0), (0, count - whole.shape[1])))


def _is_ours(frame: av.AudioFrame) -> bool:
    return (frame.format.name, frame.layout.name, frame.sample_rate) == ("fltp", LAYOUT, RATE)


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
    is_one = np.array_equal(samples[0], samples[1])  # a voice: what is measured once counts twice
    power = 2 * _powers(samples[:1]) if is_one else _powers(samples)
    whole = count // _HOP
    windows = np.convolve(power[:whole], np.ones(4), "valid") / (4 * _HOP) if whole >= 4 else power.sum() / count
    found = np.atleast_1d(windows)
    found = found[found > 10 ** ((-70 - _CONSTANT) / 10)]
    if not len(found):
        return float("-inf")
    found = found[found > found.mean() / 10]
    return float(_CONSTANT + 10 * np.log10(found.mean()))


def _powers(samples: Samples) -> NDArray[np.float64]:
    """Return the weighted power of each tenth of a second, the last of which may be shorter: all channels summed."""
    channels, count = samples.shape
    tenths = -(-count // _HOP)
    steps = _PIECE - _RING  # samples of a piece that come out right: what rings is of the piece before
    pieces = -(-count // steps)
    padded = np.zeros((channels, _RING + pieces * steps), np.float32)
    padded[:, _RING : _RING + count] = samples
    found = np.lib.stride_tricks.sliding_window_view(padded, _PIECE, 1)[:, ::steps]
    weighted = np.fft.irfft(np.fft.rfft(found) * _response(), _PIECE)[..., _RING:].reshape(channels, -1)
    weighted[:, count:] = 0
    power = np.square(weighted.reshape(channels, -1, _HOP)).sum(axis=(0, 2), dtype=np.float64)
    return np.asarray(power[:tenths])


@cache
def _response() -> NDArray[np.complex64]:
    """Return what both filters do to each frequency of a piece."""
    turns = np.exp(-2j * np.pi * np.arange(_PIECE // 2 + 1) / _PIECE)
    found = np.ones_like(turns)
    for above, below in (_SHELF, _HIGH_PASS):
        found *= np.polyval(above[::-1], turns) / np.polyval(below[::-1], turns)
    return np.asarray(found, np.complex64)


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
        whole, self._rest = self._rest[:, :until], self._rest[:, until:]
        return self._encoded(whole)

    def finish(self) -> Packets:
        """Encode the rest."""
        return [*self._encoded(self._rest), *self.stream.encode(None)]

    def _encoded(self, samples: Samples) -> Packets:
        """Encode samples; PyAV cuts them into blocks, a sixth faster than this module would."""
        if not samples.shape[1]:
            return []
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=LAYOUT)
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._written, Fraction(1, RATE)
        self._written += samples.shape[1]
        return list(self.stream.encode(frame))
