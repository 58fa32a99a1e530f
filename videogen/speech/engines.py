"""Which engines of speech this machine has, found out without loading any."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

ANY = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine, or one voice of one. name: as rows and characters keep it. languages: what it speaks; ANY for all.

    path: dotted path of the function that speaks, which only workers import. file: a Piper voice.
    """

    name: str
    label: str
    languages: frozenset[str]
    path: str
    file: str = ""

    def speaks(self, language: str) -> bool:
        """Whether it speaks a language."""
        return bool(language) and (self.languages == ANY or language in self.languages)


def installed() -> Sequence[Engine]:
    """List the engines of this machine, the best first."""
    found = [*_hibari(), *_piper_voices()]
    if shutil.which("espeak-ng"):
        found.append(Engine("espeak", "espeak-ng", ANY, "videogen.speech.espeak.speak"))
    return found


def named(name: str) -> Engine | None:
    """Return an engine of this machine."""
    return next((engine for engine in installed() if engine.name == name), None)


def _hibari() -> list[Engine]:
    if not _is_importable("hibari") or not _is_importable("onnxruntime"):
        return []
    return [Engine("hibari", "Hibari", frozenset({"en"}), "videogen.speech.hibari_voice.speak")]


@lru_cache(maxsize=8)
def _is_importable(module: str) -> bool:
    return find_spec(module) is not None


def piper_command() -> str:
    """Return the program that speaks with Piper's voices; empty where there is none."""
    return shutil.which(settings.PIPER_COMMAND) or ""


def _piper_voices() -> list[Engine]:
    if not settings.PIPER_VOICES or not piper_command():
        return []
    return [engine for file in sorted(Path(settings.PIPER_VOICES).glob("*.onnx")) if (engine := _piper_voice(file))]


def _piper_voice(file: Path) -> Engine | None:
    """Read what the file beside a voice says of it. One without is no voice."""
    try:
        family = str(json.loads(Path(f"{file}.json").read_text())["language"]["family"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    path = "videogen.speech.piper.speak"
    return Engine(f"piper:{file.stem}", f"Piper, {file.stem}", frozenset({family}), path, str(file))


def choose(asked: str, language: str) -> Engine | None:
    """Return the engine asked for where it speaks the language, else the best that does. None where none does."""
    fit = [engine for engine in installed() if engine.speaks(language)]
    return next((engine for engine in fit if engine.name == asked), fit[0] if fit else None)
