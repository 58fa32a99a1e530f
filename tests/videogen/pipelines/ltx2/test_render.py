"""What is rendered so that the clip asked for is in it: sizes, counts, the place of the end frame."""

from typing import Any

import pytest

from tests.fixtures.ltx import small
from videogen.pipelines.geometry import central_box, next_legal_size, rendered_frames
from videogen.pipelines.ltx2.render import Render, audio_latent_frames

RENDERED = {
    24: [25, 49, 73, 97, 121, 145, 169, 193],
    25: [25, 57, 81, 105, 129, 153, 177, 201],
    30: [33, 65, 97, 121, 153, 185, 217, 241],
}
LENGTHS = [(rate, seconds) for rate in RENDERED for seconds in range(1, 9)]


@pytest.mark.parametrize(("rate", "seconds"), LENGTHS)
def test_the_smallest_legal_count_that_covers_the_clip_is_rendered(rate: int, seconds: int) -> None:
    render = Render.of(small(duration=seconds, frame_rate=rate))
    assert render.frames == RENDERED[rate][seconds - 1]
    assert render.frames % 8 == 1
    assert render.frames - 8 < rate * seconds <= render.frames


@pytest.mark.parametrize(("rate", "seconds"), LENGTHS)
def test_the_end_frame_is_the_last_delivered_picture(rate: int, seconds: int) -> None:
    assert Render.of(small(duration=seconds, frame_rate=rate)).anchor == rate * seconds - 1


@pytest.mark.parametrize(("rate", "seconds"), LENGTHS)
def test_the_rendered_sound_lasts_as_long_as_the_clip(rate: int, seconds: int) -> None:
    rendered = rendered_frames(rate * seconds)
    latents = audio_latent_frames(rendered, rate, seconds)
    spectra = 4 * latents - 3  # what a causal decoder makes; a hundred of them are a second
    assert spectra >= 100 * seconds
    # Beside an end of exactly one second the model's own count is kept.
    assert latents == max(round(rendered / rate * 25), 26)


def test_1920_x_1080_is_cut_centrally_out_of_1920_x_1088() -> None:
    render = Render.of(small(width=1920, height=1080, duration=1))
    assert render.size == (1920, 1088)
    assert render.box == (0, 4, 1920, 1084)


@pytest.mark.parametrize("size", [(64, 64), (98, 66), (854, 480), (1280, 704), (1080, 1920), (4096, 64)])
def test_every_size_is_covered_by_a_legal_one_with_less_than_a_step_to_spare(size: tuple[int, int]) -> None:
    width, height = next_legal_size(size, 32)
    assert width % 32 == height % 32 == 0
    assert 0 <= width - size[0] < 32
    assert 0 <= height - size[1] < 32
    left, top, right, bottom = central_box((width, height), size)
    assert (right - left, bottom - top) == size
    assert left == (width - size[0]) // 2
    assert top == (height - size[1]) // 2


def test_a_box_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        central_box((64, 64), (66, 64))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": (130, 64)}, "130 x 64 is not on the model's grid"),
        ({"size": (128, 72)}, "128 x 72 is not on the model's grid"),
        ({"frames": 24}, "24 frames"),
        ({"anchor": 25}, "picture 25 of 25"),
        ({"anchor": 0}, "picture 0"),
    ],
)
def test_what_the_model_would_floor_or_skip_in_silence_is_refused_in_words(
    change: dict[str, object], words: str
) -> None:
    legal: dict[str, Any] = {"size": (128, 64), "frames": 25, "anchor": 23, "box": (0, 0, 128, 64), "sound": 26}
    assert Render(**legal)
    with pytest.raises(ValueError, match=words):
        Render(**legal | change)
