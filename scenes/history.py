"""The steps of writing in a scene: recorded as they are taken, taken back and taken again (docs/decisions/0074).

A step is somebody's own: Undo takes back what this person wrote last in the scene, never what somebody else wrote, and
it refuses where somebody else has changed the same block since.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from scenes import order, speakers
from scenes.models import Block, Character, Edit, Scene, lock_blocks
from scenes.wording import shown

ONE_STEP = timedelta(minutes=1)  # a pause after which more typing in the same block is a step of its own
_WORDS = ("kind", "extension", "parenthetical", "text", "is_dual")

State = dict[str, Any]


class HistoryError(Exception):
    """A step cannot be taken back or again. `code` is for programs, the message for people."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Step:
    """What a step back or forth left: the touched blocks in place, those it removed, and the order of all."""

    blocks: list[Block] = field(default_factory=list)
    removed: list[Block] = field(default_factory=list)
    order: list[UUID] = field(default_factory=list)


def state_of(block: Block, *, follows: UUID | None = None) -> State:
    """Return a block as a step keeps it. follows: the block before it, where its place is part of the step."""
    return {
        "id": str(block.pk),
        **{name: getattr(block, name) for name in _WORDS},
        "character": str(block.character_id) if block.character_id else None,
        "speaker": block.character.name if block.character else "",
        "in_place": block.removed_at is None,
        "follows": str(follows) if follows else None,
    }


def with_notes(block: Block) -> State:
    """Return a block as a step keeps it that changes its notes too."""
    return {**state_of(block), "notes": block.notes}


def absent(state: State) -> State:
    """Return the state of the same block out of its place: before it was written, or after it was removed."""
    return {**state, "in_place": False}


def record(
    scene: Scene,
    by: User,
    before: Iterable[State],
    after: Iterable[State],
    *,
    orders: tuple[list[UUID], list[UUID]] | None = None,
    step: UUID | None = None,
) -> None:
    """Record a step. The caller holds the scene's lock. What was taken back before can then not be done again.

    Typing on in the block of the last step belongs to that step, until the person pauses; so does what is recorded
    with the id of the last step, as what was pasted at once.
    """
    was: State = {"blocks": list(before), "order": _texts(orders[0]) if orders else None}
    now: State = {"blocks": list(after), "order": _texts(orders[1]) if orders else None, "step": str(step or "")}
    last = scene.edits.filter(person=by).last()
    if last is not None and last.undone:
        scene.edits.filter(person=by, undone=True).delete()
        last = scene.edits.filter(person=by).last()
    if last is not None and step and last.after.get("step") == str(step):
        last.before["blocks"] = _merged(was["blocks"], last.before["blocks"])
        last.after["blocks"] = _merged(last.after["blocks"], now["blocks"])
        last.at = timezone.now()
        last.save(update_fields=["before", "after", "at"])
        return
    if last is not None and _continues(last, was):
        now["blocks"] = [{**now["blocks"][0], "follows": last.after["blocks"][0]["follows"]}]
        last.after, last.at = now, timezone.now()
        last.save(update_fields=["after", "at"])
        return
    Edit.objects.create(scene=scene, person=by, at=timezone.now(), before=was, after=now)


def _merged(states: Iterable[State], over: Iterable[State]) -> list[State]:
    """Put states of blocks over others of the same blocks; where a block follows another is known of its first."""
    found = {state["id"]: state for state in states}
    for state in over:
        follows = state["follows"] or found.get(state["id"], state)["follows"]
        found[state["id"]] = {**found.get(state["id"], {}), **state, "follows": follows}
    return list(found.values())


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(pk) for pk in ids]


def _continues(last: Edit, was: Mapping[str, Any]) -> bool:
    (*more, block) = was["blocks"] or [None]
    (*others, ended) = last.after["blocks"] or [None]
    if more or others or block is None or ended is None or was["order"] or last.after["order"]:
        return False
    return block["in_place"] and _same(block, ended) and timezone.now() - last.at < ONE_STEP


def _same(one: State, other: State) -> bool:
    names = ("id", "character", "in_place", *_WORDS)
    return all(one[name] == other[name] for name in names)


def can_step(scene: Scene, by: User) -> tuple[bool, bool]:
    """Tell whether somebody has a step to take back, and one to take again. One query."""
    found = set(scene.edits.filter(person=by).order_by().values_list("undone", flat=True).distinct())
    return False in found, True in found


