"""A low and a high angle: how high the camera stands, and how people are foreshortened from there."""

from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from videogen.pipelines.animatic.figures import Figure, Kind
from videogen.pipelines.animatic.framing import Stage, premultiplied, unmultiplied

# How high the horizon is in heights of an adult: at the knees from below, above all heads from above.
_EYES = {-1: 0.2, 1: 1.3}
# How much flatter, or steeper, a ground can be shown than it is drawn: beyond that what stands on it looks pasted on.
_FLATTEST = {-1: (0.5, 0.75), 1: (1.35, 2.0)}
# How much wider than the middle the lower end of a figure is from below, and the upper end from above. Near, where
# half of somebody is out of the frame, it takes more to be seen.
_TAPER = {True: 0.11, False: 0.18}
_SHORTER = {-1: 1.0, 1: 0.94}


def rise_of(ground: Stage, angle: int) -> float:
    """How far the camera rises for an angle (framing.Camera); 0 where there is no ground to be seen from elsewhere."""
    if not angle or not any(layer.kind == "ground" for layer in ground.place.layers):
        return 0.0
    drawn = 1 / (ground.slope * ground.place.ground.person * ground.place.size[1])
    least, most = _FLATTEST[angle]
    return (min(max(_EYES[angle] / drawn, least), most) - 1) / ground.slope


def seen_at(figure: Figure, angle: int, *, whole: bool) -> Figure:
    """Somebody as a camera below or above sees them: what is nearer to it is larger. whole: down to the feet."""
    if not angle or figure.kind is Kind.CARD:
        return figure
    wide, tall = figure.picture.size
    much = _TAPER[whole] * -angle
    top, bottom = (1 - much) * wide / 2, (1 + much) * wide / 2
    middle = max(top, bottom)
    corners = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    seen = np.array(
        [[middle - top, 0], [middle + top, 0], [middle + bottom, tall], [middle - bottom, tall]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, seen)
    size = (round(2 * middle), tall)
    pixels = cv2.warpPerspective(premultiplied(np.asarray(figure.picture)), matrix, size, flags=cv2.INTER_AREA)
    picture = Image.fromarray(unmultiplied(np.asarray(pixels, dtype=np.uint8)))
    across, half, chin = figure.head
    points = np.array([[[(across - half) * wide, chin * tall], [(across + half) * wide, chin * tall]]], np.float32)
    (left, below), (right, _) = cv2.perspectiveTransform(points, matrix)[0]
    head = (float(left + right) / 2 / size[0], float(right - left) / 2 / size[0], float(below) / tall)
    return replace(figure, picture=picture, tall=figure.tall * _SHORTER[angle], head=head)
