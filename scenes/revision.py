"""A screenplay that somebody brings to a film: what it would change, changing it, and changing it back.

Nothing that has frames or clips is deleted: what the new script leaves out goes to the shelf, and comes back by undoing
(docs/decisions/0077).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from scenes import films, order, speakers
from scenes.films import MOST_SCENES, FilmError
from scenes.models import Block, Character, Film, Location, Revision, Scene, lock_blocks
from scenes.screenplay import choices, emphasis
from scenes.screenplay.choices import Doubt
from scenes.screenplay.document import BlockText, Reading, SceneText
from scenes.screenplay.matching import BlockPlan, Plan, ScenePlan, match
from scenes.screenplay.reading import read
from scenes.script import join_notes, old_scenes, scenes_of, title_of

MOST_BLOCKS = 2000  # of one scene
_OF_SCENE = ("position", "title", "heading", "number", "sections", "synopsis", "notes", "location_id")
_OF_BLOCK = ("scene_id", "position", "kind", "character_id", "extension", "is_dual", "parenthetical", "text", "notes")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a screenplay would change. Nothing is changed yet. doubts: names to ask about, each with what it becomes."""

    reading: Reading
    plan: Plan[UUID]
    doubts: list[tuple[Doubt, str]] = field(default_factory=list)
    new_characters: list[str] = field(default_factory=list)
    new_locations: list[str] = field(default_factory=list)

    @property
    def gone(self) -> list[UUID]:
        """The blocks that the screenplay leaves out."""
        plans = [block for scene in self.plan.scenes for block in scene.blocks]
        return [plan.old.id for plan in plans if plan.old and plan.new is None]


def bring(film: Film, person: User, name: str, data: bytes) -> Revision:
    """Keep a file that somebody brings, to be looked at, instead of what they brought before and did not apply.

    Names that were corrected the last time are corrected again. Raises ScreenplayError where it cannot be read.
    """
    screenplay = read(data, name).screenplay
    last = film.revisions.exclude(applied_at=None).filter(undone_at=None).order_by("-applied_at")
    names = choices.kept(screenplay, last.values_list("names", flat=True).first() or {}, _cast(film))
    Revision.objects.filter(film=film, person=person, applied_at=None).delete()
    return Revision.objects.create(film=film, person=person, file_name=name[-255:], data=data, names=names)


@transaction.atomic
def begin_film(owner: User, name: str, data: bytes, title: str = "", **words: str) -> Revision:
    """Begin a film with a screenplay that is to be looked at. Raises ScreenplayError where it cannot be read.

    Without a title it gets that of the file's title page, else the file's name.
    """
    own = title or emphasis.plain(read(data, name).screenplay.title) or _title_of(name)
    return bring(films.begin(owner, own[: Film._meta.get_field("title").max_length], **words), owner, name, data)


def _title_of(file_name: str) -> str:
    return " ".join(PurePath(file_name).stem.replace("_", " ").strip(". ").split()) or _("Untitled")


def _cast(film: Film) -> list[str]:
    return list(film.characters.values_list("name", flat=True))


def choose(revision: Revision, names: Mapping[str, str]) -> None:
    """Decide what doubtful names become: another name, themselves, or action where it is empty.

    Raises ChoiceError, and FilmError where the screenplay is applied already.
    """
    screenplay = read(bytes(revision.data), revision.file_name).screenplay
    cast = _cast(revision.film)
    before = choices.kept(screenplay, revision.names, cast)
    revision.names = choices.checked(screenplay, {**before, **names}, cast)
    if not Revision.objects.filter(pk=revision.pk, applied_at=None).update(names=revision.names):
        raise FilmError(_("This screenplay was applied already."))


def propose(revision: Revision, scenes: Iterable[Scene] | None = None) -> Proposal:
    """Compare the film with the file. Raises ScreenplayError, FilmError where it is more than a film can hold."""
    film, reading = revision.film, read(bytes(revision.data), revision.file_name)
    _demand_room(reading)
    cast, names = _cast(film), revision.names
    doubts = [(doubt, names.get(doubt.name, doubt.name)) for doubt in choices.doubts(reading.screenplay, cast)]
    screenplay = choices.with_names(reading.screenplay, names)
    return Proposal(
        replace(reading, screenplay=screenplay),
        match(old_scenes(scenes_of(film) if scenes is None else scenes), screenplay),
        doubts,
        _missing(screenplay.characters, cast),
        _missing(screenplay.locations, film.locations.values_list("name", flat=True)),
    )


