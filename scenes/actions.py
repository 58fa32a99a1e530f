"""What a person can do with the script of a scene. Every action is one transaction and one step of the history.

Each locks the scene first and its blocks second, so two people who write in one scene take turns. Raises WritingError
where something may not be written, ChangedMeanwhileError where somebody else was quicker.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from scenes import films, history, order, speakers
from scenes.models import Block, Character, Film, Scene, lock_blocks
from scenes.script import join_notes
from scenes.wording import MOST_BLOCKS, WritingError, read_block, read_scene, shown

_BATCH = 500  # rows that are updated together
_SAVED = ("kind", "character", "extension", "parenthetical", "text", "is_dual", "version")


class ChangedMeanwhileError(Exception):
    """Somebody else changed it since it was read. current: what stands there now; None for an order of blocks."""

    code = "changed_meanwhile"

    def __init__(self, message: str, current: Block | Scene | None = None) -> None:
        super().__init__(message)
        self.current = current


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new block goes: behind one block, before another, or at the end."""

    after: UUID | None = None
    before: UUID | None = None


def add_block(
    scene: Scene,
    by: User,
    given: Mapping[str, object],
    place: Place,
    pk: UUID | None = None,
    *,
    step: UUID | None = None,
) -> Block:
    """Write a new block. given: kind and text, speaker or character_id, extension, parenthetical, is_dual.

    pk: an id that the writer chose. One that is in the scene already is returned as it stands, so that a request whose
    answer was lost can be sent again. step: the id of several changes in a row that Undo takes back together.
    """
    values = _values({"kind": None, "text": "", **given})
    with transaction.atomic():
        scene = _lock(scene)
        if pk is not None and (there := _known(scene, pk)):
            return there
        _check_room(scene)
        block = Block(scene=scene, **({"id": pk} if pk else {}), **_fields(values))
        _set_speaker(scene, block, values)
        block.position = _position(scene, place)
        _insert(scene, block)
        _record_new(scene, by, block, step)
    return block


def change_block(
    block: Block, by: User, version: int, given: Mapping[str, object], *, step: UUID | None = None
) -> Block:
    """Change what was given of a block, where it still has this version. Nothing made of it is lost.

    A speaker who was only a name, and whom nobody else speaks as, goes with the name. step: as for `add_block`.
    """
    values = _values(given)
    with transaction.atomic():
        scene = _lock(block.scene)
        block = _lock_block(block, version)
        was, speaker = history.state_of(block), block.character
        for name, value in _fields(values).items():
            setattr(block, name, value)
        _set_speaker(scene, block, values)
        now = history.state_of(block)
        if now != was:
            _save(block)
            history.record(scene, by, [was], [now], step=step)
        if speaker and speaker != block.character:
            speakers.forget([speaker.pk])
    return block


def split_block(
    block: Block, by: User, version: int, text: str, rest: str, pk: UUID | None = None, *, step: UUID | None = None
) -> list[Block]:
    """Cut a block in two: `text` stays with what was made of it, `rest` is a new block of the same kind and speaker.

    step: as for `add_block`.
    """
    values, more = read_block({"text": text}), _read_rest(rest)
    with transaction.atomic():
        scene = _lock(block.scene)
        if pk is not None and (there := _known(scene, pk)):
            return [Block.objects.select_related("character").get(pk=block.pk), there]
        _check_room(scene)
        block = _lock_block(block, version)
        was = history.state_of(block)
        block.text = values["text"]
        _save(block)
        new = Block(
            scene=scene, kind=block.kind, character=block.character, extension=block.extension, text=more,
            position=block.position + 1, **({"id": pk} if pk else {}),
        )  # fmt: skip
        _insert(scene, new)
        state = history.state_of(new, follows=block.pk)
        history.record(scene, by, [was, history.absent(state)], [history.state_of(block), state], step=step)
    return [block, new]


def join_blocks(first: Block, second: Block, by: User, versions: tuple[int, int], text: str | None = None) -> Block:
    """Join a block to one before it, which keeps what was made of it; the second is removed and can come back.

    Its notes stand with the first as well. text: of both together; without one, that of the second follows in a line of
    its own.
    """
    with transaction.atomic():
        scene = _lock(first.scene)
        first, second = _lock_block(first, versions[0]), _lock_block(second, versions[1])
        if first.position >= second.position:
            raise WritingError({"into": "A block can be joined to one that stands before it."})
        was = [history.with_notes(first), _state_with_place(second)]
        first.text = read_block({"text": f"{first.text}\n{second.text}" if text is None else text})["text"]
        first.notes = join_notes(notes for notes in (first.notes, second.notes) if notes)
        _save(first, "notes")
        order.take_out(scene.blocks, second)
        history.record(scene, by, was, [history.with_notes(first), history.absent(was[1])])
    return first


