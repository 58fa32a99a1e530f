"""The operator's console of scenes: script, cast, locations, and who may do what with each scene and block."""

from scenes.admin import library, script

__all__ = ["library", "script"]
