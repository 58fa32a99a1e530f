"""Shots and staging of panels: what the words decide, and that nobody is cut, floats or changes sides."""

import itertools

import cv2
import numpy as np
import pytest

from tests.fixtures.panels import cut_out, landscape, person, place
from tests.fixtures.staged import KITCHEN, LIGHTHOUSE, SIZE, character, drawn, figures_of, location, solid
from videogen.pipelines.animatic.shot import SIZES, chosen_shot, read_shot

STANDING = ("full", "wide", "extreme wide", "aerial")


@pytest.mark.parametrize("name", ["Mara", "Old Tobias", "Wren"])
@pytest.mark.parametrize("size", [size for size in SIZES if size != "insert"])
def test_no_head_is_cut_in_any_size(size, name):
    """Hair and hat are inside of the frame, and so is the face from side to side, upright and across."""
    for shape in (SIZE, {"width": 352, "height": 640}):
        drawing = drawn(f"A {size} shot.", character(name, speaking=True), location(LIGHTHOUSE), **shape)
        # Of two over a shoulder it is the one who is looked at.
        layer = max(figures_of(drawing), key=lambda one: np.asarray(one.image)[..., :3].mean())
        _left, top, _right, _bottom = solid(layer)
        assert top >= 0
        head = layer.image.crop((0, 0, layer.image.width, round(0.14 * layer.image.height)))
        box = head.getchannel("A").point([0] * 200 + [255] * 56).getbbox()
        assert box[0] + layer.left >= -1
        assert box[2] + layer.left <= shape["width"] + 1


@pytest.mark.parametrize("size", STANDING)
@pytest.mark.parametrize("where", [LIGHTHOUSE, KITCHEN])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_feet_stand_on_the_ground(where, size, seed):
    """Nobody stands on water, on the cat or in a wall, and nobody floats: the soles are inside the ground's polygon."""
    drawing = drawn(f"A {size} shot.", location(where), character("Mara"), character("Old Tobias"), seed=seed)
    polygon = np.array(drawing.layers.ground.polygon) * (SIZE["width"], SIZE["height"])
    outline = polygon.astype(np.float32).reshape(-1, 1, 2)
    for layer in figures_of(drawing):
        left, _top, right, foot = solid(layer)
        distance = cv2.pointPolygonTest(outline, ((left + right) / 2, float(foot)), True)
        assert distance > -0.03 * SIZE["height"]


def test_who_is_farther_on_the_ground_is_smaller():
    """A figure that keeps its size wherever it stands floats."""
    prompt = "Wide shot, Mara in the background, Old Tobias in the foreground."
    drawing = drawn(prompt, location(KITCHEN), character("Mara", 1), character("Old Tobias", -1))
    boxes = {layer.figure: solid(layer) for layer in figures_of(drawing)}
    tall = {name: box[3] - box[1] for name, box in boxes.items()}
    assert boxes["Mara"][3] < boxes["Old Tobias"][3]
    assert tall["Mara"] < 0.97 * tall["Old Tobias"]


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_everybody_keeps_their_side_across_cuts_and_looks_at_the_other(seed):
    """The 180 degree line: a reverse shot that puts both on one side makes them talk to a wall."""
    speaks = {}
    for name, side in (("Mara", 1), ("Wren", -1)):
        drawing = drawn("She speaks.", location(LIGHTHOUSE), character(name, side, speaking=True), seed=seed)
        (layer,) = figures_of(drawing)
        left, _top, right, _bottom = solid(layer)
        speaks[name] = ((left + right) / 2 / SIZE["width"], layer.mirrored)
    assert speaks["Mara"][0] > 0.5 > speaks["Wren"][0]
    assert (speaks["Mara"][1], speaks["Wren"][1]) == (True, False)  # both are drawn looking right


def test_words_put_somebody_on_a_side_and_let_them_enter():
    plain, told, enters = (
        figures_of(drawn(prompt, location(KITCHEN), character("Mara", 1)))[0]
        for prompt in ("Full shot of Mara.", "Full shot of Mara on the left.", "Full shot. Mara enters from the left.")
    )
    middles = [(solid(layer)[0] + solid(layer)[2]) / 2 for layer in (plain, told, enters)]
    assert middles[0] > SIZE["width"] / 2 > middles[1] > middles[2]


