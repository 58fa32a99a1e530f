"""A storyboard panel: the place, the people in it and the light of the hour, composed without a model."""

import numpy as np
from PIL import Image

from videogen.geometry import cover_box
from videogen.pipelines.animatic.figures import Figure, Kind, alpha_of, figure
from videogen.pipelines.animatic.grade import graded, vignette
from videogen.pipelines.animatic.picture import Light, glow, lay, luminance
from videogen.pipelines.animatic.reframe import reframed
from videogen.pipelines.animatic.scenery import draw_place
from videogen.pipelines.animatic.setting import Setting, read_setting
from videogen.pipelines.animatic.staging import Place, stage
from videogen.pipelines.base import OnStep, Phase, Picture, Pixels
from videogen.specs import FrameSpec


class AnimaticFrame:
    """Makes a storyboard panel.

    The seed moves the people a little, chooses their sides where their pictures do not tell where they look, and
    decides where hills, trees and houses are where a place is drawn from words.
    """

    def generate(self, spec: FrameSpec, pictures: list[Picture], on_step: OnStep) -> Pixels:
        """Compose the panel of spec.width x spec.height.

        An end frame that was given its start frame is that picture seen by a camera that has moved on.
        """
        start = next((one.image for one in pictures if one.kind == "start_frame" and one.image), None)
        location = next((one for one in pictures if one.kind == "location"), None)
        people = [one for one in pictures if one.kind == "character"]
        if start is not None:
            on_step(Phase.DENOISING, 0, 1)
            panel = reframed(start, spec)
            on_step(Phase.DENOISING, 1, 1)
            return panel
        return _compose(spec, location, people, on_step)


def _compose(spec: FrameSpec, location: Picture | None, people: list[Picture], on_step: OnStep) -> Pixels:
    steps = len(people) + 2
    rng = np.random.default_rng(spec.seed)
    setting = read_setting(spec.prompt, *((location.name, location.description) if location else ()))
    backdrop = _backdrop(spec, location, setting)
    on_step(Phase.DENOISING, 1, steps)
    places = stage([figure(one) for one in people], spec.width, spec.height, rng)
    tint = _surrounding(backdrop)
    for count, place in enumerate(places, start=2):
        _stand(backdrop, place, tint)
        on_step(Phase.DENOISING, count, steps)
    vignette(backdrop)
    panel = np.round(np.clip(backdrop, 0, 1) * 255).astype(np.uint8)
    on_step(Phase.DENOISING, steps, steps)
    return panel


def _backdrop(spec: FrameSpec, location: Picture | None, setting: Setting) -> Light:
    if location is None or location.image is None:
        return draw_place(setting, spec.width, spec.height, spec.seed or 0)
    picture = location.image.convert("RGB")
    size = (spec.width, spec.height)
    box = cover_box(picture.size, size, across=_liveliest(picture, spec.width / spec.height))
    covered = picture.resize(size, Image.Resampling.LANCZOS, box=box)
    light = np.asarray(covered, dtype=np.float32) * np.float32(1 / 255)
    return graded(light, read_setting(spec.prompt).time)


def _liveliest(picture: Image.Image, aspect: float) -> float:
    """Where across the picture, 0 to 1, a narrower window shows most of what is drawn; 0.5 where none is narrower."""
    if picture.width / picture.height <= aspect * 1.02:
        return 0.5
    small = np.asarray(picture.convert("L").resize((160, 90), Image.Resampling.BOX), dtype=np.float32)
    detail = np.abs(np.diff(small, axis=0))[:, :-1] + np.abs(np.diff(small, axis=1))[:-1]
    columns = detail.sum(axis=0)
    window = max(round(160 * aspect * picture.height / picture.width), 1)
    sums = np.convolve(columns, np.ones(window), "valid")
    places = np.linspace(0, 1, len(sums))
    # Between places that are as lively as each other, the one nearer to the middle.
    return float(places[np.argmax(sums * (1 - 0.25 * np.abs(places - 0.5)))])


def _surrounding(backdrop: Light) -> Light:
    """The colour of the light that falls on people in front of the backdrop."""
    lower = backdrop[backdrop.shape[0] // 3 :]
    mean = lower.reshape(-1, 3).mean(axis=0)
    level = max(luminance(lower), 1e-3)
    return np.asarray(mean / level, dtype=np.float32) * np.float32(0.82 + 0.18 * min(level / 0.45, 1.0))


def _stand(panel: Light, place: Place, tint: Light) -> None:
    size = (max(round(place.height * place.figure.aspect), 1), max(round(place.height), 1))
    picture = place.figure.picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if place.mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    left, top = round(place.x - size[0] / 2), round(place.foot - size[1])
    _shadow(panel, place, size)
    rows = slice(max(top, 0), min(top + size[1], panel.shape[0]))
    columns = slice(max(left, 0), min(left + size[0], panel.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    seen = picture.crop((columns.start - left, rows.start - top, columns.stop - left, rows.stop - top))
    colours = np.asarray(seen.convert("RGB"), dtype=np.float32) * np.float32(1 / 255)
    if place.figure.kind is not Kind.CARD:
        colours = _lit(colours, place.figure, tint)
    lay(panel[rows, columns], alpha_of(seen), colours)


def _lit(colours: Light, one: Figure, tint: Light) -> Light:
    # The one who speaks stands nearer, in clearer light.
    share = np.float32(0.16 if one.speaking else 0.3)
    return np.clip(colours * (1 + (tint - 1) * share), 0, 1)


def _shadow(panel: Light, place: Place, size: tuple[int, int]) -> None:
    height, width = panel.shape[:2]
    dark = np.zeros(3, np.float32) + np.array([0.03, 0.03, 0.07], np.float32)
    if place.figure.kind is Kind.CARD:
        middle = place.foot - size[1] / 2
        soft = glow(height, width, place.x, middle + 0.03 * size[1], size[0] * 0.85, size[1] / size[0])
        lay(panel, np.clip(soft * 2.2, 0, 1), dark, 0.5)
    elif place.figure.kind is Kind.FULL and place.foot < height:
        reach = max(_stance(place.figure) * size[1], size[1] * 0.12)
        foot = place.foot - 0.008 * size[1]
        lay(panel, glow(height, width, place.x + 0.08 * reach, foot, reach * 1.25, 0.2), dark, 0.5)
        lay(panel, np.clip(glow(height, width, place.x, foot, reach * 0.8, 0.11) * 2, 0, 1), dark, 0.5)


def _stance(one: Figure) -> float:
    """Half the width of the feet, in parts of the figure's height."""
    alpha = one.picture.getchannel("A")
    feet = alpha.crop((0, round(alpha.height * 0.95), alpha.width, alpha.height)).getbbox()
    return 0.12 if feet is None else (feet[2] - feet[0]) / 2 / alpha.height
