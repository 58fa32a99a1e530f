"""The animatic's storyboard panels."""

import itertools

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.fixtures.panels import cut_out, frame_spec, landscape, nobody, person, place, psnr, where
from videogen.errors import Cancelled
from videogen.phase import Phase
from videogen.pipelines import FRAME_MODELS, frame_pipeline
from videogen.pipelines.animatic import AnimaticFrame
from videogen.pipelines.animatic.figures import Kind, figure
from videogen.pipelines.animatic.setting import Setting, read_setting
from videogen.pipelines.base import Picture

RED, GREEN = (208, 32, 32), (32, 170, 60)


def panel(pictures, prompt="They wait.", **settings):
    return AnimaticFrame().generate(frame_spec(prompt, **settings), pictures, nobody).pixels


def bright(pixels) -> float:
    return float(pixels.reshape(-1, 3).mean(axis=0) @ (0.2126, 0.7152, 0.0722)) / 255


def test_the_registry_knows_the_pipeline():
    assert isinstance(frame_pipeline(FRAME_MODELS["animatic"]), AnimaticFrame)


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320), (256, 256), (64, 64), (64, 512), (512, 64)])
@pytest.mark.parametrize("image", [None, landscape()], ids=["words", "picture"])
def test_the_panel_has_exactly_the_asked_size(width, height, image):
    pictures = [place(image), person(cut_out(), speaking=True), person(None, "Tobias"), person(landscape(), "Wren")]
    pixels = panel(pictures, width=width, height=height)
    assert (pixels.shape, str(pixels.dtype)) == ((height, width, 3), "uint8")


def test_the_same_spec_and_pictures_give_the_same_bytes():
    pictures = [place(None), person(cut_out()), person(None, "Tobias")]
    assert panel(pictures).tobytes() == panel(pictures).tobytes()


def test_four_seeds_in_a_row_are_four_pictures_that_anybody_can_tell_apart():
    """A candidate that is the one before with everybody moved by a hair is no candidate."""
    for pictures, prompt in (([place(landscape()), person(cut_out())], "She waits."), ([place(landscape())], "Dusk.")):
        panels = [panel(pictures, prompt, seed=seed) for seed in range(40, 44)]
        for one, other in itertools.combinations(panels, 2):
            assert psnr(one, other) < 26


def test_the_place_is_the_locations_picture():
    image = landscape().filter(ImageFilter.GaussianBlur(2))
    whole = np.asarray(image.resize((320, 180), Image.Resampling.LANCZOS))
    middle = (slice(40, 140), slice(70, 250))
    assert psnr(panel([place(image)], seed=0)[middle], whole[middle]) > 35


def test_feet_stand_on_the_ground_that_begins_at_the_locations_line():
    # Catches a line that is kept and does nothing, or is measured in the panel where the picture is cropped.
    def feet(size: tuple[int, int], line: float) -> int:
        quay = Picture("location", "Quay", "", Image.new("RGB", size, "#c0d0f0"), ground_line=line)
        found = where(panel([quay, person(cut_out())], width=320, height=180), RED, 90)
        return int(np.flatnonzero(found.any(axis=1))[-1])

    assert feet((320, 180), 0.6) + 10 < feet((320, 180), 0.95)
    assert all(feet(size, line) > line * 180 - 4 for size in ((320, 180), (320, 220)) for line in (0.6, 0.8))


def test_a_panel_whose_sides_only_rounding_tells_from_the_picture_is_drawn():
    # Catches 768 / 432 of a picture of 1600 x 900, which began at -1e-13 and could not be read.
    assert panel([place(landscape((1600, 900)))], width=768, height=432).shape == (432, 768, 3)


def test_a_cut_out_lets_the_place_show_around_it_and_casts_a_soft_shadow():
    sky = place(Image.new("RGB", (320, 180), "#c0d0f0"))
    empty, with_person = panel([sky], seed=0), panel([sky, person(cut_out())], "Full shot.", seed=0)
    darker = (empty.astype(int) - with_person.astype(int)).min(axis=2)
    shadow = (darker > 8) & ~where(with_person, RED, 120)
    rows = np.flatnonzero(shadow.any(axis=1))
    assert rows.size
    assert rows[0] > 180 * 0.8  # at the feet and nowhere else
    assert len(np.unique(darker[shadow])) > 10  # soft


def test_a_portrait_with_a_background_becomes_a_card_with_round_corners():
    portrait = Image.new("RGB", (300, 400), "#d02020")
    one = figure(person(portrait))
    assert one.kind is Kind.CARD
    alpha = np.asarray(one.picture.getchannel("A"))
    assert (alpha[0, 0], alpha[-1, -1], alpha[400, 300]) == (0, 0, 255)


def test_a_cut_out_that_ends_at_its_lower_edge_ends_at_the_panels_too():
    bust = cut_out().crop((0, 0, 200, 150))
    assert figure(person(bust)).kind is Kind.BUST
    found = where(panel([place(Image.new("RGB", (320, 180), "#c0d0f0")), person(bust)]), RED, 90)
    assert found[-1].any()


def test_an_rgba_picture_without_any_transparency_is_a_card():
    assert figure(person(Image.new("RGBA", (300, 400), "#d02020"))).kind is Kind.CARD