def set_order(scene: Scene, by: User, ids: Iterable[UUID]) -> list[UUID]:
    """Put all blocks of a scene in this order, and return it."""
    wanted = list(ids)
    with transaction.atomic():
        scene = _lock(scene)
        there = list(scene.blocks.order_by("position").values_list("pk", flat=True))
        _check_order(wanted, there)
        if wanted != there:
            order.set_order(scene.blocks, wanted)
            history.record(scene, by, [], [], orders=(there, wanted))
    return wanted


def remove_block(block: Block, by: User) -> Block:
    """Remove a block. It can be brought back for Block.KEPT_FOR, with everything made of it."""
    with transaction.atomic():
        scene = _lock(block.scene)
        block = _lock_block(block)
        was = _state_with_place(block)
        order.take_out(scene.blocks, block)
        history.record(scene, by, [was], [history.absent(was)])
    return block


def restore_block(block: Block, by: User) -> Block:
    """Bring a removed block back to where it stood. One that is in place already stays there."""
    with transaction.atomic():
        scene = _lock(block.scene)
        lock_blocks([block.pk])
        block = _read(block.pk)
        if block.removed_at is not None:
            _check_room(scene)
            order.put_in(scene.blocks, block, block.position)
            now = _state_with_place(block)
            history.record(scene, by, [history.absent(now)], [now])
    return block


# --- A scene as a whole ----------------------------------------------------------------------------------------


def change_scene(scene: Scene, version: int, given: Mapping[str, object]) -> Scene:
    """Change what was given of a scene: its words, location_id, character_ids. It must still have this version."""
    values = read_scene(given)
    with transaction.atomic():
        row = _lock(scene)
        if row.version != version:
            raise ChangedMeanwhileError("Somebody else changed this scene meanwhile. Look at it, and try again.", row)
        for name, value in values.items():
            setattr(row, name, value)
        if "location_id" in given:
            row.location = _of_film(row.film.locations, given["location_id"], "location_id")
        row.version += 1
        row.save()
        if "character_ids" in given:
            row.characters.set(_cast_of(row.film, given["character_ids"]))
    return row


def add_scene(film: Film, given: Mapping[str, Any]) -> Scene:
    """Add a scene to a film: its words, location_id, character_ids, and `after`, a scene that it stands behind.

    Raises WritingError, and FilmError where the film is full.
    """
    values = read_scene({"title": "", **given})
    with transaction.atomic():
        after = _of_film(film.scenes, given.get("after"), "after")
        place = _of_film(film.locations, given.get("location_id"), "location_id")
        cast = _cast_of(film, given.get("character_ids"))
        scene = films.add_scene(film, values.pop("title"), after=after, location=place, **values)
        scene.characters.set(cast)
    return scene


def remove_scene(scene: Scene) -> None:
    """Remove a scene from its film. It can be brought back for Scene.KEPT_FOR, with everything in it."""
    with transaction.atomic():
        film = Film.objects.select_for_update(no_key=True).get(pk=scene.film_id)
        row = _lock(scene)
        if row.removed_at is None:
            order.take_out(film.scenes, row)


def restore_scene(scene: Scene) -> Scene:
    """Bring a removed scene back to where it stood in its film, with the blocks that were taken away with it."""
    with transaction.atomic():
        film = Film.objects.select_for_update(no_key=True).get(pk=scene.film_id)
        row = _lock(scene)
        if row.removed_at is not None:
            with_it = list(Block.everything.filter(scene=row, removed_at=row.removed_at).order_by("position"))
            lock_blocks(block.pk for block in with_it)
            for place, block in enumerate(with_it, order.next_position(row.blocks)):
                block.position, block.removed_at, block.shelved = place, None, False
            Block.everything.bulk_update(with_it, ["position", "removed_at", "shelved"], _BATCH)
            order.put_in(film.scenes, row, row.position)
    return row


def _of_film(rows: Any, pk: object, field: str) -> Any:
    if pk is None:
        return None
    found = rows.filter(pk=pk).first()
    if found is None:
        raise WritingError({field: f"{shown(str(pk))} is not in this scene’s film."})
    return found


def _cast_of(film: Film, ids: Any) -> list[Character]:
    """Return the characters with these ids. One query, however many are sent: the scene is locked meanwhile."""
    there = {who.pk: who for who in film.characters.all()}
    wanted = list(dict.fromkeys(ids or ()))
    if foreign := next((pk for pk in wanted if pk not in there), None):
        raise WritingError({"character_ids": f"{shown(str(foreign))} is not in this scene’s film."})
    return [there[pk] for pk in wanted]


# --- Parts of the actions ---------------------------------------------------------------------------------------


