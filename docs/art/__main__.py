"""Write all pictures of the demo: two locations flat and in layers, three characters. Takes about a minute."""

from pathlib import Path

from art import kitchen, lighthouse
from art.people import mara, tobias, wren

PICTURES = Path(__file__).resolve().parents[2] / "scenes" / "demo" / "pictures"
PEOPLE = {"mara": mara.draw, "old-tobias": tobias.draw, "wren": wren.draw}
PLACES = {"lighthouse": lighthouse.draw, "kitchen": kitchen.draw}


def main() -> None:
    """Rewrite the files, with the same bytes every time."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, draw in PEOPLE.items():
        draw().save(PICTURES / f"{name}.webp", quality=90, method=6, alpha_quality=100)
    for name, draw_place in PLACES.items():
        draw_place().write(PICTURES, name)
    print(sum(path.stat().st_size for path in PICTURES.rglob("*.webp")), "bytes")


if __name__ == "__main__":
    main()
