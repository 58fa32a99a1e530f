"""A storyboard panel: the place, the people in it and the light of the hour, in layers and without a model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenes.layers import Ground, Layer, Layers
from videogen.phase import Phase
from videogen.pipelines.animatic import weather
from videogen.pipelines.animatic.camera import read_camera
from videogen.pipelines.animatic.cast import Staging
from videogen.pipelines.animatic.directions import read_directions
from videogen.pipelines.animatic.figures import Figure, figure
from videogen.pipelines.animatic.framing import Stage, view_of
from videogen.pipelines.animatic.grade import Grade, grade_of, light_on, overview
from videogen.pipelines.animatic.place import place_of
from videogen.pipelines.animatic.reframe import moved, one_plane, seen_from
from videogen.pipelines.animatic.setting import Setting, names_smoke, own_words, read_setting
from videogen.pipelines.animatic.shot import Shot, chosen_shot
from videogen.pipelines.animatic.staging import stage
from videogen.pipelines.animatic.standing import figure_layer
from videogen.pipelines.animatic.undrawn import sentence, undrawn
from videogen.pipelines.base import Drawing, OnStep, Picture, Weightless
from videogen.specs import FrameSpec

_NO_ROOM = "Around the start frame is no more picture, so the camera does not move away from it."
VARIANTS = 4  # seeds in a row give as many stagings of the same words
_SNOW = {"ground": 0.6, "near": 0.25, "middle": 0.14, "far": 0.1}
_CLOSE = 0.95  # depth of what stands at the camera
_FAR = 0.45  # depth: fog lies before what is farther


class AnimaticFrame(Weightless):
    """Makes a storyboard panel.

    The words decide the shot, who stands where, the hour and the weather. The seed chooses one of four stagings of the
    same words, moves everyone a little, and decides where hills, trees and houses are in a place drawn from words.
    """

    def generate(self, spec: FrameSpec, pictures: list[Picture], on_step: OnStep) -> Drawing:
        """Compose the panel of spec.width x spec.height.

        An end frame with `like_start` shows its start frame after the camera has moved as the prompt says (closer,
        where it says nothing), and in the light of the hour that it names.
        """
        start = next((picture for picture in pictures if picture.kind == "start_frame" and picture.image), None)
        if spec.like_start and start is not None:
            return _later(spec, start, on_step)
        location = next((picture for picture in pictures if picture.kind == "location"), None)
        people = [figure(picture) for picture in pictures if picture.kind == "character"]
        looks = tuple(picture.description for picture in pictures if picture.kind == "character")
        panel = _Panel.of(spec, location, people, looks)
        staging = panel.staging()
        layers = panel.layers(staging, on_step)
        return Drawing(np.asarray(layers.flat()), layers, panel.notes(staging))


def _later(spec: FrameSpec, start: Picture, on_step: OnStep) -> Drawing:
    on_step(Phase.DENOISING, 0, 1)
    size = (spec.width, spec.height)
    layers = start.layers
    if layers is None or layers.size != size:
        if start.image is None:
            raise ValueError("the start frame has no picture")
        layers = one_plane(start.image, size)
    move = read_camera(spec.prompt)
    seen = seen_from(layers, moved(move, spec.seed or 0))
    if seen is not layers:
        seen = replace(seen, made={key: value for key, value in seen.made.items() if key != "camera"})
    was = read_setting(own_words(start.description))
    now = read_setting(own_words(spec.prompt))
    if now.hour and now.hour != was.hour:
        grade = grade_of(overview(seen), replace(now, weather=""), was, drawn=False)
        seen = replace(seen, layers=tuple(_graded(layer, grade, spec.height) for layer in seen.layers))
        seen = replace(seen, made={**seen.made, "hour": now.hour})
    on_step(Phase.DENOISING, 1, 1)
    stays = move.closer < 0 and all(
        one.image is other.image for one, other in zip(seen.layers, layers.layers, strict=True)
    )
    return Drawing(np.asarray(seen.flat()), seen, (_NO_ROOM,) if stays else ())


def _graded(layer: Layer, grade: Grade, height: int) -> Layer:
    if layer.kind in ("weather", "light"):
        return layer
    return replace(layer, image=grade.of_sky(layer, height) if layer.kind == "sky" else grade.of(layer.image))


@dataclass(frozen=True, slots=True)
class _Panel:
    """What the words and pictures of one panel come to."""

    spec: FrameSpec
    location: Picture | None
    people: Sequence[Figure]
    words: str
    setting: Setting
    own: Setting  # what the location's picture shows already
    looks: tuple[str, ...]
    shot: Shot
    variant: int

    @classmethod
    def of(
        cls, spec: FrameSpec, location: Picture | None, people: Sequence[Figure], looks: tuple[str, ...]
    ) -> "_Panel":
        """Read the words."""
        about = (location.description, location.name) if location else ()
        words = own_words(spec.prompt, about[0] if about else "", looks)
        rest = own_words(spec.prompt, looks=looks)  # with the place and the style
        said = read_setting(words, *about, rest)
        setting = replace(said, place=read_setting(*about, words, rest).place)
        own = read_setting(*about) if location and location.image is not None else Setting("", setting.place, "")
        variant = (spec.seed or 0) % VARIANTS
        is_line = any(person.speaking for person in people)
        shot = chosen_shot(words, people=len(people), is_line=is_line, variant=variant)
        if not shot.named and shot.shows_feet and any(part.kneels for part in read_directions(words, people).parts):
            shot = replace(shot, size="medium")  # who kneels is seen from the waist up
        return cls(spec, location, people, words, setting, own, looks, shot, variant)

    @property
    def is_drawn(self) -> bool:
        """Whether the place is drawn from words."""
        return self.location is None or self.location.image is None

    @property
    def weather(self) -> str:
        """The weather that is laid over the place: none where its picture shows it."""
        return "" if self.setting.weather == self.own.weather and not self.is_drawn else self.setting.weather

    def notes(self, staging: Staging) -> tuple[str, ...]:
        """What was asked for and is not in the panel, in sentences."""
        known = [self.location.name, self.location.description] if self.location else []
        things = undrawn(self.words, [*known, *self.looks, *(person.name for person in self.people)])
        notes = [sentence(things)] if things else []
        if staging.unseen:
            names = ", ".join(person.name for person in staging.unseen)
            notes.append(f"The shot is too close for everybody. Out of the frame: {names}.")
        if self.shot.shows_feet and any(part.kneels for part in read_directions(self.words, self.people).parts):
            notes.append(
                "The animatic draws people standing or sitting. Choose a medium shot or a closer one for who kneels."
            )
        return tuple(notes)

    def staging(self) -> Staging:
        """Place the camera and the people."""
        seed, size = self.spec.seed or 0, (self.spec.width, self.spec.height)
        place = place_of(self.location, self.setting, size, seed)
        told = read_directions(self.words, self.people)
        return stage(self.shot, self.people, told, Stage.of(place), size, np.random.default_rng(seed), self.variant)

    def layers(self, staging: Staging, on_step: OnStep) -> Layers:
        """Compose the panel."""
        seed, size, steps = self.spec.seed or 0, (self.spec.width, self.spec.height), len(self.people) + 2
        place = staging.camera.stage.place
        look = overview(place)
        grade = grade_of(look, replace(self.setting, weather=self.weather), self.own, drawn=self.is_drawn)
        behind = self._place(place, staging, grade)
        on_step(Phase.DENOISING, 1, steps)
        light = light_on(grade.of(look))
        stack = [*behind]
        for count, spot in enumerate(staging.places, start=2):
            made = figure_layer(spot, size, light, shows_feet=self.shot.shows_feet)
            if made is not None:
                depth = spot.depth if staging.blur > 1 else staging.camera.depth_now(spot.depth)
                stack = _inserted(stack, replace(made, depth=depth))
            on_step(Phase.DENOISING, min(count, steps - 1), steps)
        stack = self._weathered(stack, staging, np.random.default_rng([seed, 1]))
        nearest = max([layer.near_depth or layer.depth for layer in stack] + [1e-6])
        stack = [_measured(layer, nearest) for layer in stack]
        on_step(Phase.DENOISING, steps, steps)
        said = self._made() | {"camera": staging.camera.told(nearest)}
        return Layers(size, tuple(stack), _ground(staging), said)

    def _made(self) -> dict[str, object]:
        hour = self.setting.hour or self.own.hour or "day"
        outside = "" if self.setting.is_indoors else self.setting.weather
        return {
            "location": self.location.name if self.location else "",
            "hour": hour,
            "weather": outside,
            "indoors": self.setting.is_indoors,
            "shot": self.shot.size,
            "angle": self.shot.angle,
            "seed": self.spec.seed or 0,
        }

    def _place(self, place: Layers, staging: Staging, grade: Grade) -> list[Layer]:
        """The layers of the place as the camera sees them, in this light."""
        found, scale, camera = [], staging.blur, staging.camera
        indoors = self.setting.is_indoors
        for layer in place.layers:
            at_camera = layer.kind == "near" and layer.depth > _CLOSE and (camera.dolly < 0 or camera.rise < 0)
            if at_camera or layer.depth > staging.nearest:
                continue  # it would stand between, or end in the air
            far = 1 - min(layer.depth if layer.near_depth is None else (layer.depth + layer.near_depth) / 2, 1.0)
            seen = view_of(layer, camera, scale * (0.35 + 0.65 * far))
            if seen is None:
                continue
            if layer.kind == "sky" or (indoors and layer.kind == "far" and grade.sky):
                image = grade.of_sky(seen, self.spec.height)
            else:
                image = grade.of(seen.image)
            if self.weather == "snow" and not indoors and layer.kind in _SNOW and not _is_water(layer):
                image = weather.settled_snow(image, _SNOW[layer.kind])
            found.append(replace(seen, image=image))
        return found

    def _weathered(self, stack: list[Layer], staging: Staging, rng: np.random.Generator) -> list[Layer]:
        """The stack with its weather, its candle and its vignette."""
        hour = self.setting.hour or self.own.hour
        dim = {"night": 0.5, "candle": 0.5, "dusk": 0.8}.get(hour, 1.0)
        sheet = weather.Sheet(self.spec.width, self.spec.height, rng, dim)
        if self.weather and self.setting.is_indoors:
            # Through the window, where there is one behind the wall.
            at = next((index for index, layer in enumerate(stack) if layer.kind == "middle"), 0)
            if at:
                stack = [*stack[:at], *weather.between(self.weather, sheet), *stack[at:]]
        elif self.weather:
            at = next((index for index, layer in enumerate(stack) if layer.kind != "sky"), 0)
            stack = [*stack[:at], *weather.in_the_sky(self.weather, sheet), *stack[at:]]
            at = _before_people(stack) if self.weather != "fog" else _before_near(stack)
            stack = [*stack[:at], *weather.between(self.weather, sheet), *stack[at:]]
            stack += weather.before(self.weather, sheet)
        if names_smoke(self.words) and not any(layer.kind == "smoke" for layer in stack):
            at = _before_people(stack)
            stack = [*stack[:at], weather.smoke(sheet), *stack[at:]]
        if hour == "candle":
            x, y = self.spec.width * 0.5, self.spec.height * 0.6
            if staging.places:
                main = staging.places[-1]
                x, y = main.x, min(main.foot - main.height * 0.6, self.spec.height * 0.62)
            stack += weather.candle(sheet, x, y)
        return [*stack, weather.vignette(sheet)]


def _is_water(layer: Layer) -> bool:
    return layer.kind == "middle" and layer.near_depth is not None


def _before_people(stack: list[Layer]) -> int:
    return next((index for index, layer in enumerate(stack) if layer.kind in ("figure", "near")), len(stack))


def _before_near(stack: list[Layer]) -> int:
    near = ("figure", "near", "ground")
    return next((at for at, layer in enumerate(stack) if layer.kind in near or layer.depth > _FAR), len(stack))


def _inserted(stack: list[Layer], one: Layer) -> list[Layer]:
    """The stack with a figure before whatever is farther, and always before the ground."""
    ground = max((index for index, layer in enumerate(stack) if layer.kind in ("ground", "figure")), default=-1) + 1
    at = next((index for index in range(ground, len(stack)) if stack[index].depth > one.depth), len(stack))
    return [*stack[:at], one, *stack[at:]]


def _measured(layer: Layer, nearest: float) -> Layer:
    """The layer with its depths in parts of the nearest; weather and light have theirs already."""
    if layer.kind in ("weather", "light"):
        return layer
    near = None if layer.near_depth is None else float(min(layer.near_depth / nearest, 1.0))
    return replace(layer, depth=float(min(layer.depth / nearest, 1.0)), near_depth=near)


def _ground(staging: Staging) -> Ground:
    """Where people can stand, as the frame shows it."""
    camera, place = staging.camera, staging.camera.stage.place
    width, height = place.size
    points = []
    for x, y in place.ground.polygon:
        seen = camera.seen(x * width, y * height, camera.stage.depth_of(y * height))
        points.append((round(seen[0] / camera.size[0], 4), round(seen[1] / camera.size[1], 4)))
    return Ground(tuple(points), place.ground.person)
