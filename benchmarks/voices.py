"""How long scratch voices take, how loud they are, and how far the estimates of their length are off.

    .venv/bin/python -m benchmarks.voices            # the demo's lines, and passages of the documents
    .venv/bin/python -m benchmarks.voices --fit      # the weights of videogen/speech/length.py anew

Nothing is downloaded. `line_costs` is what benchmarks/animatic.py adds to a clip with a voice.
"""

import argparse
import os
import random
import re
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
import numpy as np
from numpy.typing import NDArray

django.setup()

from scenes.demo.script import CHARACTERS, PAGES  # noqa: E402
from scenes.voices import VoiceKind  # noqa: E402
from videogen.speech import engines, length, speaking  # noqa: E402
from videogen.speech.line import SpokenLine  # noqa: E402
from videogen.speech.loudness import RATE, measure  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PASSAGES = ("docs/**/*.md", "CHANGELOG.md", "README.md", "tests/fixtures/screenplays/*.fountain")
LEAST, MOST = 2, 260  # characters of a sentence
_PLAIN = re.compile(r"[A-Za-z\"“'][^`|#*_\[\]{}<>=/\\]*[.!?”\"]")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a line costs. seconds: of the voice. wall, cpu: seconds it took to speak."""

    line: SpokenLine
    seconds: float
    wall: float
    cpu: float
    loudness: float
    peak: float


def demo_lines(engine: str) -> Iterator[SpokenLine]:
    """Yield the lines of the demo with the voices of its cast."""
    for page in PAGES:
        for speaker, text in page.blocks():
            if speaker:
                part = CHARACTERS[speaker]
                yield SpokenLine(
                    text=text, language="en", engine=engine, kind=part.kind, pitch=part.pitch, pace=part.pace
                )


def line_costs(engine: str) -> list[Cost]:
    """Speak each line of the demo, the engine being loaded already, and measure it."""
    found = []
    for line in demo_lines(engine):
        wall, cpu = time.perf_counter(), time.process_time()
        spoken = speaking.speak(line)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        found.append(Cost(line, spoken.seconds, wall, cpu, *measure(spoken.samples)))
    return found


def passages(count: int = 426) -> list[str]:
    """Return passages of one to three sentences of the project's own texts, always the same."""
    sentences: set[str] = set()
    for pattern in PASSAGES:
        for path in ROOT.glob(pattern):
            for piece in re.split(r"(?<=[.!?])\s+|\n", path.read_text(errors="ignore")):
                text = " ".join(piece.split())
                if LEAST <= len(text) <= MOST and _PLAIN.fullmatch(text) and not re.search(r"\d{3,}", text):
                    sentences.add(text)
    dice, rest = random.Random(1), sorted(sentences)
    dice.shuffle(rest)
    found: list[str] = []
    while rest and len(found) < count:
        size = dice.choice([1, 1, 1, 2, 3])
        found.append(" ".join(rest[:size]))
        rest = rest[size:]
    return found


def errors(engine: str, texts: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each text takes, and what is estimated, in seconds."""
    lines = [SpokenLine(text=text, language="en", engine=engine, kind="woman") for text in texts]
    return (
        np.array([speaking.speak(line).seconds for line in lines]),
        np.array([length.estimate(line).seconds for line in lines]),
    )


def fit(engine: str, texts: list[str]) -> NDArray[np.float64]:
    """Return the weights that fit half of the texts best, by relative error."""
    counts = np.array([length.counts_of(text) for text in texts[::2]], float)
    lines = [SpokenLine(text=text, language="en", engine=engine, kind="woman") for text in texts[::2]]
    taken = np.array([speaking.speak(line).seconds for line in lines])
    weights, *_rest = np.linalg.lstsq(counts / taken[:, None], np.ones(len(taken)), rcond=None)
    return weights


def _print_costs(engine: str) -> None:
    begun = time.perf_counter()
    speaking.speak(SpokenLine(text="Yes.", language="en", engine=engine, kind="woman"))
    print(f"\n{engine}: the first line, the engine's start included, {time.perf_counter() - begun:.2f} s")
    for cost in line_costs(engine):
        estimate = length.estimate(cost.line)
        print(
            f"  {cost.line.kind:9} {cost.seconds:5.2f} s, estimated {estimate.seconds:5.2f}; "
            f"spoken in {cost.wall:.2f} s, {cost.cpu:.2f} s of processor; "
            f"{cost.loudness:.2f} LUFS, {cost.peak:.2f} dBTP; {cost.line.text[:40]}"
        )
    text = next(demo_lines(engine)).text
    for kind in VoiceKind.values:
        spoken = speaking.speak(SpokenLine(text=text, language="en", engine=engine, kind=kind))
        print(f"  {kind:9} {spoken.seconds:.2f} s, {measure(spoken.samples)[0]:.2f} LUFS")


def _print_errors(engine: str, texts: list[str]) -> None:
    taken, estimated = errors(engine, texts)
    off, share = np.abs(estimated - taken), np.abs(estimated / taken - 1)
    short = taken < length.LONGEST - 0.5
    needs, gets = (np.ceil(length.LEAD + length.TAIL + seconds) for seconds in (taken, estimated))
    cut = gets < length.LEAD + taken
    print(
        f"\n{engine}, {len(texts)} passages of {taken.mean():.1f} s: off by {np.median(share):.1%} (median), "
        f"{np.percentile(share, 90):.1%} (90 of 100), {np.median(off):.2f} and {np.percentile(off, 90):.2f} s; "
        f"the same whole second in {np.mean((needs == gets)[short]):.0%}, cut in {np.mean(cut[short]):.1%}"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true")
    asked = parser.parse_args()
    for engine in [engine.name for engine in engines.installed() if engine.speaks("en")]:
        if asked.fit:
            print(engine, np.round(fit(engine, passages()), 4))
            continue
        _print_costs(engine)
        _print_errors(engine, passages()[1::2])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPeak memory of this process {peak:.0f} MB; {RATE} samples a second.")


if __name__ == "__main__":
    main()