def test_an_empty_cut_out_is_a_silhouette_instead_of_an_error():
    assert figure(person(Image.new("RGBA", (300, 400), (0, 0, 0, 0)))).kind is Kind.FULL


def test_a_person_without_a_picture_is_a_silhouette_known_by_the_name():
    mara, again, wren = (figure(person(None, name)).picture for name in ("Mara", "Mara", "Wren"))
    assert mara.tobytes() == again.tobytes()
    assert mara.tobytes() != wren.tobytes()


def test_a_smaller_drawn_figure_stays_smaller():
    child = Image.new("RGBA", (200, 300), (0, 0, 0, 0))
    child.paste(cut_out("#20aa3c").resize((150, 225)), (25, 75))
    sky = place(Image.new("RGB", (320, 180), "#c0d0f0"))
    pixels = panel([sky, person(cut_out()), person(child, "Wren")], "Full shot.", seed=0)
    tall = [np.ptp(np.flatnonzero(where(pixels, color, 70).any(axis=1))) for color in (RED, GREEN)]
    assert tall[1] < 0.85 * tall[0]


@pytest.mark.parametrize("image", [None, landscape()], ids=["words", "picture"])
def test_the_hours_differ_in_light(image):
    light = {
        hour: bright(panel([place(image)], f"The sea by {hour}."))
        for hour in ("dawn", "noon", "dusk", "night", "candlelight")
    }
    assert max(light["night"], light["candlelight"]) < light["dusk"] < light["noon"]
    assert light["night"] < light["dawn"]


@pytest.mark.parametrize("location", ["sea", "forest", "street", "room", "field"])
@pytest.mark.parametrize("weather", ["", "storm", "wind"])
def test_a_place_is_drawn_from_words_alone(location, weather):
    pixels = panel([], f"A {location} at dusk, {weather}")
    assert pixels.std() > 8


def test_places_hours_and_weathers_are_different_pictures():
    prompts = ["sea", "forest", "street", "room", "field", "sea at night", "sea, rain", "sea, snow", "sea, fog"]
    panels = [panel([], prompt, seed=0) for prompt in prompts]
    for one, other in itertools.combinations(panels, 2):
        assert psnr(one, other) < 32


@pytest.mark.parametrize(
    ("texts", "setting"),
    [
        (["Night. Rain on the sea."], Setting("night", "sea", "rain")),
        (["She wakes.", "The Keeper's Kitchen", "a warm room, early morning"], Setting("dawn", "room", "")),
        (["Evening in the old town, light snow"], Setting("dusk", "street", "snow")),
        (["A knight in the woods at high noon"], Setting("noon", "forest", "")),
        (["Lightning over the street"], Setting("", "street", "storm")),
        (["The moon rises."], Setting("night", "hills", "")),
        ([""], Setting("", "hills", "")),
    ],
)
def test_the_words_tell_the_setting(texts, setting):
    assert read_setting(*texts) == setting


def test_an_end_frame_obeys_its_own_words_people_and_place():
    """It used to be the start frame with the camera moved, whoever and whatever was chosen for it."""
    first = Picture("start_frame", "start frame", "They wait.", landscape())
    pictures = [place(landscape(seed=9)), person(cut_out(), speaking=True)]
    asked = {"prompt": "A close-up at night.", "role": "end", "seed": 4}
    alone = panel(pictures, **asked)
    assert np.array_equal(panel([first, *pictures], **asked, like_start=False), alone)
    assert not np.array_equal(panel([first, *pictures], **asked, like_start=True), alone)


@pytest.mark.parametrize("prompt", ["They wait.", "push in", "pan left", "tilt up", "pull out", "Night falls."])
def test_an_end_frame_like_its_start_frame_is_that_after_a_move(prompt):
    start = AnimaticFrame().generate(frame_spec("They wait.", seed=0), [place(None), person(cut_out())], nobody)
    first = Picture("start_frame", "start frame", "They wait.", Image.fromarray(start.pixels), layers=start.layers)
    end = panel([first], prompt, role="end", like_start=True)
    stranger = panel([place(landscape(seed=77)), person(cut_out("#20aa3c"))])
    assert not np.array_equal(end, start.pixels)
    small = [
        np.asarray(Image.fromarray(p).resize((40, 24), Image.Resampling.BOX)) for p in (start.pixels, end, stranger)
    ]
    assert psnr(small[0], small[1]) > psnr(small[0], small[2])
    assert where(end, RED, 110).any()


def test_a_static_camera_in_unchanged_light_ends_where_it_began():
    start = landscape((320, 180))
    end = panel([Picture("start_frame", "start frame", "", start)], "static shot", role="end", like_start=True)
    assert np.array_equal(end, np.asarray(start))


def test_a_stop_takes_effect_between_the_people():
    def stop(phase: Phase, step: int = 0, steps: int = 0) -> None:
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        AnimaticFrame().generate(frame_spec(), [person(cut_out(), str(index)) for index in range(4)], stop)


def test_progress_ends_at_its_last_step():
    told = []
    AnimaticFrame().generate(frame_spec(), [place(None), person(None)], lambda *step: told.append(step))
    assert told[-1] == (Phase.DENOISING, 3, 3)
    assert [step for _, step, _ in told] == sorted(step for _, step, _ in told)
