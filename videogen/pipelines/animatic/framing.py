"""Where the camera stands before a place in layers, and what it sees of each layer from there.

A place is seen as it is drawn from (0, 0). The camera comes closer by `dolly`: what has the depth d is then
1 / (1 - dolly x d) times as large around the vanishing point, so the sky stays and near things grow, and a ground that
lies flat stays flat: its layer is seen through a homography. `zoom` enlarges all alike, and `centre` is where it looks.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenes.layers import Layer, Layers

Pixels4 = NDArray[np.uint8]  # (height, width, 4)

_ROOM = (0.12, 0.07)  # beside the frame, in parts of its sides: what a camera may move on to
_NEAREST = 0.94  # of the way to a layer: what would be behind the camera is not drawn
_ABOVE, _BELOW = 0.12, 0.14  # of the frame, that is made up where a place is seen from farther than it is drawn
_SMALL = 0.6  # times as large: below it a picture is made smaller first, so that nothing flickers


@dataclass(frozen=True, slots=True)
class Stage:
    """A place that people can stand in. vanish_x, vanish_y: the vanishing point; depth grows evenly below it."""

    place: Layers
    vanish_x: float
    vanish_y: float
    slope: float  # depth a pixel below the vanishing point

    @property
    def backdrop(self) -> float:
        """The depth of the farthest layer that goes from side to side: what is seen through its windows keeps to it."""
        width = self.place.size[0]
        wide = (part for part in self.place.layers if part.left <= 0 and part.left + part.image.width >= width)
        return min((part.depth for part in wide), default=0.0)

    @classmethod
    def of(cls, place: Layers) -> "Stage":
        """Find the vanishing point in the depth of the ground."""
        width, height = place.size
        ground = next((layer for layer in place.layers if layer.kind == "ground" and layer.near_depth), None)
        if ground is None or ground.near_depth is None or ground.near_depth <= ground.depth:
            return cls(place, width / 2, height * 0.45, 1 / (height * 0.55))
        slope = (ground.near_depth - ground.depth) / (height - ground.top)
        return cls(place, width / 2, ground.top - ground.depth / slope, slope)

    def depth_of(self, foot: float) -> float:
        """The depth of who stands on the row `foot`."""
        return max((foot - self.vanish_y) * self.slope, 0.05)

    def height_of(self, foot: float) -> float:
        """The height of an adult who stands there, in pixels of the place."""
        return self.place.ground.person * self.depth_of(foot) * self.place.size[1]


@dataclass(frozen=True, slots=True)
class Camera:
    """centre: the point of the place, dollied, that is in the middle of the frame. zoom: pixels of it for one.

    rise: how far the camera is above where the place was drawn from, in the pixels that it lets depth 1 come down by;
    below 0 it is lower, and the ground is seen flatter.
    """

    stage: Stage
    size: tuple[int, int]
    zoom: float
    centre: tuple[float, float]
    dolly: float = 0.0
    rise: float = 0.0

    def told(self, nearest: float) -> dict[str, object]:
        """What a clip needs to know of it (standpoint.Standpoint). nearest: the depth that the layers call 1."""
        raised = {"rise": self.rise, "backdrop": self.stage.backdrop} if self.rise else {}
        return raised | {
            "place": self.stage.place.size,
            "vanish": (self.stage.vanish_x, self.stage.vanish_y),
            "zoom": self.zoom,
            "centre": self.centre,
            "dolly": self.dolly,
            "nearest": nearest,
        }

    def grown(self, depth: float) -> float:
        """How many times as large something at that depth is seen than it is drawn in the place."""
        return self.zoom / (1 - self.dolly * depth)

    def seen(self, x: float, y: float, depth: float) -> tuple[float, float]:
        """Where in the frame a point of the place is seen."""
        scale = 1 / (1 - self.dolly * depth)
        return (
            ((x - self.stage.vanish_x) * scale + self.stage.vanish_x - self.centre[0]) * self.zoom + self.size[0] / 2,
            ((y - self.stage.vanish_y + self.rise * depth) * scale + self.stage.vanish_y - self.centre[1]) * self.zoom
            + self.size[1] / 2,
        )

    def clamped(self) -> "Camera":
        """The camera, moved aside as far as it must to look at nothing but the place."""
        width, height = self.stage.place.size
        left, top, right, bottom = self._extent()
        half = (self.size[0] / 2 / self.zoom, self.size[1] / 2 / self.zoom)
        middle = (width / 2, height / 2)
        centre = []
        for axis, (low, high) in enumerate(((left, right), (top, bottom))):
            room = (low + half[axis], high - half[axis])
            centre.append(middle[axis] if room[0] > room[1] else min(max(self.centre[axis], room[0]), room[1]))
        return replace(self, centre=(centre[0], centre[1]))

    def fitting(self) -> "Camera":
        """The camera, no farther away than the place, and what may be added to it, fill the frame.

        Before a picture without a ground of its own it stays where that was drawn from.
        """
        if not any(layer.kind == "ground" for layer in self.stage.place.layers):
            width, height = self.stage.place.size
            zoom = max(self.zoom, self.size[0] / width, self.size[1] / height)
            return replace(self, dolly=max(self.dolly, 0.0), zoom=zoom)
        camera = self
        for _step in range(40):
            _left, top, _right, bottom = camera._extent()
            if camera.dolly >= 0 or (bottom - top) * camera.zoom >= camera.size[1]:
                break
            camera = replace(camera, dolly=min(camera.dolly * 0.93, 0.0) if camera.dolly < -0.02 else 0.0)
        return camera

    def _extent(self) -> tuple[float, float, float, float]:
        """How far the place reaches as the camera has it, before it is enlarged."""
        left, top, right, bottom = extent(self.stage.place)
        if self.dolly >= 0 and not self.rise:
            return left, top, right, bottom
        # A ground goes on below what is drawn of it, and a sky or wall above: so much of the frame may be made up.
        frame, vanish, nearest = self.size[1] / self.zoom, self.stage.vanish_y, self.stage.depth_of(bottom)
        lowest = vanish + (bottom - vanish + self.rise * nearest) / (1 - self.dolly * nearest)
        wide = [layer for layer in self.stage.place.layers if layer.top <= top + 2 and layer.left <= left + 2]
        back = max((layer.depth for layer in wide), default=0.0)
        highest = vanish + (top - vanish + self.rise * back) / (1 - self.dolly * back)
        return left, highest - _ABOVE * frame, right, lowest + _BELOW * frame

    def matrix(self, layer: Layer) -> NDArray[np.float64]:
        """The 3 x 3 matrix from a pixel of the layer's picture to the frame."""
        vx, vy = self.stage.vanish_x, self.stage.vanish_y
        place = np.array([[1, 0, layer.left - vx], [0, 1, layer.top - vy], [0, 0, 1]], dtype=np.float64)
        if layer.near_depth is None:
            dollied = np.diag([1.0, 1.0, 1 - self.dolly * min(layer.depth, self._farthest())])
            dollied[1, 2] = self.rise * max(layer.depth, self.stage.backdrop)
        else:
            height = self.stage.place.size[1]
            grows = (layer.near_depth - layer.depth) / (height - layer.top)
            at_vanish = layer.depth + grows * (vy - layer.top)
            dollied = np.array(
                [
                    [1, 0, 0],
                    [0, 1 + self.rise * grows, self.rise * at_vanish],
                    [0, -self.dolly * grows, 1 - self.dolly * at_vanish],
                ]
            )
        to_frame = np.array(
            [
                [self.zoom, 0, (vx - self.centre[0]) * self.zoom + self.size[0] / 2],
                [0, self.zoom, (vy - self.centre[1]) * self.zoom + self.size[1] / 2],
                [0, 0, 1],
            ]
        )
        matrix: NDArray[np.float64] = to_frame @ dollied @ place
        return matrix

    def _farthest(self) -> float:
        return np.inf if self.dolly <= 0 else _NEAREST / self.dolly

    def depth_now(self, depth: float) -> float:
        """The depth something has from where the camera stands, before all are measured by the nearest."""
        return depth / max(1 - self.dolly * depth, 1 - _NEAREST)