def _demand_room(reading: Reading) -> None:
    scenes = reading.screenplay.scenes
    if len(scenes) > MOST_SCENES:
        raise FilmError(
            _("This screenplay has %(found)d scenes, and a film can have %(most)d. Bring it in parts.")
            % {"found": len(scenes), "most": MOST_SCENES}
        )
    for scene in scenes:
        if len(scene.blocks) > MOST_BLOCKS:
            raise FilmError(
                _("The scene in line %(line)d has %(found)d blocks, and a scene can have %(most)d. Divide it.")
                % {"line": scene.line, "found": len(scene.blocks), "most": MOST_BLOCKS}
            )


def _missing(names: Iterable[str], there: Iterable[str]) -> list[str]:
    known = {name.casefold() for name in there}
    return [name for name in names if name.casefold() not in known]


def rehearse(film: Film, proposal: Proposal) -> list[Block]:
    """Return the blocks that stay, as applying would leave them, each with its scene. Nothing is saved. Six queries."""
    scenes = scenes_of(film)
    application = _Application(film, proposal, scenes)
    application.write()
    staying = [block for block in application.blocks.values() if block.pk not in set(proposal.gone)]
    prefetch_related_objects(list({block.scene_id: block.scene for block in staying}.values()), "characters")
    return staying


@transaction.atomic
def apply(revision: Revision) -> Proposal:
    """Make the film what the file says, and keep what it was. Raises FilmError if this was done already."""
    film = Film.objects.select_for_update().get(pk=revision.film_id)
    if not Revision.objects.filter(pk=revision.pk, applied_at=None).update(applied_at=timezone.now()):
        raise FilmError(_("This screenplay was applied already."))
    scenes = scenes_of(film)
    proposal = propose(revision, scenes)
    lock_blocks(block.pk for scene in scenes for block in scene.blocks.all())
    before = _snapshot(scenes, film)
    made = _Application(film, proposal, scenes).run()
    after = dict(Block.everything.filter(scene__film=film).values_list("pk", "version"))
    revision.before = before | made | {"versions": {str(pk): version for pk, version in after.items()}}
    revision.save(update_fields=["before"])
    revision.refresh_from_db(fields=["applied_at"])
    return proposal


def _snapshot(scenes: list[Scene], film: Film) -> dict[str, Any]:
    speakers = {block.character for scene in scenes for block in scene.blocks.all() if block.character}
    return {
        "title_page": film.title_page,
        "cast": {str(who.pk): who.name for who in speakers},
        "scenes": {str(scene.pk): _values(scene, _OF_SCENE) for scene in scenes},
        "blocks": {str(block.pk): _values(block, _OF_BLOCK) for scene in scenes for block in scene.blocks.all()},
    }


def _values(row: Scene | Block, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}


