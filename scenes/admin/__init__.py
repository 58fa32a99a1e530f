"""The operator's console of scenes: script, cast, locations, guest links, who may do what with each scene and block."""

from scenes.admin import guests, library, script

__all__ = ["guests", "library", "script"]