def extent(place: Layers) -> tuple[float, float, float, float]:
    """How far the place is drawn: left, top, right and bottom, in its own pixels."""
    width, height = place.size
    wide = [layer for layer in place.layers if layer.left <= 0 and layer.left + layer.image.width >= width]
    if not wide:
        return 0, 0, width, height
    return (
        max(min(layer.left for layer in wide), -width),
        min(layer.top for layer in place.layers),
        min(max(layer.left + layer.image.width for layer in wide), 2 * width),
        max(layer.top + layer.image.height for layer in place.layers),
    )


def view_of(layer: Layer, camera: Camera, blur: float = 0.0) -> Layer | None:
    """The layer as the camera sees it: its picture, cropped to what is there, with room beside the frame.

    blur: in pixels of the frame. None where nothing of it is seen.
    """
    width, height = camera.size
    room = (round(width * _ROOM[0]), round(height * _ROOM[1]))
    matrix = camera.matrix(layer)
    box = _box(layer, matrix, (width, height), room, extent(camera.stage.place))
    if box is None:
        return None
    left, top, right, bottom = box
    shrink = 2 if blur >= 3 else 1
    size = ((right - left + shrink - 1) // shrink, (bottom - top + shrink - 1) // shrink)
    place = np.array([[1 / shrink, 0, -left / shrink], [0, 1 / shrink, -top / shrink], [0, 0, 1]])
    picture, matrix = _ready(layer, matrix, camera.stage.place)
    seen = cv2.warpPerspective(picture, place @ matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if blur > 0.4:
        seen = cv2.GaussianBlur(seen, (0, 0), blur / shrink)
    if shrink > 1:
        seen = cv2.resize(seen, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    if layer.near_depth is not None and (camera.dolly < 0 or camera.rise < 0):
        seen = _gone_on(np.asarray(seen, dtype=np.uint8), layer, camera, (left, top))
    cropped = _cropped(np.asarray(seen, dtype=np.uint8))
    if cropped is None:
        return None
    pixels, (aside, down) = cropped
    depth, near = camera.depth_now(layer.depth), None
    if layer.near_depth is not None:
        near, depth = _plane(layer, camera, top + down)
        if top + down >= height:
            return None
    return replace(
        layer, image=Image.fromarray(pixels), left=left + aside, top=top + down, depth=depth, near_depth=near
    )


def _gone_on(seen: Pixels4, layer: Layer, camera: Camera, corner: tuple[int, int]) -> Pixels4:
    """A ground that goes on towards the camera below what is drawn of it, spreading as its last row does."""
    matrix = camera.matrix(layer)
    foot = matrix @ np.array([layer.image.width / 2, layer.image.height - 2.0, 1.0])
    last = int(foot[1] / foot[2]) - corner[1] - 1
    if not 0 < last < len(seen) - 1:
        return seen
    vanish = camera.seen(camera.stage.vanish_x, camera.stage.vanish_y, 0)
    rows = np.arange(len(seen) - last, dtype=np.float32)[:, None] + np.float32(last)
    level = np.float32(vanish[1] - corner[1])
    middle = np.float32(vanish[0] - corner[0])
    columns = np.arange(seen.shape[1], dtype=np.float32)[None, :]
    across = middle + (columns - middle) * (np.float32(last) - level) / (rows - level)
    down = np.full_like(across, last)
    seen[last:] = cv2.remap(seen, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return seen


def _plane(layer: Layer, camera: Camera, top: float) -> tuple[float, float]:
    """The depth of a flat layer at the frame's lower edge, and at its own upper one."""
    inverse = np.linalg.inv(camera.matrix(layer))

    def at(row: float) -> float:
        point = inverse @ np.array([camera.size[0] / 2, row, 1.0])
        place = point[1] / point[2] + layer.top
        return camera.depth_now(max(layer.depth_at(place, camera.stage.place.size[1]), 0.0))

    return at(camera.size[1]), at(top)


def _box(
    layer: Layer,
    matrix: NDArray[np.float64],
    size: tuple[int, int],
    room: tuple[int, int],
    reach: tuple[float, float, float, float],
) -> tuple[int, int, int, int] | None:
    """What of the frame and its room the layer covers; a layer that ends where the place ends has no end."""
    width, height = layer.image.size
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], dtype=np.float64)
    places = corners @ matrix.T
    if (places[:, 2] <= 0).any():
        return -room[0], -room[1], size[0] + room[0], size[1] + room[1]
    points = places[:, :2] / places[:, 2:]
    ends = _ends(layer, reach)
    # What is made up where a place ends fills the frame; a camera does not move on to it.
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    left, top = (min(left, 0) if ends[0] else left), (min(top, 0) if ends[1] else top)
    right, bottom = (max(right, size[0]) if ends[2] else right), (max(bottom, size[1]) if ends[3] else bottom)
    box = (
        int(max(np.floor(max(left, -room[0])) - 1, -room[0])),
        int(max(np.floor(max(top, -room[1])) - 1, -room[1])),
        int(min(np.ceil(min(right, size[0] + room[0])) + 1, size[0] + room[0])),
        int(min(np.ceil(min(bottom, size[1] + room[1])) + 1, size[1] + room[1])),
    )
    return None if box[0] >= box[2] or box[1] >= box[3] else box


def _ends(layer: Layer, reach: tuple[float, float, float, float]) -> tuple[bool, bool, bool, bool]:
    right, bottom = layer.left + layer.image.width, layer.top + layer.image.height
    return (
        layer.left <= reach[0] + 2,
        layer.top <= reach[1] + 2,
        right >= reach[2] - 2,
        bottom >= reach[3] - 2,
    )


def _ready(layer: Layer, matrix: NDArray[np.float64], place: Layers) -> tuple[Pixels4, NDArray[np.float64]]:
    """The picture for a warp: alpha multiplied in, smaller where it is seen much smaller, with nothing around it."""
    pixels = np.asarray(layer.image if layer.image.mode == "RGBA" else layer.image.convert("RGBA"))
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]) / max(abs(matrix[2, 2]), 1e-6))
    if scale < _SMALL:
        size = (max(round(pixels.shape[1] * scale), 2), max(round(pixels.shape[0] * scale), 2))
        back = np.diag([pixels.shape[1] / size[0], pixels.shape[0] / size[1], 1.0])
        pixels = np.asarray(cv2.resize(premultiplied(pixels), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        matrix = matrix @ back
    else:
        pixels = premultiplied(pixels)
    ends = _ends(layer, extent(place))
    if layer.kind == "sky" and ends[1]:  # a star in the first row would become a line where more sky is made up
        pixels = pixels.copy()
        pixels[:1] = cv2.blur(pixels[:1], (301, 1), borderType=cv2.BORDER_REPLICATE)
    left, top, right, bottom = (0 if end else 1 for end in ends)
    pixels = np.asarray(
        cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)), dtype=np.uint8
    )
    moved: NDArray[np.float64] = matrix @ np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], dtype=np.float64)
    return pixels, moved


