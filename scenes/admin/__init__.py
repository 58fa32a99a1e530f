"""The operator's console of scenes: script, cast, locations, guest links, what was brought and asked for, rights."""

from scenes.admin import asked, guests, library, script

__all__ = ["asked", "guests", "library", "script"]
