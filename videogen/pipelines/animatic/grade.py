"""The light of an hour and of a weather on a picture that was drawn in another."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenes.layers import Layer, Layers
from videogen.pipelines.animatic.picture import colour, gradient
from videogen.pipelines.animatic.setting import Setting

Rgb = tuple[float, float, float]

# How a picture of each hour is lit on the whole, outdoors and indoors.
_OUTDOORS: Mapping[str, Rgb] = {
    "dawn": (0.58, 0.50, 0.52),
    "day": (0.54, 0.60, 0.63),
    "noon": (0.63, 0.66, 0.63),
    "dusk": (0.36, 0.27, 0.38),
    "night": (0.10, 0.13, 0.23),
    "candle": (0.10, 0.08, 0.09),
}
_INDOORS: Mapping[str, Rgb] = {
    "dawn": (0.42, 0.38, 0.38),
    "day": (0.46, 0.45, 0.41),
    "noon": (0.54, 0.53, 0.47),
    "dusk": (0.30, 0.23, 0.22),
    "night": (0.15, 0.14, 0.16),
    "candle": (0.13, 0.085, 0.055),
}
# The sky of each hour, from its top to the horizon.
_SKIES: Mapping[str, tuple[str, ...]] = {
    "dawn": ("#7b8fc0", "#b8a8cc", "#f0bdb4", "#ffe0b8"),
    "day": ("#4f9bd1", "#8cc3e3", "#cfe6ec", "#f0f1e2"),
    "noon": ("#2f86cf", "#62b0e6", "#a5d5ef", "#dff0f2"),
    "dusk": ("#2b2a5e", "#6d4a8c", "#d97f86", "#ffc98a"),
    "night": ("#060b22", "#0d1838", "#1a2c55", "#2c4170"),
    "candle": ("#070711", "#0d0f1f", "#161a2c", "#1f2233"),
}
# What a weather does to the light: how grey it becomes, how bright, and the colour of its sky.
_WEATHERS: Mapping[str, tuple[float, float, str]] = {
    "rain": (0.6, 0.84, "#7d8894"),
    "storm": (0.72, 0.62, "#3f4853"),
    "snow": (0.55, 1.08, "#c3ccd4"),
    "fog": (0.65, 1.02, "#c9cfd2"),
    "wind": (0.08, 0.98, "#b9c7cf"),
}
_OVERCAST = {"rain": 0.7, "storm": 0.8, "snow": 0.65, "fog": 0.75, "wind": 0.15}
# How grey colours become in an hour that a picture was not drawn in: a sunset's have no place at night.
_PALE: Mapping[str, float] = {"dawn": 0.1, "day": 0.2, "noon": 0.2, "night": 0.6, "candle": 0.35}
_LOOK = 160  # pixels across
_GREY = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True)
class Grade:
    """curves: (3, 256), what becomes of each value of each channel. grey: how grey colours become, 0 to 1.

    sky: the colours of another sky from top to horizon, and how much of it is seen; none where the sky stays.
    """

    curves: NDArray[np.uint8]
    grey: float = 0.0
    sky: tuple[str, ...] = ()
    sky_share: float = 0.0

    def of(self, image: Image.Image) -> Image.Image:
        """The picture in this light; its alpha stays."""
        pixels = np.array(image)
        rgb = np.ascontiguousarray(pixels[..., :3])
        if self.grey:
            keep = 1 - self.grey
            matrix = np.eye(3) * keep + self.grey * np.repeat(_GREY[None], 3, axis=0)
            rgb = np.asarray(cv2.transform(rgb, matrix.astype(np.float32)), dtype=np.uint8)
        pixels[..., :3] = cv2.LUT(rgb, self.curves.T[None].copy())
        return Image.fromarray(pixels)

    def of_sky(self, layer: Layer, height: int) -> Image.Image:
        """A sky in this light; height: of the frame it reaches down into."""
        lit = np.array(self.of(layer.image))
        if not self.sky:
            return Image.fromarray(lit)
        rows = lit.shape[0]
        ramp = gradient(self.sky, max(round(height * 0.62 - layer.top), 2), 1)[:, 0]
        ramp = np.concatenate([ramp, np.repeat(ramp[-1:], max(rows - len(ramp), 0), axis=0)])[:rows]
        column = np.repeat(np.rint(ramp * 255).astype(np.uint8)[:, None], lit.shape[1], axis=1)
        lit[..., :3] = cv2.addWeighted(
            np.ascontiguousarray(lit[..., :3]), 1 - self.sky_share, column, self.sky_share, 0
        )
        return Image.fromarray(lit)


def overview(place: Layers) -> Image.Image:
    """The place as one small picture, to measure its light and to see where it is lively."""
    scale = _LOOK / place.size[0]
    size = (_LOOK, max(round(place.size[1] * scale), 2))
    picture = Image.new("RGBA", size, "black")
    for layer in place.layers:
        shape = (max(round(layer.image.width * scale), 1), max(round(layer.image.height * scale), 1))
        small = layer.image.resize(shape, Image.Resampling.BOX, reducing_gap=1.0)
        moved = Image.new("RGBA", size)
        moved.paste(small, (round(layer.left * scale), round(layer.top * scale)))
        picture.alpha_composite(moved)
    return picture


def grade_of(look: Image.Image, setting: Setting, own: Setting, *, drawn: bool) -> Grade:
    """The light of the setting on a place that shows `own`. look: its overview. drawn: for this hour already."""
    hour = "" if setting.hour == own.hour else setting.hour
    weather = "" if setting.is_indoors else setting.weather
    if drawn:
        hour = hour if setting.hour in ("noon", "candle") else ""
    small = np.asarray(look.convert("RGB"), dtype=np.float32) / 255
    pale = _PALE.get(hour, 0.0)
    means = small.reshape(-1, 3).mean(axis=0)
    means = np.clip(means * (1 - pale) + float(means @ _GREY) * pale, 0.03, 0.95)
    values = np.linspace(0, 1, 256)
    curves = np.repeat(values[None], 3, axis=0)
    if hour:
        wanted = np.array((_INDOORS if setting.is_indoors else _OUTDOORS)[hour])
        strength = 0.9 if own.hour else 0.6
        for channel in range(3):
            power = np.clip(np.log(wanted[channel]) / np.log(means[channel]), 0.5, 2.4)
            curve = values**power
            if power > 1:  # lamps, windows and the moon keep their light when everything around them grows dark
                curve += (values - curve) * np.clip((values - 0.7) / 0.3, 0, 1) * 0.85
            curves[channel] = values + (curve - values) * strength
    grey, level, overcast = _WEATHERS.get(weather, (0.0, 1.0, ""))
    grey = max(grey, pale)
    sky: tuple[str, ...] = _SKIES[hour] if hour else ()  # indoors it is seen through a window
    share = 0.82 if sky else 0.0
    if overcast:
        now = setting.hour or own.hour or "day"
        dim = {"night": 0.3, "candle": 0.25, "dusk": 0.66, "dawn": 0.92}.get(now, 1.0)
        cloud = colour(overcast) * np.float32(dim)
        base = sky or _SKIES[now]
        share = max(share, _OVERCAST[weather])
        mix = np.float32(_OVERCAST[weather])
        sky = tuple(
            _text(colour(stop) * (1 - mix) + cloud * mix * np.float32(0.85 + 0.2 * at))
            for at, stop in enumerate(base[-3:])
        )
        curves = np.clip(curves * level, 0, 1)
    return Grade(np.rint(np.clip(curves, 0, 1) * 255).astype(np.uint8), grey, sky, share)


def light_on(look: Image.Image) -> Rgb:
    """What falls on people in a place, by channel: 1 leaves them as they are drawn."""
    small = np.asarray(look.convert("RGB"), dtype=np.float32) / 255
    mean = small[len(small) // 3 :].reshape(-1, 3).mean(axis=0)
    level = max(float(mean @ _GREY), 1e-3)
    full = mean / level * (0.42 + 0.58 * min(level / 0.4, 1.0))
    red, green, blue = (float(1 + (min(value, 1.25) - 1) * 0.7) for value in full)
    return red, green, blue


def lit(image: Image.Image, light: Rgb, share: float = 1.0) -> Image.Image:
    """A figure in that light."""
    scale = [1 + (value - 1) * share for value in light]
    tables = [[min(round(value * factor), 255) for value in range(256)] for factor in scale]
    return image.point([*tables[0], *tables[1], *tables[2], *range(256)])


def _text(paint: NDArray[np.float32]) -> str:
    return "#" + "".join(f"{int(np.clip(round(float(value) * 255), 0, 255)):02x}" for value in paint)