def premultiplied(pixels: Pixels4) -> Pixels4:
    """The picture with its colours multiplied by its alpha, so that nothing bleeds where it is resampled."""
    alpha = pixels[..., 3]
    if alpha.min() == 255:
        return pixels
    factors = cv2.merge([alpha, alpha, alpha, np.full_like(alpha, 255)])  # all four channels at once: three are copied
    return np.asarray(cv2.multiply(pixels, factors, scale=1 / 255), dtype=np.uint8)


def _cropped(seen: Pixels4) -> tuple[Pixels4, tuple[int, int]] | None:
    """The picture with its own colours again, cropped to what is there, and where that begins."""
    alpha = seen[..., 3]
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 2), np.flatnonzero(alpha.max(axis=0) > 2)
    if not rows.size or not columns.size:
        return None
    part = np.ascontiguousarray(seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return unmultiplied(part), (int(columns[0]), int(rows[0]))


def unmultiplied(pixels: Pixels4) -> Pixels4:
    """The picture with its own colours again, in place."""
    clear = pixels[..., 3]
    soft = (clear > 0) & (clear < 255)
    if soft.any():
        colours = pixels[soft].astype(np.float32)
        pixels[soft, :3] = np.minimum(np.rint(colours[:, :3] * 255 / colours[:, 3:]), 255).astype(np.uint8)
    return pixels
