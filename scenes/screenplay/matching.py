"""Match a revised script against what is there: which scene and which block is which, and what became of it.

Scenes are paired by the lines and the rare words they share, and by their headings. Inside a pair, blocks are matched
where their words are the same, in order, then where they are alike. What is left over is looked for in all other
scenes, and then between the same two neighbours. See docs/decisions/0073.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Literal, TypeVar

from scenes.screenplay import cues, words
from scenes.screenplay.document import BlockText, Kind, SceneText, Screenplay
from scenes.screenplay.likeness import Entry, Matcher, longest_increasing, pair_scenes

Id = TypeVar("Id", bound=Hashable)
Status = Literal["kept", "changed", "moved", "new", "gone"]


@dataclass(frozen=True)
class OldBlock(Generic[Id]):
    """A block that is there. A row with one field for both holds `cues.direction` in its parenthetical."""

    id: Id
    kind: Kind
    text: str
    speaker: str = ""
    parenthetical: str = ""
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class OldScene(Generic[Id]):
    """A scene that is there, its blocks in order."""

    id: Id
    heading: str = ""
    title: str = ""
    blocks: tuple[OldBlock[Id], ...] = ()


@dataclass(frozen=True)
class BlockPlan(Generic[Id]):
    """What becomes of one block: `old` is None for a new one, `new` for one that is gone."""

    status: Status
    old: OldBlock[Id] | None
    new: BlockText | None
    from_scene: Id | None = None  # where it stands now, if in another scene

    @property
    def reworded(self) -> bool:
        """Whether anything but its place changes: its frames and clips are then of other words."""
        return self.old is not None and self.new is not None and not _same(self.old, self.new)

    @cached_property
    def differences(self) -> list[words.Piece]:
        """What differs in the text, word by word."""
        return words.differences(self.old.text if self.old else "", self.new.text if self.new else "")


@dataclass(frozen=True)
class ScenePlan(Generic[Id]):
    """What becomes of one scene, with its blocks in the new order; those that are gone stand where they stood."""

    status: Status
    old: OldScene[Id] | None
    new: SceneText | None
    blocks: tuple[BlockPlan[Id], ...] = ()

    @property
    def counts(self) -> dict[Status, int]:
        """How many blocks have each status."""
        return _counts([block.status for block in self.blocks])


@dataclass(frozen=True)
class Plan(Generic[Id]):
    """The scenes in the new order; those that are gone stand where they stood."""

    scenes: tuple[ScenePlan[Id], ...] = ()

    @property
    def counts(self) -> dict[Status, int]:
        """How many blocks of all scenes have each status."""
        return _counts([block.status for scene in self.scenes for block in scene.blocks])


def match(old: Sequence[OldScene[Id]], screenplay: Screenplay) -> Plan[Id]:
    """Compare the scenes that are there with a screenplay. Nothing is changed."""
    return _Match(old, screenplay.scenes).plan()


@dataclass
class _Match(Generic[Id]):
    old: Sequence[OldScene[Id]]
    new: Sequence[SceneText]
    pairs: dict[int, int] = field(default_factory=dict)  # new scene: old scene
    found: dict[int, int] = field(default_factory=dict)  # new block: old block; numbers through all scenes

    def plan(self) -> Plan[Id]:
        before, after = self._before, self._after
        self.pairs = pair_scenes(
            [(scene.heading, scene.title) for scene in self.old],
            [(scene.heading, scene.title) for scene in self.new],
            before,
            after,
        )
        matcher = Matcher(before, after)
        of_old, of_new = _by_scene(before, len(self.old)), _by_scene(after, len(self.new))
        for new, old in self.pairs.items():
            matcher.inside(of_old[old], of_new[new])
        matcher.elsewhere()
        for new, old in self.pairs.items():
            matcher.between(of_old[old], of_new[new])
        self.found = matcher.found
        scenes = [self._scene(index) for index in range(len(self.new))]
        return Plan(tuple(self._with_gone(scenes)))

    @cached_property
    def _before(self) -> list[Entry]:
        return [
            Entry(place, block.kind, block.speaker, block.text)
            for place, scene in enumerate(self.old)
            for block in scene.blocks
        ]

    @cached_property
    def _after(self) -> list[Entry]:
        return [
            Entry(place, block.kind, block.speaker, block.text)
            for place, scene in enumerate(self.new)
            for block in scene.blocks
        ]

    @cached_property
    def _old_blocks(self) -> list[OldBlock[Id]]:
        return [block for scene in self.old for block in scene.blocks]

    @cached_property
    def _starts(self) -> list[int]:
        """The number of each new scene's first block."""
        starts = [0]
        for scene in self.new:
            starts.append(starts[-1] + len(scene.blocks))
        return starts

    @cached_property
    def _in_order(self) -> set[int]:
        """The new scenes that stand in the order they had."""
        matched = sorted(self.pairs)
        return {matched[index] for index in longest_increasing([self.pairs[new] for new in matched])}

    def _scene(self, index: int) -> ScenePlan[Id]:
        scene, partner = self.new[index], self.pairs.get(index)
        numbers = range(self._starts[index], self._starts[index + 1])
        own = [number for number in numbers if number in self.found and self._place(number) == partner]
        in_order = {own[place] for place in longest_increasing([self.found[number] for number in own])}
        blocks = [self._block(number, scene.blocks[number - numbers.start], number in in_order) for number in numbers]
        if partner is None:
            return ScenePlan("new", None, scene, tuple(blocks))
        old = self.old[partner]
        listed = self._interleaved(blocks, partner)
        status: Status = "kept"
        if index not in self._in_order:
            status = "moved"
        elif (old.heading, old.title or scene.title) != (scene.heading, scene.title or old.title) or any(
            block.status != "kept" for block in listed
        ):
            status = "changed"
        return ScenePlan(status, old, scene, tuple(listed))

    def _block(self, number: int, block: BlockText, in_order: bool) -> BlockPlan[Id]:
        if number not in self.found:
            return BlockPlan("new", None, block)
        old = self._old_blocks[self.found[number]]
        if not in_order:
            place = self._place(number)
            elsewhere = self.pairs.get(self._after[number].scene) != place
            return BlockPlan("moved", old, block, self.old[place].id if elsewhere else None)
        return BlockPlan("kept" if _same(old, block) else "changed", old, block)

    def _place(self, number: int) -> int:
        """The old scene of the block that a new one was matched to."""
        return self._before[self.found[number]].scene

    def _interleaved(self, blocks: list[BlockPlan[Id]], partner: int) -> list[BlockPlan[Id]]:
        """The blocks of a scene and those that are gone from it, each behind the one it stood behind."""
        matched = {plan.old.id: plan for plan in blocks if plan.old is not None}
        behind: dict[Id | None, list[BlockPlan[Id]]] = {}
        taken = self._taken
        last: Id | None = None
        for block in self.old[partner].blocks:
            if block.id in matched:
                last = block.id
            elif block.id not in taken:
                behind.setdefault(last, []).append(BlockPlan("gone", block, None))
        listed = behind.get(None, [])
        for plan in blocks:
            listed.append(plan)
            listed += behind.get(plan.old.id, []) if plan.old is not None else []
        return listed

    @cached_property
    def _taken(self) -> set[Id]:
        return {self._old_blocks[old].id for old in self.found.values()}

    def _with_gone(self, scenes: list[ScenePlan[Id]]) -> list[ScenePlan[Id]]:
        """The scenes and those that are gone, each behind the one it stood behind."""
        partners = {old: new for new, old in self.pairs.items()}
        behind: dict[int, list[ScenePlan[Id]]] = {}
        last = -1
        for index, scene in enumerate(self.old):
            if index in partners:
                last = partners[index]
            else:
                gone = tuple(BlockPlan("gone", block, None) for block in scene.blocks if block.id not in self._taken)
                behind.setdefault(last, []).append(ScenePlan("gone", scene, None, gone))
        listed = behind.get(-1, [])
        for index, plan in enumerate(scenes):
            listed += [plan, *behind.get(index, [])]
        return listed


def _by_scene(entries: list[Entry], scenes: int) -> list[list[int]]:
    """The numbers of the blocks of each scene."""
    numbers: list[list[int]] = [[] for _ in range(scenes)]
    for number, entry in enumerate(entries):
        numbers[entry.scene].append(number)
    return numbers


def _same(old: OldBlock[Id], new: BlockText) -> bool:
    return (
        old.kind == new.kind
        and old.text.strip() == new.text.strip()
        and old.speaker.casefold() == new.speaker.casefold()
        and cues.direction(old.extensions, old.parenthetical) == cues.direction(new.extensions, new.parenthetical)
    )


def _counts(statuses: list[Status]) -> dict[Status, int]:
    counted = Counter(statuses)
    every: tuple[Status, ...] = ("kept", "changed", "moved", "new", "gone")
    return {status: counted[status] for status in every}
