"""The animatic's clips over frames in layers: parallax, rooms, small life, seeds."""

import itertools

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from scenes.layers import Layer, Layers
from tests.fixtures.layered import SIZE, clip, layer, place, somebody
from tests.fixtures.panels import psnr
from videogen.pipelines import VIDEO_MODELS
from videogen.pipelines.animatic.compositor import Compositor, Plane, textures
from videogen.pipelines.animatic.layered_shot import LayeredShot
from videogen.pipelines.animatic.sheet import fitted_sheets, merged


def marked(depths: tuple[float, ...]) -> Layers:
    """One bright cross on nothing for each depth, side by side, on a black sky."""
    sky = Layer("sky", Image.new("RGBA", (448, 216), "black"), -64, -18, 0.0)
    crosses = []
    for number, depth in enumerate(depths):
        image = Image.new("RGBA", (41, 41))
        colour = ("#ff0000", "#00ff00", "#0000ff")[number]
        draw = ImageDraw.Draw(image)
        draw.rectangle((15, 5, 25, 35), fill=colour)
        draw.rectangle((5, 15, 35, 25), fill=colour)
        crosses.append(Layer("near", image, 60 + 80 * number, 60, depth))
    return Layers(SIZE, (sky, *crosses))


def centre(frame: np.ndarray, channel: int) -> tuple[float, float]:
    weight = frame[..., channel].astype(np.float64)
    rows, columns = np.indices(weight.shape)
    return float((weight * columns).sum() / weight.sum()), float((weight * rows).sum() / weight.sum())


@pytest.mark.parametrize(("prompt", "axis", "sign"), [("pan right", 0, -1), ("pan left", 0, 1), ("crane up", 1, 1)])
def test_each_layer_moves_by_its_depth(prompt, axis, sign):
    """Catches a camera that moves moon and fence alike, and a move in the wrong direction."""
    depths = (0.25, 0.5, 1.0)
    frames = clip(marked(depths), prompt)
    moved = [centre(frames[-1], at)[axis] - centre(frames[0], at)[axis] for at in range(3)]
    assert moved[2] * sign > 6
    pairs = itertools.pairwise(zip(depths, moved, strict=True))
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs]
    assert slopes[0] == pytest.approx(slopes[1], rel=0.06)
    if prompt.startswith("pan"):
        assert moved[0] == pytest.approx(0.25 * moved[2], abs=0.3)


def test_a_push_in_lets_near_things_grow_and_leaves_the_farthest():
    """Catches a push in that is only a zoom of the flat picture."""
    frames = clip(marked((0.02, 0.5, 1.0)), "push in", duration=4)
    grown = [(frames[-1][..., at] > 128).sum() / (frames[0][..., at] > 128).sum() for at in range(3)]
    assert grown[0] == pytest.approx(1, abs=0.06)
    assert 1.05 < grown[1] < grown[2]


def test_who_stands_on_the_ground_stays_where_they_stand():
    """Catches feet that slide over a ground that lies flat: a mark on the ground below them moves with them."""
    foot = 160
    ground_depth = 0.5 + 0.5 * (foot - 120) / (180 - 120)
    base = place()
    mark = Image.new("RGBA", (448, 78))
    ImageDraw.Draw(mark).rectangle((200, foot - 120 - 3, 240, foot - 120 + 3), fill="#ff0000")
    stands = Image.new("RGBA", (41, 60))
    ImageDraw.Draw(stands).rectangle((0, 40, 40, 59), fill="#00ff00")
    sky = Layer("sky", Image.new("RGBA", (448, 216), "black"), -64, -18, 0.0)
    flat = Layer("ground", mark, -64, 120, 0.5, 1.0)
    who = Layer("figure", stands, 136, foot - 57, ground_depth, figure="mara")
    for prompt in ("pan right", "push in", "crane up", "orbit left", "pull out"):
        frames = clip(Layers(SIZE, (sky, flat, who), base.ground), f"{prompt}, calm")
        rows = [np.flatnonzero((frame[..., at] > 100).any(axis=1)) for frame in frames[::6] for at in (0, 1)]
        feet = [(red[-1], green[-1]) for red, green in zip(rows[::2], rows[1::2], strict=True)]
        columns = [centre(frame, 0)[0] - centre(frame, 1)[0] for frame in frames[::6]]
        assert max(abs(red - green - (feet[0][0] - feet[0][1])) for red, green in feet) <= 2, prompt
        assert np.ptp(columns) < 1.5, prompt