class _Application:
    """One screenplay on its way into the rows."""

    def __init__(self, film: Film, proposal: Proposal, scenes: list[Scene]) -> None:
        self.film, self.proposal = film, proposal
        self.scenes = {scene.pk: scene for scene in scenes}
        self.blocks = {block.pk: block for scene in scenes for block in scene.blocks.all()}
        self.characters = {who.name.casefold(): who for who in film.characters.order_by("-pk")}
        self.locations = {place.name.casefold(): place for place in film.locations.order_by("-pk")}
        self.new_characters: list[Character] = []
        self.new_locations: list[Location] = []
        self.new_blocks: list[Block] = []
        self.new_scenes: list[Scene] = []

    def run(self) -> dict[str, list[str]]:
        """Save everything, and return the ids of what was made."""
        self.write()
        Character.objects.bulk_create(self.new_characters)
        Location.objects.bulk_create(self.new_locations)
        order.set_aside(self.film.scenes)
        Block.objects.filter(scene__film=self.film).update(position=F("position") + order.ASIDE)
        self._shelve()
        staying = [(plan, plan.new) for plan in self.proposal.plan.scenes if plan.new is not None]
        Scene.objects.bulk_create(self.new_scenes, _BATCH)
        kept = [self.scenes[plan.old.id] for plan, _text in staying if plan.old]
        Scene.objects.bulk_update(kept, [name.removesuffix("_id") for name in _OF_SCENE], _BATCH)
        self._save_blocks([block for plan, _text in staying for block in plan.blocks if block.old and block.new])
        page = [
            list(pair) for pair in self.proposal.reading.screenplay.title_page if pair != ("Title", self.film.title)
        ]
        if page:
            Film.objects.filter(pk=self.film.pk).update(title_page=page)
        made: dict[str, Sequence[Scene | Block | Character | Location]] = {
            "new_scenes": self.new_scenes,
            "new_blocks": self.new_blocks,
            "new_characters": self.new_characters,
            "new_locations": self.new_locations,
        }
        return {name: [str(row.pk) for row in rows] for name, rows in made.items()}

    def write(self) -> None:
        """Write the screenplay into the rows that were read, and into new ones. Nothing is saved."""
        self.new_characters = [
            Character(film=self.film, name=name, is_typed=True) for name in self.proposal.new_characters
        ]
        self.new_locations = [Location(film=self.film, name=name) for name in self.proposal.new_locations]
        self.characters |= {who.name.casefold(): who for who in self.new_characters}
        self.locations |= {place.name.casefold(): place for place in self.new_locations}
        staying = [(plan, plan.new) for plan in self.proposal.plan.scenes if plan.new is not None]
        for position, (plan, text) in enumerate(staying):
            self._write_scene(plan, text, position)

    def _write_scene(self, plan: ScenePlan[UUID], text: SceneText, position: int) -> None:
        scene = self.scenes[plan.old.id] if plan.old else Scene(film=self.film, title=title_of(text) or _("Scene"))
        if plan.old is None:
            self.new_scenes.append(scene)
        scene.position, scene.number = position, text.number[:20]
        self._write_heading(scene, plan, text)
        scene.title = text.title[:200] or scene.title
        scene.synopsis = text.synopsis or scene.synopsis
        scene.sections = [[section.level, section.text] for section in text.sections]
        if text.notes:
            scene.notes = join_notes(note.text for note in text.notes if not note.after)
        self._write_blocks(scene, plan, text)

    def _write_heading(self, scene: Scene, plan: ScenePlan[UUID], text: SceneText) -> None:
        """Take over a new heading, and the location it names; one that says the same leaves both as they are."""
        if plan.old is not None and plan.old.heading == text.heading:
            return
        scene.heading = text.heading[:300]
        if text.place.location:
            scene.location = self.locations[text.place.location.casefold()]

    def _write_blocks(self, scene: Scene, plan: ScenePlan[UUID], text: SceneText) -> None:
        after: dict[int, list[str]] = {}
        for note in text.notes:
            after.setdefault(note.after, []).append(note.text)
        staying = [(block_plan, block_plan.new) for block_plan in plan.blocks if block_plan.new is not None]
        for position, (block_plan, words) in enumerate(staying):
            block = self._block(block_plan, words)
            block.scene, block.position = scene, position
            if text.notes:
                block.notes = join_notes(after.get(position + 1, []))

    def _block(self, plan: BlockPlan[UUID], text: BlockText) -> Block:
        block = self.blocks[plan.old.id] if plan.old else Block()
        if plan.old is None:
            self.new_blocks.append(block)
        elif plan.reworded:
            block.version += 1
        if plan.old is None or plan.reworded:
            self._write_words(block, text)
        block.is_dual = text.dual
        return block

    def _write_words(self, block: Block, text: BlockText) -> None:
        block.kind, block.text = Block.Kind(text.kind), text.text
        block.character = self.characters[text.speaker.casefold()] if text.kind == "dialog" else None
        block.extension = ", ".join(text.extensions)[:60]
        block.parenthetical = text.parenthetical[:300]

    def _shelve(self) -> None:
        """Put what the screenplay leaves out on the shelf, with its material. Each keeps the place that it had."""
        plans = self.proposal.plan.scenes
        scenes = [self.scenes[plan.old.id] for plan in plans if plan.old and plan.new is None]
        blocks = [self.blocks[pk] for pk in self.proposal.gone]
        now = timezone.now()
        for row in (*scenes, *blocks):
            row.removed_at, row.shelved = now, True
        fields = ["position", "removed_at", "shelved"]
        Scene.objects.bulk_update(scenes, fields, _BATCH)
        Block.objects.bulk_update(blocks, fields, _BATCH)

    def _save_blocks(self, plans: list[BlockPlan[UUID]]) -> None:
        Block.objects.bulk_create(self.new_blocks, _BATCH)
        words = [self.blocks[plan.old.id] for plan in plans if plan.old and plan.reworded]
        places = [self.blocks[plan.old.id] for plan in plans if plan.old and not plan.reworded]
        Block.objects.bulk_update(places, ["scene", "position", "is_dual", "notes"], _BATCH)
        fields = [name.removesuffix("_id") for name in _OF_BLOCK]
        Block.objects.bulk_update(words, [*fields, "version"], _BATCH)


