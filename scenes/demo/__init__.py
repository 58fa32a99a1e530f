"""The demo: two short scenes at a lighthouse with their cast, their pictures and four people."""

from scenes.demo.loader import Demo, load, opening_scene
from scenes.demo.pictures import layers_of
from scenes.demo.script import CHARACTERS, LOCATIONS, STYLE

__all__ = ["CHARACTERS", "LOCATIONS", "STYLE", "Demo", "layers_of", "load", "opening_scene"]
