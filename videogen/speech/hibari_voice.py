"""Speak with Hibari, whose model and phonemizer are in its package. For workers: it loads onnxruntime."""

from functools import cache
from typing import Any

import numpy as np
from hibari import Hibari, dsp
from numpy.typing import NDArray
from onnxruntime import RunOptions

from videogen.speech.line import SpokenLine
from videogen.speech.packed import Packed

Samples = NDArray[np.float32]

RATE = 24_000
FRAMES_A_SECOND = RATE / dsp.HOP
PAUSE = 0.32  # seconds between sentences, where the engine leaves 0.8
TREMOR_RATE = 5.5  # Hz, as old voices waver


@cache
def _voice() -> Any:
    """Load the model and the phonemizer, whose dictionaries take 97 MB as they come and 20 packed."""
    voice = Hibari(threads=1)
    lexicon, tagger = voice.g2p.lexicon, voice.g2p.tagger
    lexicon.golds.d, lexicon.silvers.d = Packed(lexicon.golds.d), Packed(lexicon.silvers.d)
    tagger.weights = Packed(tagger.weights)
    return voice


@cache
def _options() -> Any:
    """Give back after each sentence what the model worked in: it keeps as much as the longest one took."""
    options = RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def speak(line: SpokenLine, file: str = "") -> tuple[Samples, int]:
    """Return the samples of a line and how many there are a second. The same line: the same samples."""
    voice, noise = _voice(), np.random.default_rng(0)
    parts: list[Samples] = []
    for phonemes in voice.phonemize(line.text):
        sentence = _sentence(voice, voice.ids(phonemes), line, noise)
        if sentence.size:
            parts += [np.zeros(round(PAUSE / line.speed * RATE), np.float32)] if parts else []
            parts.append(sentence)
    return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), RATE


def _sentence(voice: Any, ids: list[int], line: SpokenLine, noise: np.random.Generator) -> Samples:
    """Run the model, and change the pitch before the sound is made of it: the formants stay where `size` puts them."""
    if len(ids) < 3:
        return np.zeros(0, np.float32)
    given = {"ids": np.asarray([ids], np.int64), "speed": np.ones(1, np.float32)}
    *spectra, f0 = (part[0] for part in voice.sess.run(None, given, _options()))
    spectra, f0 = _paced(_resized(spectra, line.manner.size), f0, line.speed)
    sound = dsp.synth(*spectra, _pitched(f0, line), noise)
    return trimmed(np.asarray(sound, np.float32))


def _pitched(f0: Samples, line: SpokenLine) -> Samples:
    seconds = np.arange(len(f0), dtype=np.float32) / np.float32(FRAMES_A_SECOND)
    waver = 1 + line.manner.tremor * np.sin(2 * np.pi * TREMOR_RATE * seconds)
    # Under 40 Hz the package takes a frame for unvoiced: a voiced one stays voiced.
    return np.where(f0 > 0, np.maximum(f0 * 2 ** (line.semitones / 12) * waver, 45), 0).astype(np.float32)


def _resized(spectra: list[Samples], size: float) -> list[Samples]:
    """Stretch the spectra along the frequencies, so that each formant comes to lie at `size` times where it was."""
    bins = spectra[0].shape[0]
    return _read_at(spectra, np.minimum(np.arange(bins) / size, bins - 1), axis=0)


def _paced(spectra: list[Samples], f0: Samples, speed: float) -> tuple[list[Samples], Samples]:
    """Stretch the frames along the time. The model's own speed counts in whole frames: 75 % is no slower than 70 %."""
    count = len(f0)
    at = np.linspace(0, count - 1, max(2, round(count / speed)))
    return _read_at(spectra, at, axis=1), f0[np.rint(at).astype(int)]


def _read_at(spectra: list[Samples], at: NDArray[np.float64], axis: int) -> list[Samples]:
    """Read the five spectra between their places along an axis: magnitudes in proportion, phases at the nearest."""
    low = at.astype(int)
    high = np.minimum(low + 1, spectra[0].shape[axis] - 1)
    nearest = np.rint(at).astype(int)
    share = np.expand_dims((at - low).astype(np.float32), 1 - axis)

    def between(part: Samples) -> Samples:
        mixed: Samples = np.take(part, low, axis) * (1 - share) + np.take(part, high, axis) * share
        return mixed

    lh, theta, ln, lr, phi = spectra
    theta, phi = (np.take(part, nearest, axis) for part in (theta, phi))
    return [between(lh), theta, between(ln), between(lr), phi]


def trimmed(samples: Samples, floor: float = 0.01) -> Samples:
    """Cut the silence before and after, but for the breath of a few hundredths that a voice begins and ends with."""
    loud = np.flatnonzero(np.abs(samples) > floor * max(1e-9, float(np.abs(samples).max(initial=0))))
    if not loud.size:
        return samples[:0]
    before, after = round(0.03 * RATE), round(0.08 * RATE)
    return samples[max(0, loud[0] - before) : loud[-1] + after]
