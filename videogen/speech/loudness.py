"""Bring a voice to the loudness of a clip: -16 LUFS as EBU R 128 measures it, with FFmpeg's own meter and limiter."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import av
import numpy as np
from av.error import BlockingIOError as NothingYetError
from av.error import EOFError as EndError
from av.filter import Graph
from numpy.typing import NDArray

from videogen.speech.line import SpeechError

Samples = NDArray[np.float32]

RATE = 48_000  # samples a second of every clip
TARGET = -16.0  # LUFS
CEILING = -1.5  # dB of full scale, true peak: what AAC adds to it stays under full scale
_QUIETEST = -60.0  # LUFS; less is no voice
_OVERSAMPLED = 4 * RATE  # where the limiter sees the peaks between samples
_BLOCK = 0.4  # seconds that the meter looks at together; a shorter sound has no loudness
_ROUNDS = 4
_NOTHING = "The voice said nothing."
_CLOSE = 0.1  # LU
_SPARE = 0.5  # dB that a peak may come to lie above the ceiling


def levelled(samples: Samples, rate: int) -> Samples:
    """Return the sound at 48,000 samples a second and -16 LUFS, its true peak limited. Raises SpeechError for silence.

    Limiting takes some loudness away, which is given back in further rounds.
    """
    if not samples.any():
        raise SpeechError(_NOTHING)
    sound = _through(samples, rate, [("aresample", {"osr": str(RATE)})])
    loudness, _peak = measure(sound)
    if loudness < _QUIETEST:
        raise SpeechError(_NOTHING)
    gain = TARGET - loudness
    for _round in range(_ROUNDS):
        limited = _limited(sound, gain)
        loudness, peak = measure(limited)
        if abs(loudness - TARGET) < _CLOSE:
            break
        gain += TARGET - loudness
    over = max(0.0, peak - CEILING - _SPARE)
    return limited * np.float32(10 ** (-over / 20))


def measure(samples: Samples) -> tuple[float, float]:
    """Return the integrated loudness in LUFS and the true peak in dB of full scale, at 48,000 samples a second."""
    quiet = np.zeros(round(_BLOCK * RATE), np.float32)
    facts: dict[str, str] = {}
    options = {"peak": "true", "metadata": "1"}
    for frame in _filtered(np.concatenate([samples, quiet]), RATE, [("ebur128", options)]):
        facts = dict(frame.metadata) or facts
    peak = float(facts.get("lavfi.r128.true_peak", 0))
    return float(facts.get("lavfi.r128.I", -70)), 20 * float(np.log10(max(peak, 1e-6)))


def _limited(samples: Samples, gain: float) -> Samples:
    limit = {"limit": f"{10 ** (CEILING / 20):.4f}", "level": "0", "attack": "5", "release": "50"}
    steps = [
        ("volume", {"volume": f"{gain:.3f}dB", "precision": "float"}),
        ("aresample", {"osr": str(_OVERSAMPLED)}),
        ("alimiter", limit),
        ("aresample", {"osr": str(RATE)}),
    ]
    return _through(samples, RATE, steps)[: len(samples)]


def _through(samples: Samples, rate: int, steps: Sequence[tuple[str, dict[str, str]]]) -> Samples:
    given = [*steps, ("aformat", {"sample_fmts": "flt", "channel_layouts": "mono"})]
    parts = [frame.to_ndarray().reshape(-1) for frame in _filtered(samples, rate, given)]
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)


def _filtered(samples: Samples, rate: int, steps: Sequence[tuple[str, dict[str, str]]]) -> Iterator[Any]:
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout="mono")
    nodes = [source, *(graph.add(name, **options) for name, options in steps), graph.add("abuffersink")]
    for before, after in pairwise(nodes):
        before.link_to(after)
    graph.configure()
    for begin in range(0, len(samples), rate):  # a second at a time: oversampled, a line is large
        piece = np.ascontiguousarray(samples[None, begin : begin + rate])
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.pts = rate, begin
        graph.push(frame)
        yield from _ready(graph)
    graph.push(None)
    yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (NothingYetError, EndError):
            return
