"""Draw the contact sheets of the animatic's clips, docs/images/moves.webp and docs/images/from-to.webp.

Six camera moves and five pairs of start and end frame, each at 0, 25, 50, 75 and 100 %, from the demo's places and
people, with the pipelines and settings that a worker uses. Run from the root of the project:
DJANGO_SETTINGS_MODULE=config.settings python docs/contact_moves.py [FOLDER]
With a folder every picture is put there at its full size as well, to be looked at.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import django
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).parent.parent))
django.setup()

from scenes import demo  # noqa: E402
from scenes.demo.pictures import layers_of, picture_of  # noqa: E402
from videogen.phase import Phase  # noqa: E402
from videogen.pipelines.animatic import AnimaticFrame, AnimaticVideo  # noqa: E402
from videogen.pipelines.base import Drawing, Picture  # noqa: E402
from videogen.specs import FrameSpec, VideoSpec  # noqa: E402

IMAGES = Path(__file__).parent / "images"
SIZE, SMALL = (1280, 704), (384, 211)
SECONDS = 5
CLIFF, KITCHEN = "The Lighthouse at Gull Rock", "The Keeper's Kitchen"
Words = tuple[str, str, tuple[str, ...]]  # what is seen, where, who

WIDE: Words = ("Wide shot. Mara and Old Tobias wait.", CLIFF, ("Mara", "Old Tobias"))
MOVES: tuple[tuple[str, Words], ...] = (
    ("Pan right", WIDE),
    ("Push in", ("Full shot. Mara waits.", CLIFF, ("Mara",))),
    ("Pull out", ("Full shot. Mara and Wren.", KITCHEN, ("Mara", "Wren"))),
    ("Orbit right", ("Full shot. Mara and Wren.", KITCHEN, ("Mara", "Wren"))),
    ("Crane up", WIDE),
    ("Rack focus to the background", ("Medium shot. Mara waits.", CLIFF, ("Mara",))),
)
PAIRS: tuple[tuple[str, Words, Words], ...] = (
    (
        "comes in",
        ("Wide shot. Mara waits.", CLIFF, ("Mara",)),
        ("Wide shot. Mara and Old Tobias wait.", CLIFF, ("Mara", "Old Tobias")),
    ),
    (
        "crosses",
        ("Wide shot. Mara on the left.", CLIFF, ("Mara",)),
        ("Wide shot. Mara on the right.", CLIFF, ("Mara",)),
    ),
    (
        "comes closer",
        ("Wide shot. Mara waits.", CLIFF, ("Mara",)),
        ("Medium shot. Mara waits.", CLIFF, ("Mara",)),
    ),
    (
        "night falls",
        ("Wide shot at dusk. Mara waits.", CLIFF, ("Mara",)),
        ("Wide shot at night. Mara waits.", CLIFF, ("Mara",)),
    ),
    (
        "leaves",
        ("Full shot. Mara and Wren.", KITCHEN, ("Mara", "Wren")),
        ("Full shot. Mara.", KITCHEN, ("Mara",)),
    ),
)


def silent(phase: Phase, step: int = 0, steps: int = 0) -> None:
    """Nobody watches."""


def panel(words: Words) -> Drawing:
    """The storyboard panel of these words."""
    prompt, where, people = words
    place = Image.open(picture_of(where)).convert("RGB")
    pictures = [Picture("location", where, demo.LOCATIONS[where], place, layers=layers_of(where))]
    for name in people:
        portrait = Image.open(picture_of(name)).convert("RGBA")
        pictures.append(Picture("character", name, demo.CHARACTERS[name].look, portrait, key=name))
    spec = FrameSpec(model="animatic", role="start", seed=1, width=SIZE[0], height=SIZE[1], prompt=prompt)
    return AnimaticFrame().generate(spec, pictures, silent)


def moments(prompt: str, start: Drawing, end: Drawing | None) -> Iterator[NDArray[np.uint8]]:
    """The clip at 0, 25, 50, 75 and 100 %."""
    spec = VideoSpec(model="animatic", prompt=prompt, duration=SECONDS, seed=1, width=SIZE[0], height=SIZE[1])
    rendering = AnimaticVideo().generate(
        spec,
        Image.fromarray(start.pixels),
        Image.fromarray(end.pixels) if end else None,
        silent,
        start_layers=start.layers,
        end_layers=end.layers if end else None,
    )
    shown = {round(part * (spec.frames - 1)) for part in (0, 0.25, 0.5, 0.75, 1)}
    return (frame for index, frame in enumerate(rendering.frames) if index in shown)


def sheet(rows: dict[str, list[NDArray[np.uint8]]]) -> Image.Image:
    """All moments, a row for each clip, with its name."""
    line = 22
    page = Image.new("RGB", (5 * SMALL[0], len(rows) * (SMALL[1] + line)), "#16161c")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for number, (name, pictures) in enumerate(rows.items()):
        top = number * (SMALL[1] + line)
        draw.text((6, top + 3), name, fill="#d8d8e0", font=font)
        for column, picture in enumerate(pictures):
            small = Image.fromarray(picture).resize(SMALL, Image.Resampling.LANCZOS)
            page.paste(small, (column * SMALL[0], top + line))
    return page


def main() -> None:
    """Draw both sheets."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    moves = {name: list(moments(name, panel(words), None)) for name, words in MOVES}
    pairs = {name: list(moments("They wait.", panel(one), panel(other))) for name, one, other in PAIRS}
    for name, rows in (("moves", moves), ("from-to", pairs)):
        sheet(rows).save(IMAGES / f"{name}.webp", quality=82, method=6)
        for clip, pictures in rows.items() if folder else ():
            for at, picture in zip((0, 25, 50, 75, 100), pictures, strict=True):
                Image.fromarray(picture).save(folder / f"{clip.replace(' ', '-').lower()}-{at:03}.png")


if __name__ == "__main__":
    main()
