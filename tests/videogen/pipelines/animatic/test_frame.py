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
from videogen.pipelines.animatic.picture import luminance
from videogen.pipelines.animatic.setting import Setting, read_setting
from videogen.pipelines.base import Picture

RED, GREEN = (208, 32, 32), (32, 170, 60)


def panel(pictures, prompt="They wait.", **settings):
    return AnimaticFrame().generate(frame_spec(prompt, **settings), pictures, nobody).pixels


def bright(pixels) -> float:
    return luminance(pixels.astype(np.float32) / 255)


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


def test_another_seed_gives_another_panel():
    pictures = [place(landscape()), person(cut_out())]
    assert not np.array_equal(panel(pictures, seed=1), panel(pictures, seed=2))
    assert not np.array_equal(panel([place(None)], seed=1), panel([place(None)], seed=2))


def test_the_place_is_the_locations_picture():
    image = landscape().filter(ImageFilter.GaussianBlur(2))
    whole = np.asarray(image.resize((320, 180), Image.Resampling.LANCZOS))
    middle = (slice(40, 140), slice(70, 250))
    assert psnr(panel([place(image)])[middle], whole[middle]) > 35


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_people_stand_in_the_lower_two_thirds(count):
    people = [person(cut_out(), str(index)) for index in range(count)]
    found = where(panel([place(Image.new("RGB", (320, 180), "#c0d0f0")), *people]), RED, 90)
    assert found.any()
    assert np.flatnonzero(found.any(axis=1))[0] >= 180 * 0.32


def test_who_speaks_is_larger_and_off_centre():
    pictures = [
        place(Image.new("RGB", (320, 180), "#c0d0f0")),
        person(cut_out("#d02020"), "Mara", speaking=True),
        person(cut_out("#20aa3c"), "Tobias"),
    ]
    pixels = panel(pictures)
    speaker, listener = where(pixels, RED, 70), where(pixels, GREEN, 70)
    assert speaker.sum() > 1.5 * listener.sum() > 0
    middle = float(np.nonzero(speaker)[1].mean()) / 320
    assert abs(middle - 0.5) > 0.1
    assert (middle - 0.5) * (float(np.nonzero(listener)[1].mean()) / 320 - 0.5) < 0  # on the other side


def test_a_cut_out_lets_the_place_show_around_it_and_casts_a_soft_shadow():
    sky = Image.new("RGB", (320, 180), "#c0d0f0")
    empty, with_person = panel([place(sky)]), panel([place(sky), person(cut_out())])
    darker = (empty.astype(int) - with_person.astype(int)).min(axis=2)
    shadow = (darker > 8) & ~where(with_person, RED, 120)
    rows = np.flatnonzero(shadow.any(axis=1))
    assert rows.size
    assert rows[0] > 180 * 0.85  # at the feet and nowhere else
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
    pixels = panel([place(Image.new("RGB", (320, 180), "#c0d0f0")), person(cut_out()), person(child, "Wren")])
    tall = [np.ptp(np.flatnonzero(where(pixels, color, 70).any(axis=1))) for color in (RED, GREEN)]
    assert tall[1] < 0.85 * tall[0]


@pytest.mark.parametrize("image", [None, landscape()], ids=["words", "picture"])
def test_the_hours_differ_in_light(image):
    light = {hour: bright(panel([place(image)], f"The sea by {hour}.")) for hour in ("dawn", "day", "dusk", "night")}
    assert light["night"] < light["dusk"] < light["day"]
    assert light["night"] < light["dawn"]


@pytest.mark.parametrize("location", ["sea", "forest", "street", "room", "field"])
@pytest.mark.parametrize("weather", ["", "rain", "snow", "fog"])
def test_a_place_is_drawn_from_words_alone(location, weather):
    pixels = panel([], f"A {location} at dusk, {weather}")
    assert pixels.std() > 8