@pytest.mark.parametrize(
    "prompt", ["pan right", "tilt up", "push in", "pull out", "crane down", "orbit", "rack focus", "x"]
)
def test_a_clip_over_layers_begins_exactly_on_the_start_frame(prompt):
    """Catches a clip that begins beside its frame, or jumps when its first move is drawn."""
    layers = place(somebody(150, 165))
    frames = clip(layers, prompt, duration=2)
    flat = np.asarray(layers.flat())
    assert np.array_equal(frames[0], flat)
    assert psnr(frames[1], flat) > 40


def test_no_edge_of_a_layer_comes_into_the_frame():
    """Catches a hole beside a layer: everything beyond the layers would be black, and nothing of them is."""
    layers = place(somebody(150, 165))
    for prompt in ("pan right", "fast pan left", "pull out", "crane up", "tilt down", "orbit right", "handheld"):
        for frame in clip(layers, prompt, duration=4)[::8]:
            assert frame.max(axis=2).min() > 30, prompt


def test_layers_without_room_begin_inside_and_show_no_edge():
    """Catches a pan over layers as wide as the frame that shows what is beside them."""
    wide = place(somebody(150, 165))
    cut = []
    for part in wide.layers[:4]:
        image = part.image.crop((64, 18 if part.top < 0 else 0, 384, part.image.height))
        cut.append(Layer(part.kind, image, 0, max(part.top, 0), part.depth, part.near_depth))
    frames = clip(Layers(SIZE, tuple(cut)), "pan right", duration=2)
    assert min(int(frame.max(axis=2).min()) for frame in frames[::6]) > 30
    assert not np.array_equal(frames[0], frames[-1])


def test_layers_of_another_size_than_the_clip_are_fitted_like_their_picture():
    """Catches layers that lie beside the flat picture where a clip is larger, smaller or of another shape."""
    layers = place(somebody(150, 165))
    for size in ((480, 270), (160, 90), (180, 180)):
        frames = clip(layers, "pan right", width=size[0], height=size[1])
        assert psnr(frames[1], frames[0]) > 27, size
        sheets = fitted_sheets(layers, size)
        seen = Compositor(size).draw([Plane(texture, np.eye(3)) for texture in textures(sheets)])
        assert psnr(seen, frames[0]) > 27, size


def test_layers_of_nearly_one_depth_are_laid_into_one_and_look_the_same():
    """Catches a merge that loses a pixel, or joins what must move apart."""
    layers = place(extra=(layer("near", 150, "#203020", 0.98), layer("near", 160, "#304030", 1.0)))
    sheets = fitted_sheets(layers, SIZE)
    fewer = merged(sheets, 0.03, SIZE[1])
    assert (len(sheets), len(fewer)) == (6, 5)
    draw = Compositor(SIZE).draw
    one, other = (draw([Plane(texture, np.eye(3)) for texture in textures(those)]) for those in (sheets, fewer))
    assert np.abs(one.astype(int) - other).max() <= 1


def test_a_slow_pan_over_layers_glides():
    """Catches places rounded to whole pixels: no frame is more than a twentieth of a pixel off an even way."""
    layers = Layers(SIZE, (Layer("sky", Image.new("RGBA", SIZE), 0, 0), layer("middle", -18, "#706050", 0.5)))
    frames = clip(layers, "slow pan right", duration=2)
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[20:-20, 40:-40].astype(np.float32) for frame in frames]
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-7)
    start = np.eye(2, 3, dtype=np.float32)
    steps = [cv2.findTransformECC(a, b, start.copy(), 0, criteria)[1][0, 2] for a, b in itertools.pairwise(greys)]
    places, near = np.concatenate([[0], np.cumsum(steps)]), np.arange(-4, 5)
    off = [
        abs(np.polyval(np.polyfit(near, places[at - 4 : at + 5], 4), 0) - places[at])
        for at in range(4, len(places) - 4)
    ]
    assert abs(places[-1]) > 4
    assert max(off) < 0.05


def rain() -> Layer:
    image = Image.new("RGBA", (448, 216))
    draw, rng = ImageDraw.Draw(image), np.random.default_rng(4)
    for _ in range(80):
        x, y = int(rng.integers(0, 448)), int(rng.integers(0, 216))
        draw.line((x, y, x - 3, y + 15), fill=(230, 240, 255, 150))
    return Layer("weather", image, -64, -18, 0.9)


