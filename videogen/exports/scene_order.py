"""The order of a film's scenes as a timeline has it, and the blocks that stand away from their scene in it."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from django.utils.translation import ngettext

from scenes.models import Block, Scene

MOST_STRAYS = 5  # that are named

Row = TypeVar("Row", Block, Scene)


@dataclass(frozen=True, slots=True)
class Stray:
    """Blocks of one scene that the timeline has away from the others of it. beside: the scene they stand beside."""

    blocks: list[Block]
    scene: Scene
    beside: Scene

    @property
    def words(self) -> str:
        """What a timeline cannot do with them."""
        words = ngettext(
            "Block %(numbers)s of “%(scene)s” stands beside “%(beside)s” in the timeline. A timeline cannot move a "
            "block into another scene: it stays in “%(scene)s”, behind the block that it follows.",
            "Blocks %(numbers)s of “%(scene)s” stand beside “%(beside)s” in the timeline. A timeline cannot move "
            "blocks into another scene: they stay in “%(scene)s”, behind the blocks that they follow.",
            len(self.blocks),
        )
        numbers = sorted(block.number for block in self.blocks)
        told = {"scene": self.scene.title, "beside": self.beside.title}
        return words % {**told, "numbers": ", ".join(map(str, numbers))}


@dataclass(frozen=True, slots=True)
class ScenePlace:
    """A scene, its place in the film and that in the timeline, both from 1 on."""

    scene: Scene
    place_was: int
    place: int

    @property
    def is_moved(self) -> bool:
        """Whether its place changes."""
        return self.place != self.place_was


@dataclass(frozen=True, slots=True)
class SceneOrder:
    """The scenes of a film in the order of a timeline. missing: how many that have blocks the timeline lacks."""

    rows: list[ScenePlace]
    missing: int
    strays: list[Stray]

    @classmethod
    def of(cls, scenes: Sequence[Scene], blocks: Iterable[Block], written: Set[UUID]) -> "SceneOrder":
        """Read it. blocks: of the timeline, once each, in the order of its time. written: the scenes that have any.

        A scene stands where most of its blocks stand side by side; the others of it are strays.
        """
        by_id = {scene.pk: scene for scene in scenes}
        runs = [list(run) for _scene, run in groupby(blocks, key=lambda block: block.scene_id)]
        main: dict[UUID, list[Block]] = {}
        for run in runs:
            if len(run) > len(main.get(run[0].scene_id, [])):
                main[run[0].scene_id] = run
        places = {run[0].scene_id: place for place, run in enumerate(runs) if run is main[run[0].scene_id]}
        strays = [
            Stray(run, by_id[run[0].scene_id], by_id[runs[place - 1 if place else 1][0].scene_id])
            for place, run in enumerate(runs)
            if run is not main[run[0].scene_id]
        ]
        was = {scene.pk: place for place, scene in enumerate(scenes, start=1)}
        rows = [ScenePlace(scene, was[scene.pk], now) for now, scene in enumerate(in_order(scenes, places), start=1)]
        return cls(rows, len(written - places.keys()), strays)

    @property
    def moved(self) -> int:
        """How many scenes get another place."""
        return sum(row.is_moved for row in self.rows)

    @property
    def notes(self) -> list[str]:
        """What of the timeline is left out, in sentences."""
        lacking = ngettext(
            "%(n)d scene is not in the timeline. It stays behind the scene that it follows.",
            "%(n)d scenes are not in the timeline. They stay behind the scenes that they follow.",
            self.missing,
        )
        told = [stray.words for stray in self.strays[:MOST_STRAYS]]
        if (more := len(self.strays) - MOST_STRAYS) > 0:
            told.append(ngettext("The same at %d other place.", "The same at %d other places.", more) % more)
        return [*told, *([lacking % {"n": self.missing}] if self.missing else [])]


def in_order(rows: Sequence[Row], places: Mapping[UUID, int]) -> list[Row]:
    """Put rows in the order of a timeline; one that has no place in it stays behind the one that it follows."""
    found = sorted((row for row in rows if row.pk in places), key=lambda row: places[row.pk])
    for place, row in enumerate(rows):
        if row.pk not in places:
            found.insert(found.index(rows[place - 1]) + 1 if place else 0, row)
    return found
