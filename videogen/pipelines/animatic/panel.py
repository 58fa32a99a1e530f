"""A storyboard panel: the place, the people in it and the light of the hour, composed without a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from videogen.phase import Phase
from videogen.pipelines.animatic.camera import read_camera
from videogen.pipelines.animatic.figures import Figure, Kind, alpha_of, figure
from videogen.pipelines.animatic.grade import graded, vignette
from videogen.pipelines.animatic.picture import Light, glow, lay, luminance
from videogen.pipelines.animatic.reframe import STILL, Stand, closed_in, moved, reframed, seen_from
from videogen.pipelines.animatic.scenery import draw_place
from videogen.pipelines.animatic.setting import read_setting
from videogen.pipelines.animatic.staging import Place, stage
from videogen.pipelines.base import Drawing, OnStep, Picture, Pixels, Weightless
from videogen.pipelines.geometry import cover_box
from videogen.specs import FrameSpec

_TRIED_SEEDS = 12
_LOOK_WIDTH = 240  # pixels; enough to tell whether a start frame was composed here


class AnimaticFrame(Weightless):
    """Makes a storyboard panel.

    The seed moves the people a little, chooses their sides where their pictures do not tell where they look, and
    decides where hills, trees and houses are where a place is drawn from words.
    """

    def generate(self, spec: FrameSpec, pictures: list[Picture], on_step: OnStep) -> Drawing:
        """Compose the panel of spec.width x spec.height.

        An end frame that was given its start frame shows the same panel after the camera has moved as the prompt
        says (closer, where it says nothing), nearer things by more than farther ones. Where the start frame was
        not composed here from the same place, it is the start frame itself that the camera moves over.
        """
        start = next((picture for picture in pictures if picture.kind == "start_frame" and picture.image), None)
        location = next((picture for picture in pictures if picture.kind == "location"), None)
        people = [figure(picture) for picture in pictures if picture.kind == "character"]
        panel = _Panel(spec, location, people)
        if start is None or start.image is None:
            return Drawing(panel.composed(spec.seed or 0, STILL, on_step))
        move = read_camera(spec.prompt)
        seed = panel.seed_of(start.image, read_setting(start.description).time)
        if seed is None:
            on_step(Phase.DENOISING, 0, 1)
            seen = reframed(start.image, spec, move)
            on_step(Phase.DENOISING, 1, 1)
            return Drawing(seen)
        return Drawing(panel.composed(seed, moved(move, spec.seed or 0), on_step))


@dataclass(frozen=True, slots=True)
class _Panel:
    spec: FrameSpec
    location: Picture | None
    people: Sequence[Figure]

    def composed(self, seed: int, stand: Stand, on_step: OnStep) -> Pixels:
        """The panel, seen from where the camera stands."""
        size, steps = (self.spec.width, self.spec.height), len(self.people) + 2
        backdrop = self._backdrop(size, read_setting(self.spec.prompt).time, seed)
        seen = seen_from(backdrop, stand)
        on_step(Phase.DENOISING, 1, steps)
        tint = _surrounding(seen)
        places = stage(self.people, *size, np.random.default_rng(seed))
        for count, place in enumerate(places, start=2):
            _stand(seen, closed_in(place, stand, *size), tint)
            on_step(Phase.DENOISING, count, steps)
        vignette(seen)
        panel = np.round(np.clip(seen, 0, 1) * 255).astype(np.uint8)
        on_step(Phase.DENOISING, steps, steps)
        return panel

    def seed_of(self, start: Image.Image, time: str) -> int | None:
        """A seed that gives the composition of the start frame, None where it is not one of ours.

        Compared are the skies first, then the whole pictures: which of the seeds puts everyone where they are.
        """
        if self.location is None or self.location.image is None:
            return None
        size = (_LOOK_WIDTH, max(round(_LOOK_WIDTH * self.spec.height / self.spec.width), 16))
        known = np.asarray(_covered(start, size), dtype=np.float32) / np.float32(255)
        backdrop = self._backdrop(size, time, 0)
        bare = backdrop.copy()
        vignette(bare)
        sky = slice(0, size[1] // 4)
        if float(np.abs(bare[sky] - known[sky]).mean()) > 0.02:
            return None
        tint = _surrounding(backdrop)
        errors = []
        for seed in range(_TRIED_SEEDS):
            tried = backdrop.copy()
            for place in stage(self.people, *size, np.random.default_rng(seed)):
                _stand(tried, place, tint)
            vignette(tried)
            errors.append(float(np.abs(tried - known).mean()))
        return int(np.argmin(errors))

    def _backdrop(self, size: tuple[int, int], time: str, seed: int) -> Light:
        place = self.location
        if place is None or place.image is None:
            words = (place.name, place.description) if place else ()
            return draw_place(read_setting(self.spec.prompt, *words), *size, seed)
        across = _liveliest(place.image, size[0] / size[1])
        light = np.asarray(_covered(place.image, size, across), dtype=np.float32) * np.float32(1 / 255)
        return graded(light, time)


def _covered(picture: Image.Image, size: tuple[int, int], across: float = 0.5) -> Image.Image:
    rgb = picture.convert("RGB")
    return rgb.resize(size, Image.Resampling.LANCZOS, box=cover_box(rgb.size, size, across=across), reducing_gap=3.0)


def _liveliest(picture: Image.Image, aspect: float) -> float:
    """Where across the picture, 0 to 1, a narrower window shows most of what is drawn; 0.5 where none is narrower."""
    if picture.width / picture.height <= aspect * 1.02:
        return 0.5
    small = np.asarray(picture.convert("L").resize((160, 90), Image.Resampling.BOX), dtype=np.float32)
    detail = np.abs(np.diff(small, axis=0))[:, :-1] + np.abs(np.diff(small, axis=1))[:-1]
    window = max(round(160 * aspect * picture.height / picture.width), 1)
    # What is drawn counts most in the middle of the window.
    sums = np.convolve(detail.sum(axis=0), np.hanning(window + 2)[1:-1], "valid")
    places = np.linspace(0, 1, len(sums))
    # Between places that are as lively as each other, the one nearer to the middle.
    return float(places[np.argmax(sums * (1 - 0.25 * np.abs(places - 0.5)))])


def _surrounding(backdrop: Light) -> Light:
    """The colour of the light that falls on people in front of the backdrop."""
    lower = backdrop[backdrop.shape[0] // 3 :]
    mean = lower.reshape(-1, 3).mean(axis=0)
    level = max(luminance(lower), 1e-3)
    return np.asarray(mean / level, dtype=np.float32) * np.float32(0.72 + 0.28 * min(level / 0.4, 1.0))


def _stand(panel: Light, place: Place, tint: Light) -> None:
    size = (max(round(place.height * place.figure.aspect), 1), max(round(place.height), 1))
    left, top = round(place.x - size[0] / 2), round(place.foot - size[1])
    rows = slice(max(top, 0), min(top + size[1], panel.shape[0]))
    columns = slice(max(left, 0), min(left + size[0], panel.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    picture = place.figure.picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if place.mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    _shadow(panel, place, size)
    seen = picture.crop((columns.start - left, rows.start - top, columns.stop - left, rows.stop - top))
    colours = np.asarray(seen.convert("RGB"), dtype=np.float32) * np.float32(1 / 255)
    if place.figure.kind is not Kind.CARD:
        colours = _lit(colours, place.figure, tint)
    lay(panel[rows, columns], alpha_of(seen), colours)


def _lit(colours: Light, one: Figure, tint: Light) -> Light:
    # The one who speaks stands nearer, in clearer light.
    share = np.float32(0.25 if one.speaking else 0.45)
    return np.clip(colours * (1 + (tint - 1) * share), 0, 1)


def _shadow(panel: Light, place: Place, size: tuple[int, int]) -> None:
    height, width = panel.shape[:2]
    dark = np.array([0.03, 0.03, 0.07], np.float32)
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
