"""A plan as its sheet shows it: a row for each block, with its jobs and why, and what cannot be made."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from scenes.models import Block
from videogen import batches, outlook
from videogen.models import Batch, Frame
from videogen.plans import END, START, Item, Plan, Refusal
from web.reasons import named


def name_of(step: str) -> str:
    """Name what a step makes."""
    return {START: _("Start frame"), END: _("End frame")}.get(step, _("Clip"))


@dataclass(frozen=True, slots=True)
class Told:
    """What cannot be made now, or stays: its block, what it is, and why, in words.

    batch: the id of the batch that makes it already, where the person may look at that.
    """

    block: Block
    name: str
    message: str
    batch: UUID | None


@dataclass(frozen=True, slots=True)
class Job:
    """One frame or clip of a row."""

    item: Item

    @property
    def is_frame(self) -> bool:
        """Whether it is a frame, and not a clip."""
        return self.item.kind == "frame"

    @property
    def name(self) -> str:
        """What it is, in words."""
        return name_of(self.item.step)

    @property
    def why(self) -> str:
        """Why it is in the plan, in words."""
        if self.item.reason == Batch.Only.MISSING:
            return _("missing")
        if self.item.reason == Batch.Only.FAILED:
            return _("failed")
        if not self.item.changed:
            anew = {START: _("its start frame is made anew"), END: _("its end frame is made anew")}
            return anew.get(self.item.after, "")
        return _("out of date: %s") % named(self.item.changed)

    @property
    def note(self) -> str:
        """What else is to be known of it."""
        if self.item.anew:
            return _("The prompt is written anew, from the new words.")
        return _("It begins when its frame is there.") if self.item.after or self.item.awaits else ""


@dataclass(slots=True)
class Row:
    """A block of the plan. start: its start frame as it is."""

    block: Block
    start: Frame | None
    jobs: list[Job] = field(default_factory=list)

    @property
    def seconds(self) -> float | None:
        """How long its jobs take, None where that is not known."""
        known = [job.item.seconds for job in self.jobs]
        return None if None in known else sum(seconds for seconds in known if seconds is not None)

    @property
    def is_tall(self) -> bool:
        """Whether its picture is upright."""
        return self.start is not None and self.start.height > self.start.width


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """Everything the sheet shows of a plan. done_at: when all of it would be made, None where nobody can tell."""

    plan: Plan
    rows: list[Row]
    refused: list[Told]
    locked: list[Told]  # clips that stay as they are, and who locked them
    done_at: datetime | None

    @classmethod
    def of(cls, plan: Plan, person: User) -> "PlanSheet":
        """Gather it."""
        running = {refusal.batch_id for refusal in plan.refused if refusal.batch_id}
        theirs = set(batches.of_person(person).filter(pk__in=running).values_list("pk", flat=True)) if running else ()
        locked = [_told(refusal, theirs) for refusal in plan.refused if refusal.code == "locked"]
        refused = [_told(refusal, theirs) for refusal in plan.refused if refusal.code != "locked"]
        return cls(plan, _rows(plan.items), refused, locked, outlook.done_at(plan, person))

    @property
    def jobs(self) -> int:
        """How many frames and clips it is."""
        return len(self.plan.items)


def _told(refusal: Refusal, batches_of_person: Collection[UUID]) -> Told:
    batch = refusal.batch_id if refusal.batch_id in batches_of_person else None
    return Told(refusal.block, name_of(refusal.step), refusal.message, batch)


def _rows(items: Iterable[Item]) -> list[Row]:
    found: dict[object, Row] = {}
    for item in items:
        row = found.setdefault(item.block.pk, Row(item.block, item.start))
        row.jobs.append(Job(item))
    return list(found.values())