def test_rain_falls_water_glitters_people_breathe_and_a_still_clip_does_none_of_it():
    """Catches small life that is missing, that goes on under "static", or that moves what should stand."""
    sea = layer("middle", 95, "#305070", 0.0, 0.6)
    base = place(somebody(150, 165))
    layers = Layers(SIZE, (*base.layers[:2], sea, *base.layers[3:], rain()), base.ground, {"weather": "rain"})
    still = clip(layers, "Static shot.")
    assert all(np.array_equal(frame, still[0]) for frame in still)
    # A rack of the focus leaves the camera where it is, but for its slow way in.
    dry = Layers(SIZE, layers.layers[:-1], base.ground, {})
    alive = clip(dry, "handheld", duration=2)
    assert not np.array_equal(alive[0], alive[30])
    wet, before = clip(layers, "They wait.")[12].astype(int), clip(dry, "They wait.")[12]
    assert (np.abs(wet - before).max(axis=2) > 20).mean() > 0.005


def test_a_figure_breathes_by_a_pixel_or_two_and_keeps_its_feet():
    """Catches a breath that lifts the feet, or that nobody sees."""
    sky = Layer("sky", Image.new("RGBA", (448, 216), "black"), -64, -18, 0.0)
    body = Image.new("RGBA", (60, 140), "#ff0000")
    layers = Layers(SIZE, (sky, Layer("figure", body, 130, 30, 0.0, figure="mara")))  # so far that no camera moves it
    tops, feet = [], []
    for frame in clip(layers, "pan right", duration=4)[::4]:
        column = frame[:, 160, 0].astype(float)
        tops.append(170 - column[:171].sum() / 255)
        feet.append(column[165:175].sum())
    assert 0.3 < np.ptp(tops) < 2.5
    assert np.ptp(feet) < 80


def test_the_same_spec_and_layers_give_the_same_bytes_and_another_seed_others():
    """Catches randomness without the seed, and a seed that decides nothing where the registry says it does."""
    layers = place(somebody(150, 165), extra=(rain(),), weather="rain")
    for prompt in ("They wait.", "pan left", "handheld", "Static shot.", "rack focus to the background"):
        once, again, other = (
            b"".join(map(bytes, clip(layers, prompt, seed=seed, width=160, height=90))) for seed in (1, 1, 2)
        )
        assert once == again, prompt
        assert (once != other) == VIDEO_MODELS["animatic"].seed_matters(prompt), prompt


def test_a_rack_of_the_focus_softens_one_and_keeps_the_other():
    """Catches a rack that blurs everything, or the wrong side."""
    layers = place(somebody(150, 165))
    figure, hills = (slice(100, 160), slice(130, 170)), (slice(72, 92), slice(10, 110))

    def sharp(frame: np.ndarray, part: tuple[slice, slice]) -> float:
        grey = cv2.cvtColor(np.ascontiguousarray(frame[part]), cv2.COLOR_RGB2GRAY)
        return float(cv2.Laplacian(grey, cv2.CV_64F).std())

    for prompt, soft, kept in (
        ("rack focus to the background", figure, hills),
        ("pull focus to her face", hills, figure),
    ):
        frames = clip(layers, prompt, duration=2)
        assert sharp(frames[-1], soft) < 0.55 * sharp(frames[0], soft), prompt
        assert sharp(frames[-1], kept) > 0.6 * sharp(frames[0], kept), prompt


def test_threads_change_no_byte():
    """Catches a result that depends on how many threads OpenCV was given."""
    layers, threads = place(somebody(150, 165)), cv2.getNumThreads()
    try:
        found = []
        for count in (1, 2, 4):
            cv2.setNumThreads(count)
            found.append(clip(layers, "push in")[12].tobytes())
    finally:
        cv2.setNumThreads(threads)
    assert len(set(found)) == 1


def test_a_layered_shot_keeps_no_second_copy_of_its_layers():
    """Catches memory that grows: a sheet's pixels are those of its texture."""
    from videogen.pipelines.animatic.camera import CameraPath, read_camera
    from videogen.pipelines.animatic.life import Life

    layers = place(somebody(150, 165))
    path = CameraPath(read_camera("push in"), 24, 24, 1)
    shot = LayeredShot(layers, np.asarray(layers.flat()), path, Life({}, SIZE, 24, 1, 1.0))
    for sheet, texture in zip(shot._sheets, shot._textures, strict=True):
        assert np.shares_memory(sheet.pixels, texture.pixels)