def _lock(scene: Scene) -> Scene:
    """Lock the scene's row until the transaction ends; rows that point to it can still be written."""
    rows = Scene.everything.select_related("film").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=scene.pk)


def _read(pk: UUID) -> Block:
    return Block.everything.select_related("character").get(pk=pk)


def _lock_block(block: Block, version: int | None = None) -> Block:
    """Lock a block that is in place, and read it anew. Raises ChangedMeanwhileError, where a version is given."""
    rows = Block.objects.select_related("character").select_for_update(of=("self",))
    found = rows.filter(pk=block.pk).first()
    if found is None:
        raise ChangedMeanwhileError("Somebody else removed this block meanwhile.", _read(block.pk))
    if version is not None and found.version != version:
        raise ChangedMeanwhileError("Somebody else changed this block meanwhile. Look at both texts.", found)
    return found


def _known(scene: Scene, pk: UUID) -> Block | None:
    there = Block.everything.select_related("character").filter(pk=pk).first()
    if there is not None and there.scene_id != scene.pk:
        raise WritingError({"id": f"The id {shown(str(pk))} is taken. Leave it out, and one is given."})
    return there


def _save(block: Block, *more: str) -> None:
    block.version += 1
    block.save(update_fields=[*_SAVED, *more])


def _insert(scene: Scene, block: Block) -> None:
    order.make_room(scene.blocks, block.position)
    try:
        with transaction.atomic():
            block.save(force_insert=True)
    except IntegrityError:  # the id was taken in another scene at the same moment
        raise WritingError({"id": f"The id {shown(str(block.pk))} is taken. Leave it out, and one is given."}) from None


def _record_new(scene: Scene, by: User, block: Block, step: UUID | None = None) -> None:
    state = _state_with_place(block)
    history.record(scene, by, [history.absent(state)], [state], step=step)


def _state_with_place(block: Block) -> history.State:
    above = Block.objects.filter(scene=block.scene_id, position__lt=block.position).order_by("-position")
    return history.state_of(block, follows=above.values_list("pk", flat=True).first())


def _check_room(scene: Scene) -> None:
    if scene.blocks.count() >= MOST_BLOCKS:
        raise WritingError(
            {"blocks": f"A scene may have {MOST_BLOCKS} blocks, and this one has them. Go on in a new scene."}
        )


def _check_order(wanted: list[UUID], there: list[UUID]) -> None:
    if len(set(wanted)) < len(wanted):
        twice = Counter(wanted).most_common(1)[0][0]
        raise WritingError({"block_ids": f"The block {shown(str(twice))} is named twice."})
    if missing := set(there) - set(wanted):
        raise ChangedMeanwhileError(f"The block {shown(str(min(missing)))} of this scene is not in the new order.")
    if foreign := set(wanted) - set(there):
        raise ChangedMeanwhileError(f"The block {shown(str(min(foreign)))} is not in this scene, or was removed.")


def _read_rest(rest: str) -> str:
    try:
        text: str = read_block({"text": rest})["text"]
    except WritingError as error:
        raise WritingError({"rest": error.errors["text"]}) from None
    return text


def _position(scene: Scene, place: Place) -> int:
    for name, pk, step in (("after", place.after, 1), ("before", place.before, 0)):
        if pk is not None:
            found = Block.everything.filter(scene=scene, pk=pk).first()
            if found is None:
                raise WritingError({name: f"There is no block {shown(str(pk))} in this scene."})
            return min(found.position + (step if found.removed_at is None else 0), order.next_position(scene.blocks))
    return order.next_position(scene.blocks)


# --- Who speaks -------------------------------------------------------------------------------------------------


def _values(given: Mapping[str, object]) -> dict[str, Any]:
    return read_block(given) | ({"character_id": given["character_id"]} if given.get("character_id") else {})


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ("speaker", "character_id")}


def _set_speaker(scene: Scene, block: Block, values: Mapping[str, Any]) -> None:
    """Give a line its speaker, by name or id, and take from an action what only a line has."""
    if block.kind == Block.Kind.ACTION:
        if values.get("speaker") or values.get("character_id"):
            raise WritingError({"speaker": "An action has no speaker. Leave the name empty, or make it a dialog."})
        block.character, block.extension, block.parenthetical, block.is_dual = None, "", "", False
        return
    if values.get("speaker"):
        extension = ""
        if block.character is None or values["speaker"].casefold() != block.character.name.casefold():
            block.character, extension = speakers.named(scene, values["speaker"])
        if "extension" not in values:
            block.extension = extension
    elif values.get("character_id"):
        block.character = _of_film(scene.film.characters, values["character_id"], "character_id")
    elif "speaker" in values or block.character is None:
        raise WritingError({"speaker": "Who speaks? A line of dialog needs a name."})
