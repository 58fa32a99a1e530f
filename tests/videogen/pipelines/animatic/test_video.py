"""The animatic's clips: moves over one picture, morphs between two."""

import itertools
import types

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.fixtures.panels import landscape, nobody, psnr, video_spec
from videogen.errors import Cancelled
from videogen.phase import Phase
from videogen.pipelines import VIDEO_MODELS, video_pipeline
from videogen.pipelines.animatic import AnimaticVideo
from videogen.pipelines.animatic.video import fitted


def clip(prompt: str = "push in", start=None, end=None, **settings):
    rendering = AnimaticVideo().generate(video_spec(prompt, **settings), start or landscape(), end, nobody)
    return list(rendering.frames)


def test_the_registry_knows_the_pipeline():
    assert isinstance(video_pipeline(VIDEO_MODELS["animatic"]), AnimaticVideo)


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320), (64, 64), (66, 400), (512, 90)])
@pytest.mark.parametrize(("duration", "frame_rate"), [(1, 24), (2, 25), (1, 30)])
def test_exactly_the_asked_frames_of_the_asked_size_come_out(width, height, duration, frame_rate):
    frames = clip(width=width, height=height, duration=duration, frame_rate=frame_rate)
    assert len(frames) == duration * frame_rate
    assert {(frame.shape, str(frame.dtype)) for frame in frames} == {((height, width, 3), "uint8")}


@pytest.mark.parametrize("prompt", ["", "push in", "push in and pan left", "static", "handheld", "zoom in, tilt up"])
def test_a_move_that_needs_no_room_begins_exactly_on_the_start_frame(prompt):
    assert np.array_equal(clip(prompt or "Rain.")[0], fitted(landscape(), 320, 180))


def test_a_pull_out_ends_exactly_on_the_start_frame():
    assert np.array_equal(clip("pull out")[-1], fitted(landscape(), 320, 180))


def test_a_static_camera_shows_the_same_picture_all_the_time():
    frames = clip("locked off")
    assert all(np.array_equal(frame, frames[0]) for frame in frames)


def test_a_start_frame_of_another_shape_is_covered_without_distortion():
    start = Image.new("RGB", (400, 400), "blue")
    start.paste("red", (100, 100, 300, 300))  # a square stays a square
    red = clip("static", start=start)[0][..., 0] > 128
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    assert columns[-1] - columns[0] == pytest.approx(rows[-1] - rows[0], abs=2)


def step_between(one, other, kind: int) -> np.ndarray:
    """The affine movement from one picture to the other, found to about a hundredth of a pixel."""
    greys = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[20:-20, 30:-30] for picture in (one, other)]
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 80, 1e-8)
    return cv2.findTransformECC(*greys, np.eye(2, 3, dtype=np.float32), kind, criteria)[1]


@pytest.mark.parametrize(("prompt", "sign"), [("slow pan left", -1), ("slow pan right", 1)])
def test_a_slow_pan_glides_without_jitter(prompt, sign):
    start = landscape((480, 270)).filter(ImageFilter.GaussianBlur(2))
    frames = clip(prompt, start=start, width=480, height=270, duration=2)
    moves = [step_between(before, after, cv2.MOTION_TRANSLATION)[:, 2] for before, after in itertools.pairwise(frames)]
    across, down = np.array(moves).T * np.array([[-sign], [1]])
    assert 15 < across.sum() < 60
    assert across.min() > -0.02  # never back
    assert np.abs(down).max() < 0.02
    # No step is longer than its neighbours, as it would be if places were rounded to whole pixels.
    assert np.abs(np.diff(across)).max() < 0.12
    assert np.abs(np.diff(across, 2)).max() < 0.08


def test_a_slow_push_in_comes_closer_with_every_frame():
    start = landscape((480, 270)).filter(ImageFilter.GaussianBlur(2))
    frames = clip("slow push in", start=start, width=480, height=270, duration=2)
    steps = [step_between(before, after, cv2.MOTION_AFFINE)[0, 0] for before, after in itertools.pairwise(frames)]
    growth = np.array([1 / step - 1 if step < 1 else step - 1 for step in steps])
    assert growth.min() > -1e-4
    assert 0.03 < growth.sum() < 0.3
    assert np.abs(np.diff(growth)).max() < 5e-4


def test_the_same_spec_and_pictures_give_the_same_bytes():
    for prompt, end in (("handheld push in", None), ("a morph", landscape(seed=6))):
        assert [frame.tobytes() for frame in clip(prompt, end=end)] == [f.tobytes() for f in clip(prompt, end=end)]


