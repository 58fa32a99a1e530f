"""Smoke and steam: what rises in a clip, and which words bring it."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scenes.layers import Layer, Layers
from tests.fixtures.layered import SIZE, clip
from tests.fixtures.panels import frame_spec, nobody
from videogen.pipelines.animatic import AnimaticFrame
from videogen.pipelines.animatic.setting import names_smoke


def chimney() -> Layers:
    """Striped smoke before a sky so far that no camera moves it."""
    smoke = Image.new("RGBA", (40, 90))
    draw = ImageDraw.Draw(smoke)
    for row in range(0, 90, 18):
        draw.ellipse((6, row + 2, 33, row + 14), fill=(230, 230, 230, 220))
    sky = Layer("sky", Image.new("RGBA", (448, 216), "#203040"), -64, -18, 0.0)
    return Layers(SIZE, (sky, Layer("smoke", smoke, 140, 40, 0.0)))


def test_smoke_rises_from_its_foot_without_end_and_not_in_a_clip_that_stands_still():
    # Catches smoke that stands, falls, jumps where it begins again, leaves its chimney, or begins off its frame.
    frames = [frame[..., 0].astype(np.float32) for frame in clip(chimney(), "pan right", duration=8)]
    assert np.array_equal(frames[0], np.asarray(chimney().flat())[..., 0])
    steps = [float(np.abs(after - before)[40:130].mean()) for before, after in pairwise(frames)]
    assert min(steps[12:]) > 0.01
    assert max(steps) < 6 * float(np.median(steps))
    lifted = [_lift(before, after) for before, after in zip(frames[::6], frames[5::6], strict=False)]
    assert np.mean(lifted) > 0.5
    assert all(frame[118:130].max() > 150 for frame in frames)
    still = clip(chimney(), "Static shot.")
    assert all(np.array_equal(frame, still[0]) for frame in still)


def _lift(before: np.ndarray, after: np.ndarray) -> int:
    """By how many rows the upper part of the smoke has risen."""
    column, later = (frame[:, 140:180].mean(axis=1) for frame in (before, after))
    return min(range(-6, 7), key=lambda rise: float(np.square(column[46:90] - later[46 - rise : 90 - rise]).mean()))


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("Smoke drifts over the square.", True),
        ("A smoky bar.", True),
        ("They cough in the smoke.", True),
        ("Steam rises from the grate.", True),
        ("Old Tobias smokes a pipe.", False),
        ("The steamer is late.", False),
    ],
)
def test_words_bring_smoke_where_they_show_it(words, seen):
    # Catches a pipe that fills the room, and smoke that is asked for and not drawn.
    assert names_smoke(words) is seen
    drawn = AnimaticFrame().generate(frame_spec(words), [], nobody)
    assert any(layer.kind == "smoke" for layer in drawn.layers.layers) is seen