def undo(scene: Scene, by: User) -> Step:
    """Take back this person's last step in the scene. Raises HistoryError."""
    edit = scene.edits.filter(person=by, undone=False).last()
    if edit is None:
        raise HistoryError("There is nothing of yours to undo in this scene.", "nothing_to_undo")
    return _move(edit, edit.after, edit.before, undone=True)


def redo(scene: Scene, by: User) -> Step:
    """Take this person's next undone step again. Raises HistoryError."""
    edit = scene.edits.filter(person=by, undone=True).first()
    if edit is None:
        raise HistoryError("There is nothing of yours to do again in this scene.", "nothing_to_redo")
    return _move(edit, edit.before, edit.after, undone=False)


def forget_order(scene: Scene, before: Iterable[UUID], after: Iterable[UUID]) -> None:
    """Delete the steps from one order of the blocks to another, which something else has taken back."""
    scene.edits.filter(before__order=_texts(before), after__order=_texts(after)).delete()


def forget(before: datetime) -> int:
    """Delete the steps taken before then. Returns how many went."""
    return Edit.objects.filter(at__lt=before).delete()[0]


def _move(edit: Edit, now: Mapping[str, Any], then: Mapping[str, Any], *, undone: bool) -> Step:
    try:
        with transaction.atomic():
            step = _apply(edit.scene, now, then)
            Edit.objects.filter(pk=edit.pk).update(undone=undone)
            return step
    except HistoryError:
        edit.delete()  # else it would stand before all steps under it for ever
        raise


def _apply(scene: Scene, now: Mapping[str, Any], then: Mapping[str, Any]) -> Step:
    scene = Scene.objects.select_for_update(no_key=True).get(pk=scene.pk)
    wanted = {UUID(state["id"]): state for state in then["blocks"]}
    lock_blocks(wanted)
    blocks = {block.pk: block for block in Block.everything.filter(pk__in=wanted).select_related("character")}
    for state in now["blocks"]:
        block = blocks.get(UUID(state["id"]))
        if block is None or not _same(state_of(block), state):
            raise HistoryError(
                f"The block {shown(state['text'])} was changed meanwhile, so this step was left as it is. "
                "The step before it can still be undone.",
                "changed_meanwhile",
            )
    if now["order"]:
        _put_in_order(scene, now["order"], then["order"])
    spoke = {block.character_id for block in blocks.values() if block.character_id}
    for state in then["blocks"]:
        _restore(scene, blocks[UUID(state["id"])], state)
    speakers.forget(spoke - {block.character_id for block in blocks.values()})
    there = scene.blocks.order_by("position").select_related("character")
    return Step(
        blocks=list(there.filter(pk__in=wanted)),
        removed=[block for block in blocks.values() if block.removed_at is not None],
        order=list(there.values_list("pk", flat=True)),
    )


def _put_in_order(scene: Scene, now: Iterable[str], then: Iterable[str]) -> None:
    """Put the blocks of a step in order; those written since stay where they are. Raises HistoryError."""
    if not order.put_back(scene.blocks, map(UUID, now), map(UUID, then)):
        raise HistoryError(
            "The blocks were put in another order meanwhile, so this step was left as it is.", "changed_meanwhile"
        )


def _restore(scene: Scene, block: Block, state: State) -> None:
    for name in _WORDS:
        setattr(block, name, state[name])
    block.notes = state.get("notes", block.notes)
    block.character = _speaker(scene, state)
    block.version += 1
    block.save(update_fields=[*_WORDS, "notes", "character", "version"])
    block.refresh_from_db(fields=["position"])  # the blocks before it in the step may have moved it
    if state["in_place"] and block.removed_at is not None:
        order.put_in(scene.blocks, block, place_after(scene, block, state["follows"]))
    elif not state["in_place"] and block.removed_at is None:
        order.take_out(scene.blocks, block)


def place_after(scene: Scene, block: Block, follows: str | None) -> int:
    """Return the position after a block that is still there, else the one that `block` had."""
    before = scene.blocks.filter(pk=follows).values_list("position", flat=True).first() if follows else None
    return block.position if before is None else before + 1


def _speaker(scene: Scene, state: State) -> Character | None:
    if state["character"] is None:
        return None
    there = scene.film.characters.filter(pk=state["character"]).first()
    return there or scene.film.characters.create(pk=UUID(state["character"]), name=state["speaker"], is_typed=True)