def test_another_seed_shakes_a_handheld_camera_in_another_way_and_times_a_move_anew():
    assert not np.array_equal(clip("handheld", seed=1)[12], clip("handheld", seed=2)[12])
    assert not np.array_equal(clip("push in", seed=1)[12], clip("push in", seed=2)[12])
    assert np.array_equal(clip("static", seed=1)[12], clip("static", seed=2)[12])


@pytest.mark.parametrize("prompt", ["a morph", "handheld", "pan left", "pull out"])
def test_with_an_end_frame_the_clip_begins_and_ends_exactly_on_the_two(prompt):
    start, end = landscape(), landscape().crop((60, 30, 600, 334))
    frames = clip(prompt, start=start, end=end)
    assert np.array_equal(frames[0], fitted(start, 320, 180))
    assert np.array_equal(frames[-1], fitted(end, 320, 180))


def test_the_morph_moves_with_the_camera_instead_of_dissolving():
    start = landscape((960, 540)).filter(ImageFilter.GaussianBlur(1))
    end = start.crop((80, 45, 880, 495))  # 1.2 times closer
    frames = clip("a morph", start=start, end=end, width=480, height=270, frame_rate=25)
    whole = fitted(start, 480, 270)
    scale = 1 / 1.2**0.5
    shift = ((1 - scale) * 239.5, (1 - scale) * 134.5)
    middle = cv2.warpAffine(
        whole, np.float32([[scale, 0, shift[0]], [0, scale, shift[1]]]), (480, 270),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
    )  # fmt: skip
    dissolve = cv2.addWeighted(whole, 0.5, frames[-1], 0.5, 0)
    assert psnr(frames[12], middle) > 27
    assert psnr(frames[12], middle) > psnr(frames[12], dissolve) + 5


def test_a_person_who_moves_on_their_own_is_followed():
    def with_person(left: int) -> Image.Image:
        image = landscape((640, 360)).filter(ImageFilter.GaussianBlur(6))
        image.paste(landscape((120, 200), seed=9).filter(ImageFilter.GaussianBlur(2)), (left, 120))
        return image

    frames = clip("a morph", start=with_person(200), end=with_person(280), width=640, height=360, frame_rate=25)
    half_way = np.asarray(with_person(240))
    dissolve = cv2.addWeighted(frames[0], 0.5, frames[-1], 0.5, 0)
    inside = (slice(140, 300), slice(250, 350))
    assert psnr(frames[12][inside], half_way[inside]) > psnr(dissolve[inside], half_way[inside]) + 4


def test_pictures_that_share_nothing_dissolve_without_a_wild_camera():
    frames = clip("a morph", start=Image.new("RGB", (320, 180), "#204060"), end=landscape())
    assert len(frames) == 24
    assert np.ptp(frames[12].reshape(-1, 3).mean(axis=0)) < 120
    assert all(np.isfinite(frame).all() for frame in frames)


def test_frames_are_computed_when_they_are_taken():
    told = []
    rendering = AnimaticVideo().generate(video_spec("push in"), landscape(), None, lambda *step: told.append(step))
    assert isinstance(rendering.frames, types.GeneratorType)
    assert told == []
    next(rendering.frames)
    next(rendering.frames)
    assert told == [(Phase.DENOISING, 0, 24), (Phase.DENOISING, 1, 24), (Phase.DENOISING, 2, 24)]


@pytest.mark.parametrize("with_end", [False, True])
def test_a_stop_takes_effect_at_the_frame_it_is_asked_at(with_end):
    def stop(phase: Phase, step: int = 0, steps: int = 0) -> None:
        if step == 5:
            raise Cancelled

    end = landscape(seed=6) if with_end else None
    rendering = AnimaticVideo().generate(video_spec("push in"), landscape(), end, stop)
    taken = []
    with pytest.raises(Cancelled):
        taken.extend(rendering.frames)
    assert len(list(rendering.frames)) == 0


@pytest.mark.parametrize("prompt", ["push in", "static camera", "She waits.", "Hand-held, pan left.", "shaky camera"])
@pytest.mark.parametrize("end", [None, landscape().rotate(180)])
def test_another_seed_gives_other_bytes_exactly_where_the_registry_says_so(prompt, end):
    small = {"width": 160, "height": 90, "duration": 1}
    one, other = (b"".join(map(bytes, clip(prompt, end=end, seed=seed, **small))) for seed in (1, 2))
    assert (one != other) == VIDEO_MODELS["animatic"].seed_matters(prompt)
