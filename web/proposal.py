"""What the page of a brought screenplay shows: each scene with its blocks, side by side, and what stays of clips."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scenes.models import Film
from scenes.revision import Proposal, rehearse
from scenes.screenplay.document import ScreenplayWarning
from scenes.screenplay.matching import BlockPlan, ScenePlan
from scenes.screenplay.words import Piece
from videogen.outdated import Present, of_block
from web.counts import standing
from web.marks import new_words, old_words

_SHOWN_WARNINGS = 50


class Mark(NamedTuple):
    """What becomes of a block or scene, as a word and as a shape."""

    word: Promise
    icon: str


MARKS = {
    "kept": Mark(_("kept"), "check"),
    "changed": Mark(_("changed"), "diff"),
    "moved": Mark(_("moved"), "arrow-right"),
    "new": Mark(_("new"), "plus"),
    "gone": Mark(_("gone"), "trash"),
}


class Speaks(Protocol):
    """A block as it is or as it comes."""

    @property
    def speaker(self) -> str:
        """Who speaks; empty for an action."""


@dataclass(frozen=True, slots=True)
class Row:
    """A block of the page, or several that are kept, folded into one line. clip: whether the block has one."""

    plans: list[BlockPlan[UUID]]
    clips: int

    @property
    def plan(self) -> BlockPlan[UUID]:
        """The block, or the first of several."""
        return self.plans[0]

    @property
    def old_words(self) -> SafeString:
        """The text as it is, with what goes marked as deleted."""
        return old_words(self.plan.differences)

    @property
    def new_words(self) -> SafeString:
        """The text as it will be, with what comes marked as inserted."""
        return new_words(self.plan.differences)

    @property
    def old_speaker(self) -> SafeString:
        """Who speaks now, marked where somebody else will."""
        return old_words(_speaker("gone", self.plan.old, self.plan.new))

    @property
    def new_speaker(self) -> SafeString:
        """Who will speak, marked where somebody else speaks now."""
        return new_words(_speaker("new", self.plan.new, self.plan.old))

    @property
    def is_folded(self) -> bool:
        """Whether it stands for blocks that are kept as they are."""
        return self.plan.status == "kept"

    @property
    def mark(self) -> Mark:
        """What becomes of it."""
        return MARKS[self.plan.status]


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A scene of the page."""

    plan: ScenePlan[UUID]
    rows: list[Row]

    @property
    def title(self) -> str:
        """Its new heading or title, or what it was called."""
        text = self.plan.new or self.plan.old
        return (text.heading or text.title) if text else ""

    @property
    def mark(self) -> Mark:
        """What becomes of it."""
        return MARKS[self.plan.status]

    @property
    def block_count(self) -> int:
        """How many blocks it will have; of a scene that goes, how many it has."""
        return sum(block.new is not None or self.plan.new is None for block in self.plan.blocks)

    @property
    def is_open(self) -> bool:
        """Whether its blocks are worth reading at once: a new film's are folded."""
        return any(not row.is_folded and row.plan.old for row in self.rows)


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """The page: totals on top, then the scenes. clips_stay: clips of blocks that stay; clips_old: these that become out
    of date.
    """

    scenes: list[SceneRow]
    totals: list[tuple[str, str, int]]  # status, word, how many blocks
    scene_count: int
    clips_stay: int
    clips_old: int
    clips_gone: int
    warnings: list[ScreenplayWarning]
    more_warnings: int
    new_characters: list[str]
    new_locations: list[str]
    is_first: bool  # nothing was there: all of it is new

    @classmethod
    def of(cls, film: Film, proposal: Proposal) -> "ProposalPage":
        """Gather it. A fixed number of queries."""
        clips, become_outdated = _clips_of(film, proposal)
        scenes = proposal.plan.scenes
        counts = proposal.plan.counts
        old = [block for scene in scenes for block in scene.blocks if block.old and block.old.id in clips]
        warnings = proposal.reading.warnings
        return cls(
            scenes=[SceneRow(scene, list(_rows(scene.blocks, clips))) for scene in scenes],
            totals=[(status, str(MARKS[status].word), counts[status]) for status in counts if counts[status]],
            scene_count=len([scene for scene in scenes if scene.new]),
            clips_stay=sum(block.new is not None for block in old),
            clips_old=become_outdated,
            clips_gone=sum(block.new is None for block in old),
            warnings=list(warnings[:_SHOWN_WARNINGS]),
            more_warnings=max(0, len(warnings) - _SHOWN_WARNINGS),
            new_characters=proposal.new_characters,
            new_locations=proposal.new_locations,
            is_first=not any(scene.old for scene in scenes),
        )


def _clips_of(film: Film, proposal: Proposal) -> tuple[set[UUID], int]:
    """Return the blocks that have a clip, and how many of these clips become out of date by applying."""
    before = standing(list(film.scenes.all()))
    made = {row.block.pk: row for rows in before.values() for row in rows if row.made.current}
    staying = [block for block in rehearse(film, proposal) if block.pk in made]
    now = {block.scene_id: Present.of(block.scene) for block in staying}
    become = [
        block
        for block in staying
        if not made[block.pk].outdated and of_block(block, made[block.pk].made, now[block.scene_id])
    ]
    return set(made), len(become)


def _rows(plans: Iterable[BlockPlan[UUID]], clips: set[UUID]) -> Iterable[Row]:
    kept: list[BlockPlan[UUID]] = []
    for plan in plans:
        if plan.status == "kept":
            kept.append(plan)
            continue
        if kept:
            yield Row(kept, _clips(kept, clips))
            kept = []
        yield Row([plan], _clips([plan], clips))
    if kept:
        yield Row(kept, _clips(kept, clips))


def _clips(plans: Iterable[BlockPlan[UUID]], clips: set[UUID]) -> int:
    return sum(plan.old is not None and plan.old.id in clips for plan in plans)


def _speaker(kind: Literal["gone", "new"], block: Speaks | None, other: Speaks | None) -> list[Piece]:
    name, was = (found.speaker if found else "" for found in (block, other))
    return [Piece(kind if name.casefold() != was.casefold() else "equal", name)]