@transaction.atomic
def undo(revision: Revision) -> None:
    """Make the film what it was before. Raises FilmError where that would lose what somebody wrote since."""
    film = Film.objects.select_for_update().get(pk=revision.film_id)
    before = _what_it_was(revision)
    if not Revision.objects.filter(pk=revision.pk, undone_at=None).update(undone_at=timezone.now()):
        raise FilmError(_("This screenplay was undone already."))
    lock_blocks(UUID(pk) for pk in before["versions"])
    order.set_aside(film.scenes)
    Block.objects.filter(scene__film=film).update(position=F("position") + order.ASIDE)
    away = {"removed_at": timezone.now(), "shelved": True}
    Scene.objects.filter(pk__in=before["new_scenes"]).update(**away)
    for start in range(0, len(before["new_blocks"]), _BATCH):
        Block.objects.filter(pk__in=before["new_blocks"][start : start + _BATCH]).update(**away)
    _bring_back_speakers(film, before)
    places = {str(pk) for pk in film.locations.values_list("pk", flat=True)} | {None}
    scenes = [Scene(pk=UUID(pk), film=film, **values) for pk, values in before["scenes"].items()]
    for scene in scenes:
        scene.location_id = scene.location_id if scene.location_id in places else None
    blocks = [
        Block(pk=UUID(pk), version=before["versions"][pk] + 1, **values) for pk, values in before["blocks"].items()
    ]
    back = ["removed_at", "shelved"]
    Scene.everything.bulk_update(scenes, [*(name.removesuffix("_id") for name in _OF_SCENE), *back], _BATCH)
    Block.everything.bulk_update(blocks, [*(name.removesuffix("_id") for name in _OF_BLOCK), "version", *back], _BATCH)
    _put_behind(film, scenes)
    Film.objects.filter(pk=film.pk).update(title_page=before["title_page"])
    _forget_what_came(film, before)
    revision.refresh_from_db(fields=["undone_at"])


def _forget_what_came(film: Film, before: dict[str, Any]) -> None:
    """Delete the cast and locations that came with the screenplay, unless they are used or were given more."""
    speakers.forget(UUID(pk) for pk in before.get("new_characters", ()))
    places = film.locations.filter(pk__in=before.get("new_locations", ()))
    places.filter(scenes=None, description="", image="", ground_line=None).delete()


def _bring_back_speakers(film: Film, before: dict[str, Any]) -> None:
    """Make anew who spoke and was deleted since, by the name alone."""
    spoke = {block["character_id"] for block in before["blocks"].values() if block["character_id"]}
    gone = spoke - {str(pk) for pk in film.characters.values_list("pk", flat=True)}
    names = before.get("cast", {})
    film.characters.bulk_create(
        Character(pk=UUID(pk), film=film, name=names.get(pk, _("Somebody")), is_typed=True) for pk in sorted(gone)
    )


def _put_behind(film: Film, restored: list[Scene]) -> None:
    """Scenes that somebody added since stay, behind those of before."""
    known = {scene.pk for scene in restored}
    ids = list(film.scenes.order_by("position").values_list("pk", flat=True))
    order.set_order(film.scenes, sorted(ids, key=lambda pk: pk not in known))


def _what_it_was(revision: Revision) -> dict[str, Any]:
    """Return what undoing goes back to. Raises FilmError where it cannot be gone back to."""
    if revision.applied_at is None or revision.before is None:
        raise FilmError(_("This screenplay was not applied."))
    if revision.undone_at is not None:
        raise FilmError(_("This screenplay was undone already."))
    newer = Revision.objects.filter(film=revision.film_id, undone_at=None, applied_at__gt=revision.applied_at)
    if newer.exists():
        raise FilmError(_("A newer screenplay was applied since. Undo that one first."))
    before: dict[str, Any] = revision.before
    versions = before["versions"]
    now = dict(Block.objects.filter(scene__film=revision.film_id).values_list("pk", "version"))
    edited = [pk for pk, version in now.items() if versions.get(str(pk), version) != version]
    if edited:
        raise FilmError(
            _("Somebody changed %d blocks since; undoing would lose their words. Change the script by hand.")
            % len(edited)
        )
    return before