def test_places_hours_and_weathers_are_different_pictures():
    prompts = ["sea", "forest", "street", "room", "field", "sea at night", "sea, rain", "sea, snow", "sea, fog"]
    panels = [panel([], prompt) for prompt in prompts]
    for one, other in itertools.combinations(panels, 2):
        assert psnr(one, other) < 32


@pytest.mark.parametrize(
    ("texts", "setting"),
    [
        (["Night. Rain on the sea."], Setting("night", "sea", "rain")),
        (["She wakes.", "The Keeper's Kitchen", "a warm room, early morning"], Setting("dawn", "room", "")),
        (["Evening in the old town, light snow"], Setting("dusk", "street", "snow")),
        (["A knight in the woods"], Setting("", "forest", "")),
        (["The moon rises."], Setting("night", "hills", "")),
        ([""], Setting("", "hills", "")),
    ],
)
def test_the_words_tell_the_setting(texts, setting):
    assert read_setting(*texts) == setting


def end_of(start, prompt="They wait.", pictures=(), **settings):
    first = Picture("start_frame", "start frame", "They wait.", Image.fromarray(start))
    return panel([first, *pictures], prompt, role="end", **settings)


@pytest.mark.parametrize("prompt", ["They wait.", "push in", "pan left", "tilt up", "pull out", "Night falls."])
@pytest.mark.parametrize("own", [True, False], ids=["composed here", "any picture"])
def test_an_end_frame_differs_from_its_start_frame_and_belongs_to_it(prompt, own):
    pictures = [place(landscape()), person(cut_out(), speaking=True)]
    start = panel(pictures) if own else np.asarray(landscape((320, 180), seed=8))
    end = end_of(start, prompt, pictures if own else [])
    stranger = panel([place(landscape(seed=77)), person(cut_out("#20aa3c"))])
    assert end.shape == start.shape
    assert not np.array_equal(end, start)
    small = [np.asarray(Image.fromarray(p).resize((40, 24), Image.Resampling.BOX)) for p in (start, end, stranger)]
    assert psnr(small[0], small[1]) > psnr(small[0], small[2])


def test_a_static_camera_in_unchanged_light_ends_where_it_began():
    start = np.asarray(landscape((320, 180)))
    assert psnr(end_of(start, "static shot"), start) > 45


def test_in_a_panel_composed_here_near_people_come_closer_than_the_place():
    pictures = [place(Image.new("RGB", (320, 180), "#c0d0f0")), person(cut_out())]
    start = panel(pictures, seed=3)
    closer, wider = (end_of(start, prompt, pictures, seed=9) for prompt in ("push in", "pull out"))
    sizes = [int(where(pixels, RED, 70).sum()) for pixels in (wider, start, closer)]
    assert sizes[0] < 0.9 * sizes[1]
    assert sizes[2] > 1.1 * sizes[1]


def test_an_end_frame_takes_the_seed_of_the_composition_it_continues():
    # Cards do not tell where they look, so the seed chose the side; the end frame must choose the same.
    pictures = [place(landscape()), person(landscape((300, 400), seed=3), speaking=True)]
    for seed in (1, 2, 3, 4):
        start = panel(pictures, seed=seed)
        assert psnr(end_of(start, "static shot", pictures, seed=50), start) > 24


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


def test_what_step_2_says_of_an_end_frame_after_a_picture_of_ones_own_is_true():
    # "Takes the camera move and the hour; people and place stay those of the start frame."
    start = Picture("start_frame", "start frame", "", landscape())
    end = panel([start], "They wait.", role="end")
    same = panel([start, place(None), person(cut_out())], "A dragon lands beside them.", role="end")
    assert np.array_equal(end, same)
    assert not np.array_equal(end, panel([start], "They wait. Pan left.", role="end"))
    assert not np.array_equal(end, panel([start], "They wait at night.", role="end"))
    assert "camera move" in FRAME_MODELS["animatic"].after_start
    assert "hour of the day" in FRAME_MODELS["animatic"].after_start
