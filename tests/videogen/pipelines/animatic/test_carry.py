"""Clips from one frame in layers to another: who is carried, what fades, and that nothing is doubled."""

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from scenes.layers import Layers
from tests.fixtures.layered import SIZE, place, somebody
from tests.fixtures.panels import landscape, nobody, psnr, video_spec
from videogen.pipelines import VIDEO_MODELS
from videogen.pipelines.animatic import AnimaticVideo
from videogen.pipelines.animatic.carry import between
from videogen.pipelines.animatic.video import NOTHING_IN_COMMON, OTHER_PLACE


def rendering(start: Layers, end: Layers, prompt: str = "They wait.", **settings):
    spec = video_spec(prompt, **settings)
    return AnimaticVideo().generate(spec, start.flat(), end.flat(), nobody, start_layers=start, end_layers=end)


def clip(start: Layers, end: Layers, prompt: str = "They wait.", **settings):
    return list(rendering(start, end, prompt, **settings).frames)


def flipped(x: int, foot: int):
    one = somebody(x, foot)
    return replace(one, image=one.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), mirrored=True)


PAIRS = {
    "walks": (place(somebody(100, 165)), place(somebody(210, 165))),
    "comes closer": (place(somebody(100, 150, 64)), place(somebody(170, 170, 100))),
    "enters": (place(somebody(100, 165)), place(somebody(100, 165), somebody(240, 165, who="wren", colour="#c03040"))),
    "leaves": (place(somebody(60, 165), somebody(200, 165, who="wren", colour="#c03040")), place(somebody(200, 165))),
    "night falls": (place(somebody(100, 165)), place(somebody(140, 165), light=0.4)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_first_and_the_last_frame_are_the_chosen_ones_and_nothing_jumps_there(name):
    """Catches a clip that begins or ends beside its frames."""
    start, end = PAIRS[name]
    frames = clip(start, end, duration=2)
    assert np.array_equal(frames[0], np.asarray(start.flat()))
    assert np.array_equal(frames[-1], np.asarray(end.flat()))
    assert min(psnr(frames[1], frames[0]), psnr(frames[-2], frames[-1])) > 35


def edges(picture: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def edges_of_places(start: Layers, end: Layers) -> np.ndarray:
    """The edges of the two places without anybody, a little wider."""
    places = (
        replace(frame_, layers=tuple(part for part in frame_.layers if part.kind != "figure"))
        for frame_ in (start, end)
    )
    empty = [edges(np.asarray(bare.flat())) for bare in places]
    return cv2.dilate(np.maximum(*empty), np.ones((5, 5), np.uint8))


def ghosts(frame: np.ndarray, known: np.ndarray) -> float:
    """The part of the frame with an edge that is in neither picture's place and no outline of anybody moved.

    Where a person is in the frame their own outline is expected, so it is cut out, at the place where their colour is
    found; what is left must have its edges where the two empty places have theirs.
    """
    people = np.zeros(frame.shape[:2], np.uint8)
    for colour in ((224, 176, 32), (192, 48, 64), (64, 32, 32)):
        for light in (1.0, 0.85, 0.7, 0.55, 0.4):
            own = np.array(colour) * light
            people |= cv2.inRange(frame, np.floor(own - 26) + 1, np.ceil(own + 26) - 1)  # off by less than 26
    near = cv2.dilate(people, np.ones((9, 9), np.uint8)) > 0
    found = (edges(frame) > 60) & (known < 25) & ~near
    return float(found.mean())


@pytest.mark.parametrize("name", PAIRS)
def test_nothing_is_doubled_on_the_way(name):
    """Catches double edges and ghosts: a dissolve between the two frames fails this."""
    start, end = PAIRS[name]
    frames = clip(start, end, duration=2)
    known = edges_of_places(start, end)
    assert max(ghosts(frame, known) for frame in frames[::4]) == 0


def test_a_dissolve_would_be_called_a_ghost():
    """Catches a measure of ghosts that finds none anywhere."""
    start, end = PAIRS["walks"]
    half = cv2.addWeighted(np.asarray(start.flat()), 0.5, np.asarray(end.flat()), 0.5, 0)
    assert ghosts(half, edges_of_places(start, end)) > 0.003


def yellow(frame: np.ndarray) -> tuple[float, int]:
    """Where across the frame the person in yellow is, and how tall."""
    rows, columns = np.nonzero(np.abs(frame.astype(int) - (224, 176, 32)).max(axis=2) < 40)
    return float(columns.mean()), int(np.ptp(rows))


def test_who_is_in_both_frames_goes_from_place_to_place_and_grows_on_the_way():
    """Catches somebody who fades out here and in there, goes back, or changes size at once."""
    across, tall = zip(*(yellow(frame) for frame in clip(*PAIRS["comes closer"], duration=2)), strict=True)
    assert np.diff(across).min() > -0.6
    assert (across[0], across[-1]) == (pytest.approx(100, abs=2), pytest.approx(170, abs=2))
    assert np.abs(np.diff(tall)).max() <= 3


def red(frame: np.ndarray) -> np.ndarray:
    return np.abs(frame.astype(int) - (192, 48, 64)).max(axis=2) < 40


def test_who_is_in_the_last_frame_only_comes_in_over_the_nearer_edge():
    """Catches somebody who appears in the middle of the picture."""
    frames = clip(*PAIRS["enters"], duration=2)
    seen = [red(frame) for frame in frames]
    first = next(mask for mask in seen if mask.any())
    assert np.nonzero(first)[1].min() > 0.9 * SIZE[0]  # they stand right of the middle
    assert np.nonzero(seen[-1])[1].mean() == pytest.approx(240, abs=2)


def test_who_is_in_the_first_frame_only_leaves_over_the_nearer_edge():
    """Catches somebody who vanishes where they stand."""
    start = place(somebody(60, 165, who="wren", colour="#c03040"), somebody(200, 165))
    seen = [red(frame) for frame in clip(start, place(somebody(200, 165)), duration=2)]
    last = [mask for mask in seen if mask.any()][-1]
    assert np.nonzero(last)[1].max() < 0.1 * SIZE[0]


def test_who_turns_around_does_so_in_one_frame():
    """Catches two faces of one person at once."""
    start, end = place(somebody(150, 165)), place(flipped(150, 165))
    known = edges_of_places(start, end)
    assert max(ghosts(frame, known) for frame in clip(start, end)) == 0


def test_the_hour_changes_as_light():
    """Catches light that goes up and down, or falls at once."""
    start, end = PAIRS["night falls"]
    levels = [float(frame.mean()) for frame in clip(start, end, duration=2)]
    assert np.diff(levels).max() < 0.5
    assert np.abs(np.diff(levels)).max() < 0.2 * (levels[0] - levels[-1])


def test_other_places_are_cut_with_the_reason_in_words():
    """Catches a dissolve of two places, and a cut that nobody explains."""
    start, end = place(somebody(150, 165)), place(seed=40)
    pictures = [landscape(part.image.size, seed=part.image.height).convert("RGBA") for part in end.layers]
    changed = (replace(part, image=image) for part, image in zip(end.layers, pictures, strict=True))
    other = replace(end, layers=tuple(changed))
    made = rendering(start, other, duration=2)
    frames = list(made.frames)
    assert made.notes == (OTHER_PLACE,)
    assert np.array_equal(frames[0], np.asarray(start.flat()))
    assert np.array_equal(frames[-1], np.asarray(other.flat()))
    jumps = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(frames)]
    assert sorted(jumps)[-1] > 3 * sorted(jumps)[-2]  # one cut, and nothing else


def test_pictures_without_layers_that_share_nothing_are_cut_and_those_that_do_are_not():
    """Catches a morph between pictures that have nothing in common, and a cut between two of one place."""
    for end, notes in ((landscape(seed=6), (NOTHING_IN_COMMON,)), (landscape().crop((60, 30, 600, 334)), ())):
        made = AnimaticVideo().generate(video_spec("They wait."), landscape(), end, nobody)
        assert made.notes == notes


def test_the_same_frames_give_the_same_bytes_and_another_seed_another_timing():
    """Catches randomness without the seed, and a still clip that depends on it."""
    start, end = PAIRS["walks"]
    for prompt in ("They wait.", "Static shot."):
        once, again, other = (b"".join(map(bytes, clip(start, end, prompt, seed=seed))) for seed in (1, 1, 2))
        assert once == again
        assert (once != other) == VIDEO_MODELS["animatic"].seed_matters(prompt)


def test_a_box_on_its_way_grows_around_the_place_that_stays():
    """Catches a path that swings: what is in the same place in both frames must not leave it."""
    one, other = (0.0, 0.0, 100.0, 50.0), (-50.0, -25.0, 200.0, 100.0)
    for t in np.linspace(0, 1, 5):
        left, top, width, height = between(one, other, float(t))
        assert left + width / 2 == pytest.approx(50)
        assert top + height / 2 == pytest.approx(25)
        assert width == pytest.approx(100 * 2**t)