def test_the_nearer_the_shot_the_taller_the_head_and_the_softer_the_place():
    sharp = []
    for size in ("extreme wide shot", "wide shot", "full shot", "medium shot", "medium close-up", "close-up"):
        drawing = drawn(f"A {size}.", place(landscape((640, 360))), person(cut_out()))
        back = next(layer for layer in drawing.layers.layers if layer.kind in ("sky", "middle"))
        grey = np.asarray(back.image.convert("L"), np.float32)
        (layer,) = figures_of(drawing)
        sharp.append((solid(layer)[2] - solid(layer)[0], float(np.abs(np.diff(grey, axis=1)).mean())))
    widths = [width for width, _detail in sharp]
    assert widths == sorted(widths)
    assert sharp[-1][1] < sharp[2][1]


@pytest.mark.parametrize("prompt", ["Full shot.", "A close-up in the snow.", "Over the shoulder, storm at night.", ""])
def test_the_flat_picture_is_the_stack_of_the_layers(prompt):
    """A clip begins on the layers: a frame that shows anything else jumps at the first picture."""
    drawing = drawn(prompt or "By candlelight.", location(LIGHTHOUSE), character("Mara"), character("Wren"))
    assert np.array_equal(np.asarray(drawing.layers.flat()), drawing.pixels)
    assert (drawing.layers.made["shot"], drawing.layers.size) != ("", (0, 0))


def test_layers_reach_beyond_the_frame_so_that_a_camera_can_move():
    back = drawn("Wide shot.", location(LIGHTHOUSE)).layers.layers[0]
    assert back.left < -0.08 * SIZE["width"]
    assert back.left + back.image.width > 1.08 * SIZE["width"]


@pytest.mark.parametrize(
    ("words", "size", "angle"),
    [
        ("An extreme close-up of her eyes.", "extreme close-up", 0),
        ("Medium close-up on Mara", "medium close-up", 0),
        ("CLOSE-UP: the lantern", "close-up", 0),
        ("A low-angle full shot", "full", -1),
        ("over Mara’s shoulder", "over the shoulder", 0),
        ("We see them in a two-shot from above", "two-shot", 1),
        ("a medium wide shot", "cowboy", 0),
        ("Tobias inserts the key and closes up the shop", "", 0),
        ("She shuts the wide door", "", 0),
    ],
)
def test_the_words_name_the_shot(words, size, angle):
    shot = read_shot(words)
    assert (shot.size, shot.angle) == (size, angle)


def test_without_words_the_kind_of_block_decides():
    assert chosen_shot("They wait.", people=1, is_line=True, variant=0).size == "medium close-up"
    assert chosen_shot("They wait.", people=2, is_line=False, variant=0).size == "full"
    assert chosen_shot("They wait.", people=4, is_line=False, variant=0).size == "wide"
    assert chosen_shot("A wide shot.", people=1, is_line=True, variant=2).size == "wide"


def test_every_weather_and_hour_is_another_picture_of_the_same_place():
    words = ["rain", "storm", "snow", "fog", "wind", "dawn", "noon", "night", "by candlelight"]
    panels = [drawn(f"Wide shot, {word}.", location(LIGHTHOUSE)).pixels.astype(np.float32) for word in words]
    for one, other in itertools.combinations(panels, 2):
        assert np.abs(one - other).mean() > 3


def test_the_wind_in_somebodys_hair_is_no_weather():
    # Catches a look that decides the weather where nothing else in the prompt does.
    said = "Mara: dark hair blown loose by the wind. Wide shot."
    calm = drawn("Mara: dark hair. Wide shot.", character("Mara"), location(LIGHTHOUSE))
    assert np.array_equal(drawn(said, character("Mara"), location(LIGHTHOUSE)).pixels, calm.pixels)
    windy = drawn(f"{said} A gale.", character("Mara"), location(LIGHTHOUSE))
    assert "weather" not in [layer.kind for layer in calm.layers.layers]
    assert "weather" in [layer.kind for layer in windy.layers.layers]
