"""Draws the contact sheets of the animatic in docs/images: run it from the root of the project.

    python docs/contact_sheet.py

One sheet shows the same words in eight sizes of shot, one a location in eight weathers and hours, one the angles from
below and above and people who sit.
"""

import os
import sys
from pathlib import Path

import django
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from scenes import demo, layers  # noqa: E402
from scenes.demo.pictures import layers_file_of, picture_of  # noqa: E402
from videogen.pipelines.animatic import AnimaticFrame  # noqa: E402
from videogen.pipelines.base import Picture  # noqa: E402
from videogen.specs import FrameSpec  # noqa: E402

PANEL = (1280, 704)
SMALL = (640, 352)
GAP, LINE = 12, 34
LIGHTHOUSE, KITCHEN = demo.LOCATIONS
SIDES = {"Mara": 1, "Old Tobias": -1, "Wren": -1}

SIZES = (
    "extreme wide shot", "wide shot", "full shot", "cowboy shot",
    "two-shot", "medium shot", "over the shoulder", "close-up",
)  # fmt: skip
HOURS = (
    "at dawn", "at noon", "at night", "by candlelight",
    "in the rain, at dusk", "in a storm", "in falling snow, in the morning", "in fog, in the morning",
)  # fmt: skip
ANGLES = (
    "low angle, wide shot", "low angle, full shot", "low angle, medium shot", "low angle, close-up",
    "high angle, wide shot", "high angle, full shot", "high angle, medium shot", "high angle, close-up",
)  # fmt: skip
SEATED = (
    ("Mara sits, full shot.", "Mara"), ("Old Tobias sits, wide shot.", "Old Tobias"),
    ("Old Tobias sits, high angle, full shot.", "Old Tobias"),
)  # fmt: skip


def location(name: str) -> Picture:
    """The demo's location with its layers."""
    image = Image.open(picture_of(name)).convert("RGB")
    return Picture("location", name, demo.LOCATIONS[name], image, layers=layers.read(layers_file_of(name)))


def character(name: str) -> Picture:
    """A character of the demo, on the side of the line that is theirs."""
    image = Image.open(picture_of(name)).convert("RGBA")
    return Picture("character", name, demo.CHARACTERS[name].look, image, key=name, side=SIDES[name])


def panel(prompt: str, *pictures: Picture) -> Image.Image:
    """One panel, as a worker draws it."""
    spec = FrameSpec(model="animatic", role="start", prompt=prompt, seed=0, width=PANEL[0], height=PANEL[1])
    return Image.fromarray(AnimaticFrame().generate(spec, list(pictures), lambda *_told: None).pixels)


def sheet(panels: list[tuple[str, Image.Image]], path: Path) -> None:
    """Write panels in four columns, each over its words."""
    columns, rows = 4, -(-len(panels) // 4)
    size = (columns * (SMALL[0] + GAP) + GAP, rows * (SMALL[1] + LINE + GAP) + GAP)
    page = Image.new("RGB", size, "#14131a")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(20)
    for index, (words, picture) in enumerate(panels):
        x = GAP + index % columns * (SMALL[0] + GAP)
        y = GAP + index // columns * (SMALL[1] + LINE + GAP)
        page.paste(picture.resize(SMALL, Image.Resampling.LANCZOS), (x, y))
        draw.text((x + 2, y + SMALL[1] + 6), words, fill="#d9d5e6", font=font)
    page.save(path, quality=88, method=6)
    print(path.relative_to(ROOT), page.size)


def main() -> None:
    """Write the sheets."""
    images = ROOT / "docs" / "images"
    place, people = location(LIGHTHOUSE), [character("Mara"), character("Old Tobias")]
    sizes = [(words, panel(f"Mara and Old Tobias wait for the lamp, {words}.", place, *people)) for words in SIZES]
    sheet(sizes, images / "shots.webp")
    hours = [(words, panel(f"Full shot of Mara {words}.", place, character("Mara"))) for words in HOURS]
    sheet(hours, images / "weathers.webp")
    angles = [(words, panel(f"Mara and Old Tobias wait for the lamp, {words}.", place, *people)) for words in ANGLES]
    kitchen = location(KITCHEN)
    indoors = panel("Low angle, full shot. Mara and Wren wait.", kitchen, character("Mara"), character("Wren"))
    angles.append(("low angle, full shot, indoors", indoors))
    angles += [(words, panel(words, kitchen, character(name))) for words, name in SEATED]
    sheet(angles, images / "angles.webp")


if __name__ == "__main__":
    main()
